"""Provenance is handed on from record to record."""

from viscode.core.records import Block, Origin, SelectedFile, SourceFile

ORIGIN = Origin(kind="package", name="seaborn", version="0.13.2", path="a.py")
FILE = SourceFile(id="1", source="files", origin=ORIGIN, licence="BSD-3-Clause", text="x")


def test_what_takes_a_records_place_has_its_provenance() -> None:
    selected = SelectedFile(id=FILE.id, **FILE.provenance(), text="x", libraries=())
    assert (selected.source, selected.origin, selected.licence) == ("files", ORIGIN, "BSD-3-Clause")


def test_what_is_made_from_a_record_names_it_as_its_parent() -> None:
    block = Block(id="2", **FILE.descent(), code="x", libraries=(), method="as_is")
    assert (block.source, block.origin, block.licence) == ("files", ORIGIN, "BSD-3-Clause")
    assert block.parent_id == FILE.id
