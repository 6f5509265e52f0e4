"""metrics/dataset.json: how many samples the data set has, of what kind."""

from collections import Counter
from dataclasses import dataclass, field

from viscode.records import ChatSample


@dataclass
class Counts:
    """Counts of the samples kept; a sample counts for each of its libraries."""

    samples: int = 0
    validation: int = 0
    with_image: int = 0
    characters: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    by_library: Counter[str] = field(default_factory=Counter)
    by_licence: Counter[str] = field(default_factory=Counter)
    licences: dict[str, Counter[str]] = field(default_factory=dict)  # source -> licence -> count

    def add(self, chat: ChatSample, *, validation: bool) -> None:
        self.samples += 1
        self.validation += validation
        self.with_image += bool(chat.image)
        self.characters += sum(len(message.content) for message in chat.messages)
        self.by_source[chat.source] += 1
        self.by_library.update(chat.libraries)
        self.by_licence[chat.licence] += 1
        self.licences.setdefault(chat.source, Counter())[chat.licence] += 1

    def as_metrics(self) -> dict[str, object]:
        """`characters_mean` is per sample, over all its messages."""
        return {
            "samples": self.samples,
            "train": self.samples - self.validation,
            "validation": self.validation,
            "by_source": dict(sorted(self.by_source.items())),
            "by_library": dict(sorted(self.by_library.items())),
            "by_licence": dict(sorted(self.by_licence.items())),
            "characters_mean": round(self.characters / self.samples, 1) if self.samples else 0.0,
            "with_image": self.with_image,
        }
