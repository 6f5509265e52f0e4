"""Parameters of assemble: which samples become the data set (paper 3)."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from viscode.core.records import SourceName
from viscode.settings.base import Settings


def _distinct(sources: list[SourceName]) -> list[SourceName]:
    if len(set(sources)) != len(sources):
        raise ValueError("a source is named twice")
    return sources


class DatasetSettings(Settings):
    PATH: ClassVar[str] = "dataset"
    sources: Annotated[list[SourceName], Field(min_length=1), AfterValidator(_distinct)]
    """Sources that go in; the order does not matter. The paper uses all three; its ablations
    (Table 3) leave some out."""
    validation_share: Annotated[float, Field(ge=0, lt=1)]
    """Share of the samples, by hash of the id, that go to viscode_validation.jsonl and are never
    trained on. The paper holds nothing back (0)."""
    seed: int
    """Another seed holds other samples back."""
    near_duplicates: Annotated[float, Field(ge=0, le=1)]
    """Two samples are near duplicates from this Jaccard similarity of their 5-token shingles on,
    estimated by MinHash with 128 permutations; of two the one with the smaller id stays. 0 turns
    it off. The paper does not deduplicate."""
    decontaminate_ngram: Annotated[int, Field(ge=0)]
    """Length in tokens of the n-grams of code compared with the benchmark's ground truth; 0 turns
    decontamination off altogether. The paper does not decontaminate."""
    decontaminate_share: Annotated[float, Field(ge=0, le=1)]
    """A sample is out when at least this share of its distinct code n-grams stand in one
    task's code; lower is stricter, and removes innocent samples that share boilerplate. 0 turns
    decontamination off altogether."""
    decontaminate_text_share: Annotated[float, Field(ge=0, le=1)]
    """The same for words: a sample is out when at least this share of the words and pairs of
    words of a task's instruction stands in what its user says. 0 turns this rule off."""

    @property
    def decontaminates(self) -> bool:
        return self.decontaminate_ngram > 0 and self.decontaminate_share > 0
