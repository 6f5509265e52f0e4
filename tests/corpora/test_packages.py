"""What is known of an installed package from its folder alone."""

from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

import pytest

from viscode.core.errors import UserError
from viscode.corpora.files import (
    installed,
    module_name,
    site_packages,
    source_files,
    stated_licence,
)


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT\nLicense: other", "MIT"),
        ("License: BSD-3-Clause", "BSD-3-Clause"),
        (
            "License: Copyright\n    all of it\nClassifier: License :: OSI Approved :: BSD License",
            "BSD License",
        ),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        (f"License: {'long ' * 30}", "unknown"),
        ("Classifier: Programming Language :: Python", "unknown"),
    ],
)
def test_the_licence_is_the_most_exact_field(metadata: str, licence: str) -> None:
    assert stated_licence(HeaderParser().parsestr(metadata)) == licence


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/b.py", "a.b"), ("a/__init__.py", "a"), ("single.py", "single")],
)
def test_module_names(path: str, name: str) -> None:
    assert module_name(PurePosixPath(path)) == name


def test_one_distribution_may_own_several_packages_and_single_modules(tmp_path: Path) -> None:
    info = tmp_path / "dist_x-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: dist-x\nVersion: 1.0\nLicense: MIT\n\nLicense: no\n")
    (info / "RECORD").write_text("one/__init__.py,sha256=x,1\ntwo.py,,\none/data.txt,,\n")
    (tmp_path / "two.py").touch()
    for name in ("__init__.py", "z.py", "tests/test_z.py", "testing/__init__.py", "a/b.py"):
        (tmp_path / "one" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "one" / name).touch()
    one, two = installed(tmp_path, ["two", "one", "two"])
    assert (one.import_name, one.distribution, one.version, one.licence) == (
        "one",
        "dist-x",
        "1.0",
        "MIT",
    )
    assert list(map(str, source_files(tmp_path, two))) == ["two.py"]
    found = list(map(str, source_files(tmp_path, one)))
    assert found == ["one/__init__.py", "one/a/b.py", "one/z.py"]


def test_what_is_not_installed_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"package seaborn is not installed.*make repro"):
        installed(tmp_path, ["seaborn"])
    with pytest.raises(UserError, match=r"no lib/python3\*/site-packages.*validate\.python"):
        site_packages(tmp_path / "bin" / "python")
