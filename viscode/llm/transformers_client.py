"""A local model, a folder or a GGUF file, generated in-process with transformers.

Prompts are sorted by length and generated in batches of a fixed size with left padding. The order
and so the make-up of the batches depends on the requests alone, and whole batches are handed on
at once: a run that resumes after a kill forms the same remaining batches. In float32 on a CPU a
row does not depend on its neighbours beyond rounding (a tie of two logits could still break
differently). Nothing is loaded before the first prompt that must be measured or answered.

The model's own generation defaults are not used (a repetition penalty there would change what
temperature 0 means); only its end-of-text tokens are.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.hashing import digest
from viscode.core.records import Message
from viscode.llm.outcome import Answer, ModelOutcome, settled
from viscode.llm.pace import Pace
from viscode.llm.request import Request, Sampling, llama3
from viscode.llm.streaming import WANTS_MANY
from viscode.models.base_check import check_template, load_tokenizer
from viscode.models.gguf import load_gguf
from viscode.text.markdown import python_block_end


class TransformersClient:
    """A model in a local folder (safetensors, tokenizer, chat template) or GGUF file. It reads no
    images."""

    ready_limit = WANTS_MANY

    def __init__(self, folder: Path, batch_size: int, threads: int) -> None:
        self.folder = folder
        self.batch_size = batch_size
        self.threads = threads
        self._pace = Pace()
        self._stopped = False

    def stop(self) -> None:
        """Begin no further batch."""
        self._stopped = True

    def under_way(self) -> str:
        return self._pace.text()

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return len(self._tokenizer(self._rendered(messages), add_special_tokens=False).input_ids)

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        requests, self._stopped = list(requests), False
        if any(request.images for request in requests):
            raise UserError(
                "a model with client: transformers reads no images",
                where=str(self.folder),
                todo="use client: openai with a model that does, or instruct.method: facts",
            )
        lengths = {request.key: len(self._tokens(request)) for request in requests}
        ordered = sorted(requests, key=lambda r: (_group(r.sampling), -lengths[r.key], r.key))
        for _, group in itertools.groupby(ordered, key=lambda r: _group(r.sampling)):
            members = list(group)
            for start in range(0, len(members), self.batch_size):
                if self._stopped:
                    return
                yield from self._answered(members[start : start + self.batch_size])

    @functools.cached_property
    def _tokenizer(self) -> Any:
        tokenizer = load_tokenizer(self._present())
        check_template(tokenizer, str(self.folder))
        tokenizer.padding_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    @functools.cached_property
    def _model(self) -> Any:
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # stages have a line of their own
        torch.set_num_threads(self.threads)
        on_gpu = torch.cuda.is_available()
        if self._present().is_file():
            model, _ = load_gguf(self.folder)
        else:
            dtype = "auto" if on_gpu else torch.float32
            model = AutoModelForCausalLM.from_pretrained(
                self.folder, local_files_only=True, dtype=dtype
            )
        return model.to("cuda" if on_gpu else "cpu").eval()

    def _present(self) -> Path:
        """The folder or GGUF file, which is there."""
        is_gguf = self.folder.suffix == ".gguf" and self.folder.is_file()
        if not is_gguf and not (self.folder / "config.json").is_file():
            raise UserError(
                "no model here (config.json is missing)",
                where=str(self.folder),
                todo="correct models.NAME.model in params.yaml, or: dvc repro",
            )
        return self.folder

    def _tokens(self, request: Request) -> list[int]:
        """The prompt. A text that the model's own template did not make begins as the tokenizer has
        texts begin."""
        if request.template == "llama3":
            text, special = llama3(request.messages), True
        else:
            text, special = self._rendered(request.messages), False
        tokens: list[int] = self._tokenizer(text, add_special_tokens=special).input_ids
        return tokens

    def _rendered(self, messages: Sequence[Message]) -> str:
        chat = [message.model_dump() for message in messages]
        text: str = self._tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=True
        )
        return text

    def _answered(self, batch: Sequence[Request]) -> list[tuple[Request, ModelOutcome]]:
        prompts = {"input_ids": [self._tokens(request) for request in batch]}
        inputs = self._tokenizer.pad(prompts, return_tensors="pt")
        generated = self._generate(inputs, batch)
        prompt_lengths = inputs.attention_mask.sum(dim=1).tolist()
        return [
            (request, settled(request, self._answer(row, length)))
            for request, row, length in zip(batch, generated, prompt_lengths, strict=True)
        ]

    def _generate(self, inputs: Any, batch: Sequence[Request]) -> list[list[int]]:
        import torch
        from transformers import GenerationConfig

        sampling, width = batch[0].sampling, inputs.input_ids.shape[1]
        config = GenerationConfig(
            max_new_tokens=sampling.max_new_tokens,
            do_sample=sampling.temperature > 0,
            **(_warm(sampling) if sampling.temperature > 0 else {}),
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=sorted(self._ends),
        )
        torch.manual_seed(int(digest(*(request.key for request in batch))[:15], 16))
        model = self._model  # loaded before the batch begins
        self._pace.begin(len(batch), sampling.max_new_tokens)
        try:
            with torch.inference_mode():
                output = model.generate(
                    **inputs.to(model.device),
                    generation_config=config,
                    stopping_criteria=self._stopping(sampling, width),
                )
        finally:
            self._pace.end()
        rows: list[list[int]] = output[:, width:].tolist()
        return rows

    @functools.cached_property
    def _ends(self) -> set[int]:
        own = self._model.generation_config.eos_token_id
        ends = set(own) if isinstance(own, list) else {own}
        return {end for end in (*ends, self._tokenizer.eos_token_id) if end is not None}

    def _stopping(self, sampling: Sampling, width: int) -> Any:
        from transformers import StoppingCriteriaList

        marks = self._marks if sampling.stop == "python_block" else frozenset()
        return StoppingCriteriaList([_each_step(self._pace, self._tokenizer, width, marks)])

    @functools.cached_property
    def _marks(self) -> frozenset[int]:
        """Tokens that hold a fence's marks: only after one of them can a block have been closed."""
        tokens = range(len(self._tokenizer))
        texts = self._tokenizer.batch_decode([[token] for token in tokens])
        pairs = zip(tokens, texts, strict=True)
        return frozenset(token for token, text in pairs if "`" in text or "~" in text)

    def _answer(self, row: list[int], prompt_tokens: int) -> Answer:
        """The answer in one row of generated tokens, which ends in padding when it ended early.

        The stop rule pads a row that it ended, and the padding token may itself be an end token,
        so the text's closed block (see `settled`) outweighs a missing end token.
        """
        ended = next((place for place, token in enumerate(row) if token in self._ends), None)
        tokens = row if ended is None else row[:ended]
        pad = self._tokenizer.pad_token_id
        while tokens and tokens[-1] == pad:
            tokens = tokens[:-1]
        text = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return Answer(
            text=text,
            finish="length" if ended is None else "stop",
            prompt_tokens=prompt_tokens,
            new_tokens=len(tokens),
        )


def _warm(sampling: Sampling) -> dict[str, float]:
    return {"temperature": sampling.temperature, "top_p": sampling.top_p}


def _group(sampling: Sampling) -> tuple[float, float, int, str]:
    return (sampling.temperature, sampling.top_p, sampling.max_new_tokens, sampling.stop)


def _each_step(pace: Pace, tokenizer: Any, width: int, marks: frozenset[int]) -> Any:
    """A stopping criterion that counts every step of a batch for the progress line. A row ends once
    its first Python block has been closed, which only a token of `marks` can do."""
    import torch
    from transformers import StoppingCriteria

    def closed(row: list[int]) -> bool:
        return python_block_end(tokenizer.decode(row, skip_special_tokens=True)) is not None

    class EachStep(StoppingCriteria):  # type: ignore[misc, unused-ignore]
        def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
            pace.step(int((input_ids[:, -1] != tokenizer.pad_token_id).sum()))
            last = zip(input_ids[:, -1].tolist(), input_ids, strict=True)
            ended = [token in marks and closed(row[width:].tolist()) for token, row in last]
            return torch.tensor(ended, dtype=torch.bool, device=input_ids.device)

    return EachStep()
