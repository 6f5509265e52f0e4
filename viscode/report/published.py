"""The paper's own figures, to stand beside ours: numbers read off its tables, with citation. Those
of its funnel are in `viscode.core.paper_funnel`."""

from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

TABLE_OF_MODEL = {
    "VisCoder-7B": 7,
    "VisCoder-3B": 8,
    "GPT-4o": 9,
    "GPT-4o-mini": 10,
    "Qwen2.5-Coder-7B-Instruct": 11,
    "Qwen2.5-7B-Instruct": 12,
    "Qwen2.5-Coder-3B-Instruct": 13,
    "Qwen2.5-3B-Instruct": 14,
    "Llama-3.1-8B-Instruct": 15,
    "Llama-3.2-3B-Instruct": 16,
}

PaperScores = tuple[float, float, float, float, float]


class AblationRow(BaseModel):
    """Pass rates in percent, by library, of the model trained on `training_data`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    training_data: str
    self_debug: bool
    pass_rate: dict[str, float]


class Published(BaseModel):
    """published.json.

    `consistency`: where pass rates and error counts contradict each other.
    `pass_rate_by_round`: library -> model -> percent per round 0-3 (Tables 4-6).
    `main_results`: library -> model -> "plain" or "self_debug" -> `judge_columns` (Table 1).
    `error_transitions`: error type -> library -> tasks of VisCoder-7B before and after self-debug
    (Table 2, as printed: its KeyErrors on plotly are 0 and 2 in Table 7).
    `data_ablation`: a row per training set, without and with self-debug (Table 3).
    `errors_by_round`: model -> library -> error type -> tasks per round (Tables 7-16).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    citation: str
    tasks: int
    consistency: str
    judge_columns: tuple[str, str, str, str, str]
    pass_rate_by_round: dict[str, dict[str, tuple[float, ...]]]
    main_results: dict[str, dict[str, dict[str, PaperScores]]]
    errors_by_round: dict[str, dict[str, dict[str, tuple[int, ...]]]]
    error_transitions: dict[str, dict[str, tuple[int, int]]]
    data_ablation: tuple[AblationRow, ...]


@lru_cache
def published() -> Published:
    """The shipped figures."""
    path = Path(__file__).with_name("published.json")
    return Published.model_validate_json(path.read_text(encoding="utf-8"))
