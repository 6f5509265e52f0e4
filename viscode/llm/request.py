"""What is asked of a model, and the key under which the answer is kept.

The key covers exactly what determines the answer: which model (for local weights a hash of their
content), the messages, the sampling parameters and the number of the sample. How it is asked
(retries, concurrency, batch size, threads, time limits) and what for is not part of it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from viscode.core.errors import UserError
from viscode.core.hashing import canonical_json, digest, files_digest
from viscode.core.records import Message, Record

KEY_VERSION = 1  # raised when a change of ours would change answers to an unchanged request
MODEL_FILES = (
    "*.safetensors",
    "config.json",
    "generation_config.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template*",
)  # what answers depend on; training logs and optimizer states lie beside them
Purpose = Literal["bench", "extract", "instruct", "judge"]
Template = Literal["native", "llama3"]
LLAMA3_TURN = "<|start_header_id|>{role}<|end_header_id|>\n\n"
LLAMA3_END = "<|eot_id|>"


class Sampling(Record):
    """How tokens are chosen. `stop` "python_block" ends the answer with the fence that closes its
    first Python block, "end" where the model ends it. `top_p` 1 means all tokens."""

    temperature: Annotated[float, Field(ge=0.0)]
    max_new_tokens: Annotated[int, Field(ge=1)]
    stop: Literal["end", "python_block"]
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0


class Request(Record):
    """One model call. `model` is the model's identity (see `local_identity`, `served_identity`);
    `sample` tells repeated draws of the same prompt apart; `purpose` decides which answers count
    as final, not what they are. `images` (PNG bytes) follow the last message's text. `template`
    says how the messages become one string, where the model gets one: by its own chat template, or
    by Llama-3's, as the published benchmark has it."""

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    purpose: Purpose
    sample: int = 0
    images: tuple[bytes, ...] = ()
    template: Template = "native"

    @property
    def key(self) -> str:
        """Work-store key: the digest of `key_parts`."""
        return digest(canonical_json(self.key_parts()))

    def key_parts(self) -> dict[str, object]:
        """Everything that the key covers, by name; images by their digest. What came later than
        the first keys stands in it only where it is not the default, so that old answers serve."""
        images = {"images": [digest(image) for image in self.images]} if self.images else {}
        template = {"template": self.template} if self.template != "native" else {}
        unset = {"top_p"} if self.sampling.top_p == 1.0 else set()
        return {
            **images,
            **template,
            "version": KEY_VERSION,
            "model": self.model,
            "messages": [message.model_dump() for message in self.messages],
            "sampling": self.sampling.model_dump(exclude=unset),
            "sample": self.sample,
        }


def llama3(messages: Sequence[Message]) -> str:
    """The dialogue as one string, up to where the assistant's answer begins.

    It is the string that the published PandasPlotBench harness sends every open model, Qwen
    included: Llama-3's headers, without its begin-of-text token (a Llama tokenizer puts that there
    itself). Other models' tokenizers see the headers as ordinary text.
    """
    turns = [
        LLAMA3_TURN.format(role=message.role) + message.content + LLAMA3_END for message in messages
    ]
    return "".join([*turns, LLAMA3_TURN.format(role="assistant")])


def served_identity(name: str) -> str:
    """Identity of a hosted or served model: its name, wherever it is served."""
    return f"served:{name}"


def local_identity(folder: Path) -> str:
    """Identity of local weights: a hash of weights, configuration, tokenizer and chat template, or
    of the GGUF file that holds all of them.

    Raises:
        UserError: the folder holds no safetensors weights.
    """
    if folder.suffix == ".gguf" and folder.is_file():
        return f"local:{files_digest({folder})}"
    files = {path for pattern in MODEL_FILES for path in folder.glob(pattern) if path.is_file()}
    if not any(path.suffix == ".safetensors" for path in files):
        raise UserError(
            "no safetensors weights",
            where=str(folder),
            todo="run the stage that makes the model: dvc repro collect_model train",
        )
    return f"local:{files_digest(files)}"
