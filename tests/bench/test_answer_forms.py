"""bench/answer_forms.py counts how programs stand in answers."""

import json

import pytest
from answer_forms import main
from bench_fixtures import GOOD, LOAD, fenced

from viscode.core.errors import UserError
from viscode.core.records import Attempt
from viscode.core.tables import write_table

ANSWERS = [
    fenced(GOOD),
    f"{GOOD}```",
    f"{GOOD}<|im_end|>",
    f"```py\n{GOOD}",
    f"{fenced(LOAD)}\n{fenced(GOOD.removeprefix(LOAD))}",
    f"{fenced(GOOD)}\n{fenced('plt.savefig(1)')}",
    "Sorry.",
]
EXPECTED = {
    "answers": 7,
    "closed": 3,
    "unclosed": 1,
    "bare": 1,
    "bare_closed": 1,
    "none": 1,
    "stop_token": 1,
    "several_blocks": 1,
    "not_last": 1,
    "other_label": 1,
    "block_before_the_last": 2,
    **dict.fromkeys(("reasoning", "draws_nothing", "no_label"), 0),
}


@pytest.fixture
def run(monkeypatch, capsys):
    """What the script prints for these arguments."""

    def printed(*arguments):
        monkeypatch.setattr("sys.argv", ["answer_forms.py", *map(str, arguments)])
        main()
        return json.loads(capsys.readouterr().out)

    return printed


def test_a_file_of_answers(run, tmp_path):
    rows = [json.dumps({"id": n, "response": text}) for n, text in enumerate(ANSWERS)]
    (tmp_path / "answers.jsonl").write_text("\n".join(rows))
    assert run(tmp_path / "answers.jsonl") == EXPECTED


def test_tables_of_attempts(run, tmp_path):
    attempts = [
        Attempt(
            id=f"{number}-0",
            task_id=str(number),
            task_number=number,
            model="m",
            library="matplotlib",
            round=0,
            protocol="isolated",
            answer=text,
            code="",
            finish="stop",
            verdict="pass",
            status="ok",
            error_type="",
            error="",
            images=(),
            facts="",
        )
        for number, text in enumerate(ANSWERS)
    ]
    write_table(tmp_path / "base" / "matplotlib", Attempt, attempts[:3])
    write_table(tmp_path / "tuned" / "plotly", Attempt, attempts[3:])
    assert run(tmp_path) == EXPECTED


def test_nothing_there_is_said(run, tmp_path):
    with pytest.raises(UserError, match="no answers here"):
        run(tmp_path)
