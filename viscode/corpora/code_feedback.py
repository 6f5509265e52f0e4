"""Dialogues in the schema of Code-Feedback (paper 3.2) or of another chat data set (`chats`), as
they are: no filter, no repair."""

from pathlib import Path

from viscode.core.hashing import canonical_json, content_id
from viscode.core.jsonl import Row
from viscode.core.outcomes import Tally
from viscode.core.records import Dialogue
from viscode.corpora import chats, fields
from viscode.corpora.corpus import Corpus, open_corpus
from viscode.corpora.rows import collect_rows
from viscode.settings.collect import CollectDialoguesSettings

DIALOGUE_COLUMNS = (*fields.ID_NAMES, *chats.CHAT_COLUMNS)


def collect_dialogues(settings: CollectDialoguesSettings, out: Path) -> Tally:
    """Write the dialogues; see `rows.collect_rows`."""
    corpus = open_corpus(settings, DIALOGUE_COLUMNS)
    return collect_rows(corpus, dialogue_of, Dialogue, settings, out)


def dialogue_of(row: Row, corpus: Corpus, place: str) -> tuple[str, Dialogue]:
    """One row as a record.

    Raises:
        BadField: see `chats.read_messages`.
    """
    messages = chats.read_messages(row)
    said = canonical_json([[message.role, message.content] for message in messages])
    own_id = fields.row_id(row, [said])
    return own_id, Dialogue(
        id=content_id("dialogues", own_id, said),
        source="dialogues",
        origin=corpus.origin_of(place, own_id),
        licence=corpus.licence_of(place),
        messages=messages,
    )
