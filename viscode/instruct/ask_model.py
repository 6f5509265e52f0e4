"""Method `model` of write_instructions: a language model writes the components from code and
image (paper 3.1; Appendix A's two prompts, word for word, in one message with the image).

An answer is taken only when its parts are those asked for, the plot description begins as asked,
plot and style name no library and no function, and the data-generation lines stand in the code.
Otherwise the model is asked again, and the record is rejected with the last answer's reason. Only
the form is corrected: headings and fences are taken off, empty lines dropped, and the copied lines
are replaced by the code's own text. The data part of charts is our preview of the CSV.

Code with secrets or personal data is not sent but rejected: instruction and code must agree, so
nothing can be redacted in one of them. Code that a model extracted was screened before.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from viscode.core.outcomes import Kept, Rejected
from viscode.core.prompting import Prompt, read_prompt
from viscode.core.records import InstructionSample, Message, SourceName, ValidatedBlock
from viscode.execution.facts import as_list
from viscode.extract.screen import screen
from viscode.instruct.answer import PART_LABELS, copied_lines, is_whole, split_parts
from viscode.instruct.csv_data import preview_rows
from viscode.instruct.mockdata import data_lines
from viscode.instruct.naming import named
from viscode.instruct.sample import (
    MOCK_DATA,
    InstructReason,
    assemble,
    preview_sentence,
    sample_of,
    shown_image,
)
from viscode.llm.asking import AskAgain, verdicts
from viscode.llm.client import Client
from viscode.llm.outcome import Answer
from viscode.llm.request import Request, Sampling
from viscode.settings.instruct import InstructSettings
from viscode.text.markdown import read_blocks

CHART_LABELS = tuple(label for label in PART_LABELS if label != "Data Generation")
BEGINNING = re.compile(r"(?:Generate|Create)\b")
NO_LINES = re.compile(
    r"\W*(?:none|n/?a|not applicable|no data\b.*|no mock data\b.*|there (?:is|are) no .*)\W*",
    re.IGNORECASE,
)


class InstructionWriter:
    """Asks for instructions and reads them; `identity` is the model's in every request."""

    def __init__(self, settings: InstructSettings, identity: str) -> None:
        self.settings, self.identity = settings, identity

    def verdicts(
        self, blocks: Iterable[ValidatedBlock], client: Client
    ) -> Iterator[tuple[str, Kept[InstructionSample] | Rejected]]:
        """Each block's id with what became of it."""
        samples = self.settings.samples
        return verdicts(blocks, client, self.request_of, self.read_answer, samples)

    def request_of(self, block: ValidatedBlock, sample: int) -> Request | Rejected:
        """The prompt with the block's code and the image that stands for it, or why there is
        nothing to ask."""
        if not block.images:
            return Rejected(InstructReason.NO_IMAGE, "the block has no image")
        if block.source == "charts" and not block.data_csv.strip():
            return Rejected(InstructReason.NO_DATA, "the chart has no CSV")
        if found := screen(block.code).found:
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(found.items()))
            return Rejected(InstructReason.HOLDS_SECRETS, kinds)
        try:
            image = block.images[_image_of(block)]
        except ValueError:
            return Rejected(InstructReason.MALFORMED_FACTS, block.facts)
        text = prompt_of(block.source).filled(code=block.code)
        return Request(
            model=self.identity,
            messages=(Message(role="user", content=text),),
            sampling=Sampling(
                temperature=self.settings.temperature,
                max_new_tokens=self.settings.max_new_tokens,
                stop="end",
            ),
            purpose="instruct",
            sample=sample,
            images=(image,),
        )

    def read_answer(
        self, block: ValidatedBlock, answer: Answer
    ) -> Kept[InstructionSample] | Rejected | AskAgain:
        """The sample that an answer makes, or why it makes none."""
        text = read_instruction(block, answer.text, self.settings.preview_rows)
        if isinstance(text, Rejected):
            return AskAgain(text)
        prompt = prompt_of(block.source)
        image, method = _image_of(block), self.settings.method
        return Kept([sample_of(block, text, image, method, prompt.hash)])


@cache
def prompt_of(source: SourceName) -> Prompt:
    """The source's prompt of Appendix A."""
    return read_prompt("instruct/charts") if source == "charts" else read_prompt("instruct/files")


def read_instruction(block: ValidatedBlock, text: str, rows: int) -> str | Rejected:
    """The instruction from an answer's parts; `rows` of the CSV are shown for charts."""
    charts = block.source == "charts"
    split = split_parts(text, CHART_LABELS if charts else PART_LABELS, block.code)
    if split is None:
        return Rejected(InstructReason.WRONG_PARTS, text)
    setup, about, *copied, plot, style = split
    prose = [_prose(part) for part in (plot, setup, about, style)]
    if not all(prose):
        return Rejected(InstructReason.WRONG_PARTS, text)
    plot, setup, about, style = prose
    if not BEGINNING.match(plot):
        return Rejected(InstructReason.WRONG_BEGINNING, plot)
    if names := named(f"{plot}\n{style}", block.code):
        return Rejected(InstructReason.NAMES_LIBRARY, ", ".join(names))
    data = _copied(block.code, copied[0]) if copied else preview_rows(block.data_csv, rows)[0]
    if isinstance(data, Rejected):
        return data
    shown = preview_sentence(preview_rows(block.data_csv, rows)[1]) if charts else MOCK_DATA
    return assemble(plot=plot, setup=setup, about=about, introduction=shown, data=data, style=style)


def _image_of(block: ValidatedBlock) -> int:
    """Index of the image that the model sees and the sample carries.

    Raises:
        ValueError: the facts cannot be read.
    """
    return shown_image(as_list(block.facts))


def _prose(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())


def _copied(code: str, copy: str) -> str | Rejected:
    """The code's own text of the copied lines. "None" is believed, as "", where our own search
    finds no data lines either."""
    blocks = read_blocks(copy)
    text = ("\n".join(block.code.rstrip("\n") for block in blocks) if blocks else copy).strip()
    if not text:
        return Rejected(InstructReason.WRONG_PARTS, copy)
    data = copied_lines(text, code)
    if data is None and NO_LINES.fullmatch(text) and not data_lines(code):
        return ""
    if data is None:
        return Rejected(InstructReason.DATA_NOT_VERBATIM, text)
    return Rejected(InstructReason.DATA_IS_WHOLE_CODE) if is_whole(data, code) else data
