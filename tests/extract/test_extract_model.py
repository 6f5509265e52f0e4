"""Files -> requests, answers -> blocks; every outcome of both, and the whole stage once."""

from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.prompting import read_prompt
from viscode.core.records import Block, Origin, SelectedFile
from viscode.core.tables import read_table, write_table
from viscode.core.transform import read_outcomes
from viscode.core.workstore import WorkStore
from viscode.extract.model import (
    Asking,
    ModelExtractReason,
    extract_by_model,
    read_answer,
)
from viscode.extract.static import ExtractReason
from viscode.llm.asking import AskAgain
from viscode.llm.budget import Budget, Tariff
from viscode.llm.cached import CachedClient
from viscode.llm.clients import OpenedModel
from viscode.llm.outcome import Answer
from viscode.llm.request import Request
from viscode.llm.scripted import ScriptedClient
from viscode.settings.base import load
from viscode.settings.extract import ExtractSettings
from viscode.settings.llm import LlmSettings

IMPORTABLE = frozenset({"matplotlib", "numpy", "pandas", "seaborn"})
CODE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
OTHER = "import matplotlib.pyplot as plt\nplt.bar([1], [2])\n"
FENCED = f"```python\n{CODE}```"
SETTINGS = ExtractSettings(
    method="model",
    allow=["as_is", "sliced", "supplied"],
    client="openai",
    model="m",
    temperature=0.5,
    max_prompt_tokens=10_000,
    max_new_tokens=99,
    samples=2,
    secrets="redact",
)
MAIL = "# by jane@host.org and joe@host.org\n"

KEPT = {
    "one block": (FENCED, CODE),
    "no label": (f"```\n{CODE}```", CODE),
    "prose around the block": (f"Sure, here:\n\n{FENCED}\n\nIt plots a line.", CODE),
    "block in a list, indented": (
        "1. Run:\n   ```py\n   import pylab\n   pylab.plot([1])\n   ```\n",
        "import pylab\npylab.plot([1])\n",
    ),
    "Windows line ends": (FENCED.replace("\n", "\r\n"), CODE),
    "fence never closed": (f"```python\n{CODE}", CODE),
    "fence closed behind code": (f"```python\n{CODE.rstrip()}```", CODE),
    "no fence": (f"\n{CODE}\n", CODE),
    "only one of two blocks draws": (f"```bash\npip install matplotlib\n```\n{FENCED}", CODE),
    "a null beside the block": (f"```\nnull\n```\n{FENCED}", CODE),
    "the same block twice": (f"{FENCED}\nAgain:\n{FENCED}", CODE),
    "closes its figure": (f"```python\n{CODE}plt.close()\n```", f"{CODE}plt.close()\n"),
    "placeholder of the screen": (
        f"```python\n{CODE}key = 'REDACTED_KEY'\n```",
        f"{CODE}key = 'REDACTED_KEY'\n",
    ),
}
NULLS = [
    "```null```\n\nIt is never used.",
    *["null", "NULL", "Null.", '"null"', "'null'.", " \n`null`\n", '"null."', "```null```"],
    *["```\nnull\n```", '```python\n"null"\n```', "```text\nNull.\n```", "**null**"],
    *["null\n\nThe library is imported but never used.", "It is never used, so:\n\n`null`"],
    *["The library is never used.\n```\nnull\n```\n", "```\nnull\n```\n```\n'null'\n```"],
]
AGAIN = {
    ModelExtractReason.NO_CODE: {
        "I cannot help with that.": "I cannot help with that.",
        "": "",
        "Sorry": "Sorry",
        "The result is null and void.": "The result is null and void.",
        "Use ```plt.plot([1])``` here.\nOr not.": "Use ```plt.plot([1])``` here.\nOr not.",
        "import numpy\nnumpy.ones(1)": "import numpy\nnumpy.ones(1)",
        CODE + "plt.plot(": CODE + "plt.plot(",
    },
    ModelExtractReason.SEVERAL_BLOCKS: {
        f"{FENCED}\nor\n```python\n{OTHER}```": "2 blocks, 2 of them draw",
        "```python\nimport numpy\n```\n```python\nx = (\n```": "2 blocks, 0 of them draw",
        "```\nnull\n```\n```python\nx = 1\n```": "2 blocks, 0 of them draw",
    },
    ModelExtractReason.DOES_NOT_PARSE: {
        "```python\nplt.plot(\n```": "line 1: '(' was never closed",
        f"```python\n%matplotlib inline\n{CODE}```": "line 1: invalid syntax",
    },
    ModelExtractReason.PLACEHOLDER: {
        "```python\n...\n```": "...",
        "```python\n# your code here\n```": "# your code here",
        "```python\n```": "",
        '```python\n"""Code."""\npass\n```': '"""Code."""\npass',
    },
    ModelExtractReason.LOST_PLOT: {
        "```python\nimport numpy as np\nprint(np.ones(2))\n```": "draws with nothing",
        "```python\nimport matplotlib.pyplot as plt\n```": "draws with nothing",
        "```python\nimport matplotlib.pyplot as plt\ndef f():\n    plt.plot([1])\n```": (
            "draws with nothing"
        ),
        "```python\nimport seaborn as sns\nsns.histplot([1])\n```": "draws with seaborn",
    },
}
AGAIN_CASES = [(reason, *pair) for reason, pairs in AGAIN.items() for pair in pairs.items()]


def selected(text: str, libraries: tuple[str, ...] = ("matplotlib",)) -> SelectedFile:
    return SelectedFile(
        id=content_id(text),
        source="files",
        licence="BSD-3-Clause",
        text=text,
        origin=Origin(kind="package", name="scipy", version="1", path="a.py"),
        libraries=libraries,
    )


def asking(**changes: object) -> Asking:
    client = ScriptedClient(lambda request: FENCED)
    settings = SETTINGS.model_copy(update=changes)
    return Asking(settings, client, "served:m", read_prompt("extract/code"))


def asked(file: SelectedFile, sample: int = 0, **changes: object) -> Request:
    request = asking(**changes).request_of(file, sample)
    assert isinstance(request, Request)
    return request


def read(text: str, file: SelectedFile | None = None) -> Kept[Block] | Rejected | AskAgain:
    answer = Answer(text=text, finish="stop", prompt_tokens=1, new_tokens=1)
    return read_answer(file or selected(CODE), answer, IMPORTABLE | {"pylab"})


def test_the_prompt_is_the_file_with_two_fields_replaced() -> None:
    text = "x = {'{code}': '{used_libs}', 'a': {}}\nprint(f'{x}', '\\\\1 {0}')\n"
    request = asked(selected(text, ("matplotlib", "seaborn")))
    stored = Path("viscode/prompts/extract/code.txt").read_text(encoding="utf-8").rstrip("\n")
    head, middle = stored.removesuffix("{code}").split("{used_libs}")
    (message,) = request.messages
    assert message.role == "user"
    assert message.content == head + "matplotlib, seaborn" + middle + text


def test_a_request_says_how_it_is_sampled() -> None:
    request = asked(selected(CODE))
    assert (request.model, request.purpose, request.sample) == ("served:m", "extract", 0)
    sampling = request.sampling
    assert (sampling.temperature, sampling.max_new_tokens, sampling.stop) == (0.5, 99, "end")


def test_a_second_sample_has_a_key_of_its_own() -> None:
    first, second = asked(selected(CODE), 0), asked(selected(CODE), 1)
    assert first.messages == second.messages
    assert first.key != second.key


def test_a_byte_order_mark_is_not_sent() -> None:
    assert asked(selected("\ufeff" + CODE)) == asked(selected(CODE))


def test_what_is_screened_is_not_sent_and_counted_once_a_file() -> None:
    stage = asking()
    for sample in (0, 1):
        request = stage.request_of(selected(MAIL + CODE), sample)
        assert isinstance(request, Request)
        assert "host.org" not in request.messages[0].content
        assert "# by name@example.com and name@example.com\n" in request.messages[0].content
    assert stage.redacted == {"email": 2}


def test_a_file_with_secrets_is_rejected_where_settings_say_so() -> None:
    stage = asking(secrets="reject")
    rejected = stage.request_of(selected(MAIL + CODE + "a = '10.1.2.3'"), 0)
    assert rejected == Rejected(ModelExtractReason.HOLDS_SECRETS, "email 2, ipv4 1")
    assert isinstance(stage.request_of(selected(CODE), 0), Request)
    assert not stage.redacted


def test_a_prompt_that_is_too_long_is_not_sent() -> None:
    file = selected(MAIL + CODE)
    tokens = ScriptedClient(str).prompt_tokens(asked(file).messages)
    stage = asking(max_prompt_tokens=tokens - 1)
    rejected = stage.request_of(file, 0)
    assert rejected == Rejected(ModelExtractReason.PROMPT_TOO_LONG, f"{tokens} tokens")
    assert not stage.redacted
    assert asked(file, max_prompt_tokens=tokens)


@pytest.mark.parametrize(("answer", "code"), KEPT.values(), ids=KEPT)
def test_an_answer_with_one_drawing_becomes_a_block(answer: str, code: str) -> None:
    file = selected(CODE)
    result = read(answer, file)
    assert isinstance(result, Kept), result
    (block,) = result.records
    assert (block.code, block.method, block.parent_id) == (code, "model", file.id)
    assert block.id == content_id("model", file.id, code)
    assert (block.origin, block.licence, block.source) == (file.origin, file.licence, "files")
    assert block.libraries == ("matplotlib",)


def test_libraries_are_those_that_the_new_code_draws_with() -> None:
    code = f"{CODE}import seaborn as sns\nsns.histplot([1])\nimport pandas as pd\n"
    result = read(f"```python\n{code}```", selected(CODE, ("matplotlib", "pandas")))
    assert isinstance(result, Kept)
    assert result.records[0].libraries == ("matplotlib", "seaborn")


@pytest.mark.parametrize("answer", NULLS)
def test_null_is_a_verdict(answer: str) -> None:
    assert read(answer) == Rejected(ModelExtractReason.NULL)


@pytest.mark.parametrize(
    ("reason", "answer", "detail"), AGAIN_CASES, ids=[c[1][:40] for c in AGAIN_CASES]
)
def test_an_answer_of_no_use_is_asked_for_again(
    reason: ModelExtractReason, answer: str, detail: str
) -> None:
    assert read(answer) == AskAgain(Rejected(reason, detail))


def test_a_module_that_is_not_there_is_a_verdict() -> None:
    result = read(f"```python\nimport cupy\n{CODE}```")
    assert result == Rejected(ExtractReason.NEEDS_MODULE, "cupy")


def test_every_reason_is_tested() -> None:
    sending = {ModelExtractReason.HOLDS_SECRETS, ModelExtractReason.PROMPT_TOO_LONG}
    assert {*AGAIN, *sending, ModelExtractReason.NULL} == set(ModelExtractReason)


def llm_settings(**changes: object) -> LlmSettings:
    return load(LlmSettings, Path(__file__).parents[2] / "params.yaml").model_copy(update=changes)


def test_a_stage_over_its_budget_sends_nothing(tmp_path: Path) -> None:
    client, settings = ScriptedClient(lambda _: FENCED), llm_settings(budget_usd=0.00001)
    write_table(tmp_path / "in", SelectedFile, [selected(CODE)])
    budget = Budget(settings, Tariff(1.0, 1.0, "test"), "model m")
    with WorkStore(tmp_path / "work.sqlite") as store:
        opened = OpenedModel(CachedClient(client, store), "served:m", budget)
        with pytest.raises(UserError, match="nothing was sent"):
            extract_by_model(tmp_path / "in", SETTINGS, opened, IMPORTABLE, tmp_path / "out")
    assert client.asked == []
    assert not (tmp_path / "out").exists()


def test_the_stage_asks_again_and_counts(tmp_path: Path) -> None:
    replies = {"first": [FENCED], "second": ["Sorry.", f"```python\n{OTHER}```"], "none": ["null"]}
    replies["never"] = ["Sorry.", "No."]

    def reply(request: Request) -> str:
        (name,) = (name for name in replies if f"# {name}\n" in request.messages[0].content)
        return replies[name][request.sample]

    client = ScriptedClient(reply)
    files = [selected(f"# {name}\n{MAIL}{CODE}") for name in replies]
    write_table(tmp_path / "in", SelectedFile, files)
    out = tmp_path / "out"
    with WorkStore(tmp_path / "work.sqlite") as store:
        opened = OpenedModel(CachedClient(client, store), "served:m")
        metrics = extract_by_model(tmp_path / "in", SETTINGS, opened, IMPORTABLE, out)
    assert metrics == {
        "in": 4,
        "kept": 2,
        "records": 2,
        "rejected": {"no_code": 1, "null": 1},
        "libraries": {"matplotlib": 2},
        "redacted": {"email": 8},
        "asked": 4,
    }
    assert {block.code for block in read_table(out, Block)} == {CODE, OTHER}
    assert {outcome.id for outcome in read_outcomes(out)} == {file.id for file in files}
    assert sorted(request.sample for request in client.asked) == [0, 0, 0, 0, 1, 1]
