"""Writes the pages of the API reference when the site is built: one for each package of viscode."""

from pathlib import Path

import mkdocs_gen_files

PACKAGE = Path("viscode")
LEFT_OUT = ("viscode/execution/inside",)  # runs in the sandbox, imports what is there alone


def modules(folder: Path) -> list[str]:
    """Dotted names of the modules in a folder that have anything in them."""
    found = sorted(
        path for path in folder.glob("*.py") if path.name != "__init__.py" and path.stat().st_size
    )
    return [".".join(path.with_suffix("").parts) for path in found]


def page(name: str, names: list[str]) -> None:
    """One page with the members of its modules."""
    with mkdocs_gen_files.open(f"reference/{name}.md", "w") as out:
        out.write(f"# {name}\n\n" + "".join(f"::: {module}\n\n" for module in names))


folders = [
    path
    for path in sorted(PACKAGE.rglob("*"))
    if path.is_dir() and modules(path) and not str(path).startswith(LEFT_OUT)
]
pages = [("viscode", modules(PACKAGE))]
pages += [(".".join(folder.parts), modules(folder)) for folder in folders]
for name, names in pages:
    page(name, names)
with mkdocs_gen_files.open("reference/index.md", "w") as out:
    out.write(
        "# API reference\n\nBy package; names that begin with an underscore are left out.\n\n"
    )
    for name, names in pages:
        out.write(f"- [{name}]({name}.md): {', '.join(n.rpartition('.')[2] for n in names)}\n")
