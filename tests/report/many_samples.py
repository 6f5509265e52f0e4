"""A data set of any size whose texts are as long as real ones, with pictures of their own size."""

import hashlib
import json
import random
from collections.abc import Iterator

from report_samples import png

from viscode.core.records import ChatSample, Message, Origin

LIBRARIES = ("matplotlib", "seaborn", "plotly", "networkx", "pandas")
KINDS = ("line", "scatter", "bar", "hist", "box", "heatmap", "pie", "violin")
LICENCES = ("MIT", "BSD-3-Clause", "Apache-2.0", "CC0-1.0")
WORDS = [
    *("mean", "variance", "sample", "frame", "column", "group", "value", "axis", "label", "title"),
    *("legend", "colour", "series", "index", "random", "window", "filter", "smooth", "cluster"),
    *("tree", "network", "density", "quantile", "residual", "forecast", "signal"),
]
TRICKY = {
    "script": "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>",
    "quotes": "\"'`</title></textarea></script><!-- ]]> {{ 7 * 7 }} ${window.pwned = 3} \\u0027",
    "long line": "x" * 1_000_000,
    "right to left": "print('שלום עולם') # مرحبا بالعالم",
    "reordered": "if level != 'user\u202e \u2066# admin\u2069 \u2066':\u200b pass",
    "separators": "a = '\u2028\u2029\x00\x1b[2J\ud83d\ude00'".encode("utf-16", "surrogatepass")
    .decode("utf-16"),
}  # fmt: skip


def many(count: int, seed: int = 1) -> Iterator[ChatSample]:
    """`count` samples; one in ten is a dialogue without an image."""
    chance = random.Random(seed)
    pictures = [png(320, 240, (20 * n, 255 - 20 * n, 90)) for n in range(12)]
    for number in range(count):
        source = "dialogues" if number % 10 == 9 else "charts" if number % 4 == 3 else "files"
        yield made(number, source, chance, pictures[number % 12])


def made(number: int, source: str, chance: random.Random, picture: bytes) -> ChatSample:
    library = chance.choice(LIBRARIES)
    kind = chance.choice(KINDS)
    words = " ".join(chance.choices(WORDS, k=90))
    code = "\n".join(
        [f"import {library}", f"unique_{number} = {number}"]
        + [f"{chance.choice(WORDS)} = {chance.choice(WORDS)}({n}, 'text {n}')"
           f"  # \U0001f4c8 note {n}" for n in range(24)]
    )  # fmt: skip
    drawn = source != "dialogues"
    return sample(
        number,
        source,
        f"Draw a {kind} plot with {library}: {words}",
        code,
        libraries=(library,) if drawn else (),
        image=picture if drawn else b"",
        facts=json.dumps([{"axes": [{"kinds": [kind]}]}]) if drawn else "",
        licence=LICENCES[number % 4],
    )


def sample(number, source, text, code, **more) -> ChatSample:
    values = {"libraries": (), "image": b"", "facts": "", "licence": "MIT"} | more
    return ChatSample(
        id=hashlib.sha256(f"{number} {source}".encode()).hexdigest()[:32],
        source=source,
        parent_id="p",
        origin=Origin(kind="repository", name="somebody/plots", path=f"src/plot_{number}.py"),
        messages=(
            Message(role="user", content=text),
            Message(role="assistant", content=f"```python\n{code}\n```"),
        ),
        method="facts",
        prompt_hash="",
        tokens=100 + number % 3000,
        split="train",
        **values,
    )


def tricky() -> list[ChatSample]:
    """A sample for each of `TRICKY`, which stands in its text and in its code."""
    return [
        sample(10_000_000 + n, "files", f"tricky {name}: {text}", text, image=png(160, 120))
        for n, (name, text) in enumerate(TRICKY.items())
    ]
