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
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.hashing import digest
from viscode.core.records import Message
from viscode.llm.client import WANTS_MANY, Client, Outcomes
from viscode.llm.outcome import Answer, ModelOutcome, settled
from viscode.llm.request import Request, Sampling, llama3
from viscode.models.base_check import load_tokenizer, readable
from viscode.models.loading import load_model
from viscode.text.markdown import python_block_end

GROWTH = 256  # tokens for which the cache of keys and values makes room at once
MODEL_REMEDY = "correct models.NAME.model in params.yaml, or: dvc repro"


class Pace:
    """How fast a batch is written, in words for the progress line: its answers end together,
    minutes apart on a laptop. One thread counts, another one may read."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said = ""

    def begin(self, prompts: int, most: int) -> None:
        """A batch of so many prompts begins, of at most `most` tokens an answer."""
        self._most, self._began = most, self._clock()
        self._steps = self._tokens = 0
        self._said = f"reading {prompts} prompt{'s' * (prompts != 1)}"

    def step(self, tokens: int) -> None:
        """Each answer that has not ended has one token more, which makes `tokens`."""
        self._steps += 1
        self._tokens += tokens
        if (seconds := self._clock() - self._began) > 0:
            rate = self._tokens / seconds
            self._said = f"{rate:.1f} tokens/s, token {self._steps} of {self._most}"

    def end(self) -> None:
        self._said = ""

    def text(self) -> str:
        """E.g. "42.1 tokens/s, token 96 of 160"; "" between batches."""
        return self._said


class TransformersClient(Client):
    """A model in a local folder (safetensors, tokenizer, chat template) or GGUF file. It reads no
    images."""

    ready_limit = WANTS_MANY

    def __init__(self, folder: Path, batch_size: int, threads: int) -> None:
        self.folder = folder
        self.batch_size = batch_size
        self.threads = threads
        self._pace = Pace()

    def under_way(self) -> str:
        return self._pace.text()

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return len(self._tokenizer(self._rendered(messages), add_special_tokens=False).input_ids)

    def complete(self, requests: Iterable[Request]) -> Outcomes:
        """As `Client.complete`; after `stop` no further batch begins."""
        requests, self.stopped = list(requests), False
        if any(request.images for request in requests):
            raise UserError(
                "a model with client: transformers reads no images",
                where=str(self.folder),
                todo="use client: openai with a model that does, or instruct.method: facts",
            )
        lengths = {request.key: len(self._tokens(request)) for request in requests}
        ordered = sorted(requests, key=lambda r: (_group(r), -lengths[r.key], r.key))
        for _, group in itertools.groupby(ordered, key=_group):
            members = list(group)
            for start in range(0, len(members), self.batch_size):
                if self.stopped:
                    return
                yield from self._answered(members[start : start + self.batch_size])

    @functools.cached_property
    def _tokenizer(self) -> Any:
        tokenizer = load_tokenizer(self.folder, MODEL_REMEDY)
        tokenizer.padding_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    @functools.cached_property
    def _model(self) -> Any:
        import torch
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # stages have a line of their own
        torch.set_num_threads(self.threads)
        on_gpu = torch.cuda.is_available()
        with readable(self.folder, todo=MODEL_REMEDY):
            model = load_model(self.folder, "auto" if on_gpu else torch.float32)
        return model.to("cuda" if on_gpu else "cpu").eval()

    def _tokens(self, request: Request) -> list[int]:
        """The prompt. A text that the model's own template did not make begins as the tokenizer has
        texts begin."""
        foreign = request.template == "llama3"
        text = llama3(request.messages) if foreign else self._rendered(request.messages)
        tokens: list[int] = self._tokenizer(text, add_special_tokens=foreign).input_ids
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
        rows = self._generated(inputs, batch)
        lengths = inputs.attention_mask.sum(dim=1).tolist()
        return [
            (request, settled(request, self._answer(row, length)))
            for request, row, length in zip(batch, rows, lengths, strict=True)
        ]

    def _generated(self, inputs: Any, batch: Sequence[Request]) -> list[list[int]]:
        """The new tokens of each row; what follows the end of a shorter one is padding."""
        import torch
        from transformers import GenerationConfig, StoppingCriteriaList

        sampling, width = batch[0].sampling, inputs.input_ids.shape[1]
        warm = {"temperature": sampling.temperature, "top_p": sampling.top_p}
        config = GenerationConfig(
            max_new_tokens=sampling.max_new_tokens,
            do_sample=sampling.temperature > 0,
            **(warm if sampling.temperature > 0 else {}),
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
                    stopping_criteria=StoppingCriteriaList([self._each_step(sampling, width)]),
                    past_key_values=growing_cache(model.config),
                )
        finally:
            self._pace.end()
        rows: list[list[int]] = output[:, width:].tolist()
        return rows

    def _each_step(self, sampling: Sampling, width: int) -> Callable[..., Any]:
        """A stopping criterion that counts every step of a batch for the progress line. Under the
        rule "python_block" a row ends once its first Python block has been closed, which only a
        token with a mark of fences can do."""
        import torch

        pace, tokenizer, by_block = self._pace, self._tokenizer, sampling.stop == "python_block"

        @functools.cache
        def holds_mark(token: int) -> bool:
            text = tokenizer.decode([token])
            return "`" in text or "~" in text

        def closed(row: list[int]) -> bool:
            return python_block_end(tokenizer.decode(row, skip_special_tokens=True)) is not None

        def each_step(input_ids: Any, scores: Any, **_: Any) -> Any:
            last = input_ids[:, -1].tolist()
            pace.step(sum(token != tokenizer.pad_token_id for token in last))
            ended = [
                by_block and holds_mark(token) and closed(row[width:].tolist())
                for token, row in zip(last, input_ids, strict=True)
            ]
            return torch.tensor(ended, dtype=torch.bool, device=input_ids.device)

        return each_step

    @functools.cached_property
    def _ends(self) -> set[int]:
        own = self._model.generation_config.eos_token_id
        ends = set(own) if isinstance(own, list) else {own}
        return {end for end in (*ends, self._tokenizer.eos_token_id) if end is not None}

    def _answer(self, row: list[int], prompt_tokens: int) -> Answer:
        """The answer in one row of generated tokens, which ends in padding when it ended early.

        The stop rule pads a row that it ended, and the padding token may itself be an end token,
        so the text's closed block (see `settled`) outweighs a missing end token.
        """
        ended = next((place for place, token in enumerate(row) if token in self._ends), None)
        tokens = row[:ended]
        while tokens and tokens[-1] == self._tokenizer.pad_token_id:
            tokens.pop()
        return Answer(
            text=self._tokenizer.decode(tokens, skip_special_tokens=True),
            finish="length" if ended is None else "stop",
            prompt_tokens=prompt_tokens,
            new_tokens=len(tokens),
        )


def _group(request: Request) -> tuple[float, float, int, str]:
    """What requests of one batch share."""
    sampling = request.sampling
    return (sampling.temperature, sampling.top_p, sampling.max_new_tokens, sampling.stop)


def growing_cache(config: Any) -> Any:
    """A cache of keys and values that appends in place. transformers' own makes a copy of all keys
    and values for each token, which takes most of a step's time on a CPU in a large batch. Layers
    that attend to a window keep their own. Not for beam search, which picks among rows."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    class GrowingLayer(DynamicLayer):  # type: ignore[misc, unused-ignore]
        def update(self, keys: Any, values: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
            if not self.is_initialized:
                self.lazy_initialization(keys, values)
                self.rooms = [keys[..., :0, :], values[..., :0, :]]
            start = self.get_seq_length()
            end = start + keys.shape[-2]
            for place, added in enumerate((keys, values)):
                if end > self.rooms[place].shape[-2]:
                    *outer, _, width = added.shape
                    larger = added.new_empty(*outer, end + GROWTH, width)
                    larger[..., :start, :] = self.rooms[place][..., :start, :]
                    self.rooms[place] = larger
                self.rooms[place][..., start:end, :] = added
            self.keys, self.values = (room[..., :end, :] for room in self.rooms)
            return self.keys, self.values

    cache = DynamicCache(config=config)
    cache.layers = [
        GrowingLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers
    ]
    return cache
