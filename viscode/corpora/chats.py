"""Dialogues from chat data sets (Code-Feedback, paper 3.2), whatever their publishers call the
parts. They are taken as they are: no filter, no repair.

Read are lists of messages under any of the usual names, each message with a role and a content
(`role` and `content` as in Code-Feedback and UltraChat, `from` and `value` as in ShareGPT and
WizardLM), contents as text or as a list of text parts, a list of messages also as JSON text or as
an object of lists (so `datasets` hands on a sequence of objects). Roles are stated, never guessed
from the order. A dialogue is taken whole or not at all: one with an image in it or with calls of
tools is refused with its own reason.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viscode.core.hashing import canonical_json, content_id
from viscode.core.jsonl import Row
from viscode.core.outcomes import Tally
from viscode.core.records import Dialogue, Message, Role
from viscode.corpora import fields
from viscode.corpora.corpus import Corpus
from viscode.corpora.fields import BadField
from viscode.corpora.rows import collect_rows
from viscode.corpora.sampling import CollectReason
from viscode.settings.collect import CollectDialoguesSettings

LIST_WORDS = "messages conversations conversation dialogue dialog chat turns items"
LISTS = tuple(LIST_WORDS.split())
ROLE_NAMES = ("role", "from", "speaker", "author", "sender")
CONTENT_NAMES = ("content", "value", "text", "message")
SYSTEM = "system"  # ShareGPT's form may state the system message beside the list
DIALOGUE_COLUMNS = (*fields.ID_NAMES, *LISTS, SYSTEM)
ROLE_WORDS: dict[Role, str] = {
    "system": "system developer",
    "user": "user human prompter",
    "assistant": "assistant gpt chatgpt bot chatbot bing bard claude model ai",
}
ROLES = {word: role for role, words in ROLE_WORDS.items() for word in words.split()}
TOOL_ROLE_WORDS = """
tool tools tool_call tool_calls tool_result tool_response observation ipython
function function_call function_result function_response
"""
TOOL_ROLES = frozenset(TOOL_ROLE_WORDS.split())
TOOL_CALLS = ("tool_calls", "function_call")
TEXT_PARTS = ("text", "input_text", "output_text")
TOOL_PARTS = ("tool_use", "tool_result", "tool_call", "function_call", "function_call_output")


def collect_dialogues(settings: CollectDialoguesSettings, out: Path) -> Tally:
    """Write the dialogues; see `rows.collect_rows`."""
    return collect_rows(settings, DIALOGUE_COLUMNS, dialogue_of, Dialogue, out)


def dialogue_of(row: Row, corpus: Corpus, place: str) -> tuple[str, Dialogue]:
    """One row as a record.

    Raises:
        BadField: see `read_messages`.
    """
    messages = read_messages(row)
    said = canonical_json([[message.role, message.content] for message in messages])
    own_id = fields.row_id(row, [said])
    return own_id, Dialogue(
        id=content_id("dialogues", own_id, said),
        source="dialogues",
        origin=corpus.origin_of(place, own_id),
        licence=corpus.licence,
        messages=messages,
    )


def read_messages(row: Mapping[str, Any]) -> tuple[Message, ...]:
    """The messages in order; an empty content is left to the filter.

    Raises:
        BadField: no list of messages, a field that is missing or unusable, an unknown role, a tool
            or something that is no text.
    """
    field = fields.first_filled(row, LISTS)
    found = _entries(row, field)
    if not found:
        raise BadField(field, "empty")
    messages = tuple(_message(item, f"{field}[{i}]") for i, item in enumerate(found))
    stated = fields.optional_text(row, SYSTEM) or ""
    if stated.strip() and messages[0].role != "system":
        return (Message(role="system", content=stated), *messages)
    return messages


def _entries(row: Mapping[str, Any], field: str) -> list[Any]:
    """The list; an object of equally long lists is the list of objects that it was made from."""
    columns = fields.unpacked(fields.value(row, field))
    if isinstance(columns, dict) and columns:
        lists = [column for column in columns.values() if isinstance(column, list)]
        if len(lists) == len(columns) and len({len(column) for column in lists}) == 1:
            return [dict(zip(columns, entry, strict=True)) for entry in zip(*lists, strict=True)]
    return fields.items(row, field)


def _message(item: Any, field: str) -> Message:
    if not isinstance(item, dict):
        raise BadField(field, "an object is needed")
    role = _role(item, field)
    if any(fields.unpacked(item.get(name)) for name in TOOL_CALLS):
        raise BadField(field, "calls a tool", CollectReason.TOOL_MESSAGES)
    name = fields.first_filled(item, CONTENT_NAMES)
    return Message(role=role, content=_text(item, name, f"{field}."))


def _role(item: Mapping[str, Any], field: str) -> Role:
    name = fields.first_filled(item, ROLE_NAMES)
    stated = fields.text(item, name, f"{field}.").strip().lower()
    if stated in TOOL_ROLES:
        raise BadField(f"{field}.{name}", f"{stated} is a tool", CollectReason.TOOL_MESSAGES)
    if stated not in ROLES:
        raise BadField(f"{field}.{name}", f"none of {', '.join(ROLES)}")
    return ROLES[stated]


def _text(item: Mapping[str, Any], name: str, within: str) -> str:
    """A text, or the text parts of a list, each on a line of its own."""
    found = fields.value(item, name, within)
    if not isinstance(found, list | dict):
        return fields.text(item, name, within)
    parts = found if isinstance(found, list) else [found]
    said = [_part(part, f"{within}{name}[{i}]") for i, part in enumerate(parts)]
    lines = [part.removesuffix("\n") for part in said[:-1]]
    return fields.text({name: "\n".join([*lines, *said[-1:]])}, name, within)


def _part(part: Any, field: str) -> str:
    if isinstance(part, str):
        return fields.text({field: part}, field)
    if not isinstance(part, dict):
        raise BadField(field, "a text part is needed", CollectReason.NOT_TEXT)
    kind = str(part.get("type") or TEXT_PARTS[0]).lower()
    if kind in TOOL_PARTS:
        raise BadField(field, f"{kind} is a tool", CollectReason.TOOL_MESSAGES)
    name = fields.first_filled(part, CONTENT_NAMES)
    if kind not in TEXT_PARTS or not isinstance(part.get(name), str):
        raise BadField(field, f"{kind} without text", CollectReason.NOT_TEXT)
    return fields.text(part, name, f"{field}.")
