"""Dialogues in the schema of Code-Feedback (paper 3.2), as they are: no filter, no repair."""

from pathlib import Path
from typing import Any, cast, get_args

from viscode.corpora import fields
from viscode.corpora.corpus import Corpus, open_corpus
from viscode.corpora.rows import collect_rows
from viscode.hashing import canonical_json, content_id
from viscode.jsonl import Row
from viscode.outcomes import Tally
from viscode.records import Dialogue, Message, Role
from viscode.settings.collect import CollectDialoguesSettings

COLUMNS = ("id", "messages")
ROLES = get_args(Role)


def collect_dialogues(settings: CollectDialoguesSettings, out: Path) -> Tally:
    """Write the dialogues; see `rows.collect_rows`."""
    corpus = open_corpus(settings, COLUMNS)
    return collect_rows(corpus, dialogue_of, Dialogue, settings, out)


def dialogue_of(row: Row, corpus: Corpus, place: str) -> tuple[str, Dialogue]:
    """One row as a record.

    Raises:
        BadField: a missing or unusable field, an unknown role or no message at all.
    """
    own_id = fields.row_id(row)
    found = fields.items(row, "messages")
    if not found:
        raise fields.BadField("messages", "empty")
    messages = tuple(_message(item, f"messages[{i}]") for i, item in enumerate(found))
    said = canonical_json([[message.role, message.content] for message in messages])
    return own_id, Dialogue(
        id=content_id("dialogues", own_id, said),
        source="dialogues",
        origin=corpus.origin_of(place, own_id),
        licence=corpus.licence_of(place),
        messages=messages,
    )


def _message(item: Any, field: str) -> Message:
    if not isinstance(item, dict):
        raise fields.BadField(field, "an object is needed")
    role = fields.text(item, "role", f"{field}.")
    if role not in ROLES:
        raise fields.BadField(f"{field}.role", f"none of {', '.join(ROLES)}")
    return Message(role=cast(Role, role), content=fields.text(item, "content", f"{field}."))
