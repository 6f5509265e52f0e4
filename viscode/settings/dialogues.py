"""Which dialogues are kept: `dialogues` in params.yaml."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.settings.base import Settings


class DialogueSettings(Settings):
    PATH: ClassVar[str] = "dialogues"
    max_tokens: Annotated[int, Field(ge=1)]
    """Longest dialogue, in tokens of the target model's tokenizer with its chat template around
    the messages. The paper cuts "excessive length" and does not say where."""
    max_turns: Annotated[int, Field(ge=1)]
    """Most user turns in a dialogue. The paper cuts by turn count and does not say where."""
