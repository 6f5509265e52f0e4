"""The paper's own funnel (sections 3.1 and 3.2), rounded as it prints it, in one place.

Its figures stand beside ours in the stages' output, in metrics/funnel.json and in the picture.
"""

from viscode.core.records import SourceName

PAPER_IN: dict[SourceName, dict[str, int]] = {"files": {"collect_files": 25_300_000}}
"""Source -> stage -> records that came in: the Python rows of stack-edu. Our collect_files drops
what cannot plot before it fetches more, so this figure belongs beside its input."""

PAPER_RECORDS: dict[SourceName, dict[str, int]] = {
    "files": {
        "select_files": 1_700_000,
        "extract_blocks": 1_000_000,
        "balance_libraries": 300_000,
        "validate/files": 105_000,
        "write_instructions/files": 105_000,
    },
    "charts": {
        "rebuild_charts": 112_000,
        "validate/charts": 50_000,
        "write_instructions/charts": 50_000,
    },
    "dialogues": {"collect_dialogues": 56_000, "filter_dialogues": 45_000},
}
"""Source -> stage -> records that left it. The 56 K dialogues are the Python ones of Code-Feedback,
which has 66,383; ours are told from the others in filter_dialogues."""
