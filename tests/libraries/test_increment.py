"""One more file in a hundred: what it costs to run the files' way through the pipeline again."""

import re
from pathlib import Path

import pytest

from viscode.core.records import InstructionSample, SelectedFile, SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import write_outcomes
from viscode.core.workstore import WorkStore
from viscode.corpora.folder import collect_folder
from viscode.extract.model import extract_by_model
from viscode.instruct.write import write_by_model
from viscode.libraries.mix import balance
from viscode.libraries.selection import select_identified
from viscode.llm.cached import CALL_KIND, CachedClient
from viscode.llm.clients import OpenedModel
from viscode.llm.request import Request
from viscode.llm.scripted import ScriptedClient
from viscode.settings.balance import BalanceSettings
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.extract import ExtractSettings
from viscode.settings.instruct import InstructSettings
from viscode.settings.run import RunSettings
from viscode.settings.select import SelectSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import validate

ROOT = Path(__file__).parents[2]
PARAMS = ROOT / "params.yaml"
FILE = """# number {number}
import matplotlib.pyplot as plt
heights = [{number}, 2]
plt.bar([0, 1], heights)
plt.show()
"""
IMPORTABLE = frozenset({"matplotlib"})


def cut(request: Request) -> str:
    """As a model would: the file's own lines as the block."""
    number = re.findall(r"# number (\d+)", request.messages[0].content)[-1]
    return f"```python\n{FILE.format(number=number)}```"


def describe(request: Request) -> str:
    number = re.findall(r"heights = \[(\d+), 2\]", request.messages[0].content)[-1]
    parts = ("Use Python.", "Two heights.", f"heights = [{number}, 2]", "Create bars.", "Blue.")
    return "\n".join(f"{place}. {part}" for place, part in enumerate(parts, start=1))


class Pipeline:
    """collect_files to write_instructions on a folder, with the work store of all runs."""

    def __init__(self, folder: Path, store: WorkStore) -> None:
        self.folder, self.store = folder, store
        self.extractor, self.writer = ScriptedClient(cut), ScriptedClient(describe)

    def opened(self, client: ScriptedClient) -> OpenedModel:
        return OpenedModel(CachedClient(client, self.store), "m")

    def run(self) -> tuple[int, int, int, int]:
        """(samples, runs of scripts, requests of extract, requests of instruct) so far."""
        at = self.folder
        files = load(CollectFilesSettings, PARAMS).model_copy(update={"path": str(at / "code")})
        collect_folder(files, at / "files")
        settings = load(SelectSettings, PARAMS).model_dump()
        sources = read_table(at / "files", SourceFile)
        selected = (select_identified(file, **settings) for file in sources)
        write_outcomes(selected, SelectedFile, at / "selected")
        extract = load(ExtractSettings, PARAMS).model_copy(update={"method": "model"})
        extractor = self.opened(self.extractor)
        extract_by_model(at / "selected", extract, extractor, IMPORTABLE, at / "blocks")
        balance(at / "blocks", at / "balanced", **load(BalanceSettings, PARAMS).model_dump())
        self.validate()
        instruct = load(InstructSettings, PARAMS).model_copy(update={"method": "model"})
        write_by_model(at / "validated", at / "out", instruct, self.opened(self.writer))
        samples = sum(1 for _ in read_table(at / "out", InstructionSample))
        runs = self.store.query("SELECT COUNT(*) FROM work WHERE kind != ?", (CALL_KIND,))[0][0]
        return samples, runs, len(self.extractor.asked), len(self.writer.asked)

    def validate(self) -> None:
        settings = load(ValidateSettings, PARAMS)
        places = {"python": str(ROOT / settings.python), "lock": str(ROOT / settings.lock)}
        once = {"repeat": False, "audit_share": 0.0}
        validate(
            self.folder / "balanced",
            self.folder / "validated",
            settings.model_copy(update=places | once),
            load(RunSettings, PARAMS),
            self.store,
        )


@pytest.mark.sandbox
def test_one_more_file_costs_one_run_and_one_request_each(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    for number in range(100):
        (tmp_path / "code" / f"{number}.py").write_text(FILE.format(number=number))
    with WorkStore(tmp_path / "store") as store:
        pipeline = Pipeline(tmp_path, store)
        samples, runs, cuts, texts = pipeline.run()
        assert (samples, cuts, texts) == (100, 100, 100)
        assert runs >= 100
        (tmp_path / "code" / "a first.py").write_text(FILE.format(number=100))
        assert pipeline.run() == (101, runs + 1, 101, 101)
        assert pipeline.run() == (101, runs + 1, 101, 101)
