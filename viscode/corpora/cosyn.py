"""Chart samples in the schema of CoSyn-400K (paper 3.1).

Of a row only its id, figure type, topic, data and code are read: its image shows the run of its
authors, and ours is made anew. `metadata` may be an object or, as the data set's generator hands it
on, JSON text. `data` may be empty; what can be rebuilt is decided later.
"""

from pathlib import Path

from viscode.core.hashing import content_id
from viscode.core.jsonl import Row
from viscode.core.outcomes import Tally
from viscode.core.records import ChartSample
from viscode.corpora import fields
from viscode.corpora.corpus import Corpus
from viscode.corpora.rows import collect_rows
from viscode.settings.collect import CollectChartsSettings

CHART_COLUMNS = (*fields.ID_NAMES, "metadata", "data", "code")


def collect_charts(settings: CollectChartsSettings, out: Path) -> Tally:
    """Write the chart samples; see `rows.collect_rows`."""
    return collect_rows(settings, CHART_COLUMNS, chart_of, ChartSample, out)


def chart_of(row: Row, corpus: Corpus, place: str) -> tuple[str, ChartSample]:
    """One row as a record.

    Raises:
        BadField: a missing or unusable field.
    """
    metadata = fields.mapping(row, "metadata")
    figure_type = fields.text(metadata, "figure_type", "metadata.")
    topic = fields.text(metadata, "topic", "metadata.")
    data, code = fields.text(row, "data"), fields.filled_text(row, "code")
    own_id = fields.row_id(row, [figure_type, topic, data, code])
    return own_id, ChartSample(
        id=content_id("charts", own_id, figure_type, topic, data, code),
        source="charts",
        origin=corpus.origin_of(place, own_id),
        licence=corpus.licence,
        figure_type=figure_type,
        topic=topic,
        data_csv=data,
        code=code,
    )
