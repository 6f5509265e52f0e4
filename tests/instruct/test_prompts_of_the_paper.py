import pytest

from viscode.core.prompting import read_prompt


@pytest.mark.parametrize(
    ("name", "hash_", "placeholders"),
    [
        ("extract/code", "abf3cf1e423601c8045f1d9b0a51be85", ("{used_libs}", "{code}")),
        ("instruct/files", "e6867bb9dbd2e59b75d8446695b9547e", ("{code}",)),
        ("instruct/charts", "a5ccf92bdf50270f967d5d9bb0c54170", ("{code}",)),
    ],
)
def test_text_is_unchanged(name: str, hash_: str, placeholders: tuple[str, ...]) -> None:
    prompt = read_prompt(name)
    assert prompt.hash == hash_
    assert all(prompt.text.count(placeholder) == 1 for placeholder in placeholders)
