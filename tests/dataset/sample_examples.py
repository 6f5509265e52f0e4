"""Samples and tasks written out for the tests."""

from typing import Any

from viscode.core.records import Dialogue, InstructionSample, Message, Origin, Task

ORIGIN = Origin(kind="package", name="demo", version="1.0", path="demo/mod.py", locator="f")
TASK_CODE = """import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 4))
for name, group in df.groupby("species"):
    ax.scatter(group["length"], group["width"], label=name, alpha=0.6)
ax.set_xlabel("Length (mm)")
ax.set_ylabel("Width (mm)")
ax.legend(title="Species", loc="upper left")
plt.show()
"""
TASK_CSV = "species,length,width\nadelie,39.1,18.7\ngentoo,46.1,13.2\n"


def sample(code: str, **changes: Any) -> InstructionSample:
    plain: dict[str, Any] = {
        "id": "s-1",
        "source": "files",
        "origin": ORIGIN,
        "licence": "BSD-3-Clause",
        "parent_id": "block",
        "instruction": "Create a plot.",
        "code": code,
        "libraries": ("matplotlib",),
        "image": b"png",
        "facts": "[null]",
        "method": "facts",
    }
    return InstructionSample(**(plain | changes))


def dialogue(identifier: str, *contents: str) -> Dialogue:
    messages = tuple(
        Message(role="user" if i % 2 == 0 else "assistant", content=content)
        for i, content in enumerate(contents)
    )
    return Dialogue(
        id=identifier, source="dialogues", origin=ORIGIN, licence="Apache-2.0", messages=messages
    )


def task(number: int = 7, code: str | None = TASK_CODE, data: str = TASK_CSV) -> Task:
    return Task(
        id=f"t{number}",
        number=number,
        licence="Apache-2.0",
        data_csv=data,
        code_data=None,
        code_plot=code,
        plot_description="d",
        plot_style="s",
        plots_gt=(),
    )
