"""The opt-out list: what it covers, and that no misspelt wish is passed over."""

from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.corpora.opt_out import OptOut, read_opt_out

BLOB = "0123456789abcdef0123456789abcdef01234567"


def test_repositories_blobs_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(f"# a comment\n\nOwner/Repo  # why\n  {BLOB.upper()}\nowner/other\n")
    listed = read_opt_out(path)
    assert listed == OptOut(frozenset({"owner/repo", "owner/other"}), frozenset({BLOB}))
    assert listed.covers("OWNER/repo", "f" * 40)
    assert listed.covers("else/where", BLOB)
    assert not listed.covers("owner/repository", "f" * 40)


@pytest.mark.parametrize(
    "line",
    [
        "owner",
        BLOB[:-1],
        "owner/repo/more",
        "https://x.org/owner/repo",
        "github.com/owner",
        "owner/repo.git",
        "owner/repo,",
        '"owner/repo"',
        "- owner/repo",
        "@owner/repo",
        "owner/*",
        "owner/..",
        "owner/",
        "owner\uff0fname",
        "\u200bowner/name",
        "\u212aowner/name",  # the sign for kelvin, whose small letter is k
        "swh:1:cnt:" + BLOB,
    ],
)
def test_a_line_that_is_neither_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "list"
    path.write_text(f"a/b\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError, match="list:2"):
        read_opt_out(path)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("owner/name.js\n", encoding="utf-8-sig")
    assert read_opt_out(path).covers(" Owner/Name.js\t", "f" * 40)


def test_no_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="opt_out"):
        read_opt_out(tmp_path / "none")


def test_the_shipped_list_can_be_read() -> None:
    assert read_opt_out(Path(__file__).parents[2] / "profiles/opt_out.txt") == OptOut()
