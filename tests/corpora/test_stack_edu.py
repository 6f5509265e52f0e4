"""stack-edu: rows to files through moto's S3 on loopback, with every trouble, killed and resumed.

The test of size (20,000 blobs) is marked `slow`.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import blob_plan
import collect_many
import psutil
import pytest
from ruamel.yaml import YAML

from viscode.core.errors import UserError
from viscode.core.records import SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes
from viscode.corpora import blobs
from viscode.corpora.blob_ledger import BlobLedger
from viscode.corpora.blob_workers import AHEAD, FetchPlan
from viscode.corpora.candidates import METADATA_COLUMNS, Candidate, candidate_of
from viscode.corpora.fields import BadField
from viscode.corpora.opt_out import OptOut
from viscode.corpora.sampling import CollectReason
from viscode.corpora.stack_edu import GIVE_UP_AFTER, collect_stack_edu, ledger_path
from viscode.corpora.swh import Patience
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
COUNT = 200
BLOBS = [blob_plan.blob(number) for number in range(COUNT)]
FEW = BLOBS[::2]
NOT_GZIP = sum(blob.kind == "not_gzip" for blob in BLOBS)
BY_KIND = {blob.kind: blob for blob in reversed(BLOBS)}
Row = dict[str, Any]


class Server:
    """The bucket of s3_server.py with `count` blobs."""

    def __init__(self, count: int) -> None:
        command = [sys.executable, str(HERE / "s3_server.py"), str(count)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def counts(self, page: str = "counts") -> Counter[str]:
        with urllib.request.urlopen(f"{self.url}/{page}") as answer:
            return Counter(json.load(answer))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


class Spoiling:
    """A proxy before the bucket: it answers 200 with `body` for the blobs that it `spoils`."""

    def __init__(self, bucket: str) -> None:
        self.body = b""
        self.spoils: Callable[[str], bool] = lambda _: False
        spoiling = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if spoiling.spoils(self.path.rpartition("/")[2].partition("?")[0]):
                    status, body = 200, spoiling.body
                else:
                    status, body = get(f"{bucket}{self.path}")
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "Spoiling":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Place:
    """A project folder, and a run of the stage in it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.out = folder / "files"
        self.opt_out("# nobody")

    def rows(self, rows: list[Any]) -> None:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (self.folder / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines))

    def opt_out(self, *lines: str) -> None:
        (self.folder / "opt_out.txt").write_text("\n".join(lines))

    def run(self, patience: Patience = collect_many.PATIENCE, **changes: Any) -> Row:
        """Metrics of a run, with the number of GETs that it made under "gets"."""
        before = self.server.counts().total()
        settings = collect_many.settings(self.folder, **changes)
        run = collect_many.run_settings(workers=1, fetches=8)
        metrics = collect_stack_edu(settings, run, self.out, patience)
        return {**metrics, "gets": self.server.counts().total() - before}

    def files(self) -> dict[str, SourceFile]:
        return {file.origin.locator: file for file in read_table(self.out, SourceFile)}

    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.out.glob("*.parquet"))}

    def reasons(self) -> Counter[str]:
        return Counter(outcome.reason for outcome in read_outcomes(self.out))


@pytest.fixture(scope="module")
def few() -> Iterator[Server]:
    server = Server(COUNT)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def place(few: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    few.counts("reset")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", few.url)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    return Place(tmp_path, few)


def expected(planned: list[blob_plan.Blob]) -> Counter[str]:
    return Counter(blob.outcome for blob in planned)


def row(**changes: Any) -> Row:
    return {**BY_KIND["plots"].row, **changes}


def test_every_kind_of_blob_comes_to_its_outcome(place: Place) -> None:
    place.rows([blob.row for blob in BLOBS])
    metrics = place.run()
    assert place.reasons() == expected(BLOBS)
    assert metrics["in"] == COUNT == metrics["kept"] + sum(metrics["rejected"].values())
    assert {i: file.text for i, file in place.files().items()} == {
        blob.blob_id: blob.text for blob in BLOBS if not blob.outcome
    }
    misnamed = sum(blob.kind == "plots_misnamed" for blob in BLOBS)
    assert metrics["decoded_by_fallback"] == misnamed
    refused = sum(blob.kind in blob_plan.REFUSED for blob in BLOBS)
    asked_again = blob_plan.REFUSALS * refused + NOT_GZIP * (collect_many.PATIENCE.attempts - 1)
    assert metrics["gets"] == COUNT + asked_again


def test_a_record_leads_back_to_its_file(place: Place) -> None:
    blob = BY_KIND["plots"]
    place.rows([row(detected_licenses=["MIT", "Apache-2.0"])])
    place.run()
    file = place.files()[blob.blob_id]
    assert (file.source, file.licence) == ("files", "Apache-2.0 AND MIT")
    assert file.origin.model_dump() == {
        "kind": "repository", "name": blob.row["repo_name"], "version": "",
        "path": blob.row["path"], "locator": blob.blob_id,
    }  # fmt: skip


def test_a_second_run_asks_nothing_and_order_changes_no_byte(place: Place) -> None:
    more = [{**blob.row, "repo_name": "another/fork"} for blob in BLOBS[:30]]
    rows = [blob.row for blob in FEW] + more + more[:5]
    place.rows(rows)
    first = place.run()
    before = place.bytes()
    assert first["rejected"]["duplicate"] > 0
    place.rows(rows[::-1])
    again = place.run()
    assert again == {**first, "gets": 0}
    assert place.bytes() == before


def test_new_rows_ask_only_for_themselves(place: Place) -> None:
    place.rows([blob.row for blob in BLOBS if blob.kind == "plots"][1:])
    place.run()
    place.rows([blob.row for blob in BLOBS if blob.kind == "plots"])
    assert place.run()["gets"] == 1


def test_nothing_that_is_filtered_is_fetched(place: Place) -> None:
    place.rows([
        row(),
        row(int_score=2),
        row(length_bytes=20_001),
        row(detected_licenses=["MIT", "GPL-3.0"]),
        row(language="Java"),
        row(blob_id="x"),
        '{"half',
        "[1]",
    ])  # fmt: skip
    metrics = place.run()
    assert metrics["rejected"] == {
        "licence": 1, "low_score": 1, "malformed": 3, "other_language": 1, "too_large": 1,
    }  # fmt: skip
    assert metrics["gets"] == 1
    details = [o.detail for o in read_outcomes(place.out) if o.reason == "malformed"]
    places = sorted(detail.partition(": ")[0] for detail in details)
    assert places == ["rows.jsonl:6", "rows.jsonl:7", "rows.jsonl:8"]


def test_who_opts_out_is_not_fetched_and_what_was_fetched_is_deleted(place: Place) -> None:
    plots = [blob for blob in BLOBS if blob.kind == "plots"][:4]
    rows = [{**blob.row, "repo_name": f"own/r{n}"} for n, blob in enumerate(plots)]
    rows.append({**rows[0], "repo_name": "a/fork"})
    place.rows(rows)
    place.run()
    place.opt_out("OWN/R0", plots[1].blob_id)
    metrics = place.run()
    assert (metrics["kept"], metrics["gets"]) == (2, 0)
    assert metrics["rejected"] == {"opted_out": 3}  # the fork's copy too
    with BlobLedger(ledger_path()) as ledger:
        known = [ledger.recall(blob.blob_id) is not None for blob in plots]
    assert known == [False, False, True, True]


@pytest.mark.parametrize(
    "change",
    [
        {"int_score": None},
        {"length_bytes": None},
        {"path": ""},
        {"detected_licenses": [None]},
        {"src_encoding": "x y"},
        {"repo_name": " Gone/repo\t"},
    ],
)
def test_a_malformed_row_does_not_undo_an_opt_out(place: Place, change: Row) -> None:
    other = [blob.row for blob in BLOBS if blob.kind == "plots"][1]
    place.rows([row(), other, row(**{"repo_name": "gone/repo", **change})])
    place.opt_out("gone/Repo")
    metrics = place.run()
    assert (metrics["kept"], metrics["gets"]) == (1, 1)
    assert metrics["rejected"]["opted_out"] + metrics["rejected"].get("malformed", 0) == 2
    with BlobLedger(ledger_path()) as ledger:
        assert ledger.recall(row()["blob_id"]) is None


def test_a_sample_is_taken_before_anything_is_fetched(place: Place) -> None:
    plots = [blob.row for blob in BLOBS if blob.kind == "plots"]
    place.rows(plots)
    metrics = place.run(take=3)
    assert metrics["kept"] == metrics["gets"] == 3
    taken = set(place.files())
    place.rows([{**one, "repo_name": "a/fork"} for one in plots] + plots)
    assert place.run(take=3)["gets"] == 0
    assert set(place.files()) == taken
    assert len(place.run(take=4)["rejected"]) == 2 and taken < set(place.files())


def test_what_could_not_be_fetched_ends_the_run_and_alone_is_asked_again(place: Place) -> None:
    refused = [blob for blob in FEW if blob.kind in blob_plan.REFUSED]
    place.rows([blob.row for blob in FEW])
    with pytest.raises(UserError, match=rf"{len(refused)} of {len(FEW)} blobs.*only the rest"):
        place.run(Patience(attempts=blob_plan.REFUSALS, first_pause_s=0.001))
    assert not place.out.exists()
    assert len(examined_ids(place.folder)) == len(FEW) - len(refused)
    metrics = place.run()
    assert metrics["gets"] == len(refused)
    assert place.reasons() == expected(FEW)


def test_an_examined_blob_is_asked_for_again_only_with_a_reason(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.rows([blob.row for blob in BY_KIND.values()])
    rejected = place.run()["rejected"]
    assert place.run()["gets"] == 0
    again = place.run(refetch=["missing", "truncated"])
    assert again["gets"] == rejected["missing"] + rejected["truncated"]
    assert place.run(max_bytes=25_000)["gets"] == rejected["too_large"]
    monkeypatch.setattr(blobs, "SCAN_VERSION", blobs.SCAN_VERSION + 1)
    assert place.run(max_bytes=25_000)["gets"] == rejected["no_plotting"]


def test_no_usable_row_is_an_error(place: Place) -> None:
    place.rows([BY_KIND["missing"].row])
    with pytest.raises(UserError, match="none of 1 rows"):
        place.run()


REFUSED_ROWS: list[tuple[list[Any], str]] = [
    (
        [row(int_score="high"), row(int_score=None), row(blob_id=None), row(int_score=0)],
        "3 malformed, the first at rows.jsonl:1: field int_score: an integer .*'int_score': 'high'",
    ),
    ([row(language="Ruby"), row(language="C")], "2 other_language, the first at "),
    (["{oops", "[1]"], r"2 malformed, the first at rows.jsonl:1: .*the row is '\{oops"),
]


@pytest.mark.parametrize(("rows", "told"), REFUSED_ROWS)
def test_the_error_names_the_commonest_reason_and_shows_a_row(
    place: Place, rows: list[Any], told: str
) -> None:
    place.rows(rows)
    with pytest.raises(UserError, match=f"none of {len(rows)} rows leads to .*: {told}"):
        place.run()


def test_a_data_set_of_a_hub_list_without_a_usable_row_is_an_error(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)  # `datasets` reads a local folder like one of the hub
    for name, held in {"good": row(), "bad": {"text": "no metadata"}}.items():
        (place.folder / "someone" / name).mkdir(parents=True)
        path = place.folder / "someone" / name / "rows.jsonl"
        path.write_text(f"{json.dumps(held)}\n")
    with pytest.raises(UserError, match=r"1 malformed, the first at .*someone/bad::train"):
        place.run(hub=["someone/good::train", "someone/bad::train"])


def test_no_network_is_a_readable_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    place.rows([blob.row for blob in BLOBS])
    with pytest.raises(UserError, match=r"\d+ blobs in a row.*127\.0\.0\.1:9.*check the network"):
        place.run(Patience(attempts=2, first_pause_s=0.001))


def test_a_bucket_that_has_nothing_is_not_believed(place: Place) -> None:
    absent = [row(blob_id=f"{number:040x}") for number in range(GIVE_UP_AFTER + 9)]
    place.rows([row(), *absent])
    with pytest.raises(UserError, match=r"blobs in a row are missing, .*refetch: \[forb"):
        place.run()
    metrics = place.run(refetch=["missing", "forbidden"])
    assert (metrics["kept"], metrics["rejected"]) == (1, {"missing": len(absent)})


@pytest.fixture
def spoiling(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spoiling]:
    with Spoiling(place.server.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        yield proxy


PAGE = b"<html><body>Please log in</body></html>"


@pytest.mark.parametrize("body", [PAGE, b"", b"no gzip", b"\x1f\x8b\x08\0 cut", "foreign"])
def test_a_proxy_that_answers_everything_is_not_believed(
    place: Place, spoiling: Spoiling, body: bytes | str
) -> None:
    foreign = BY_KIND["plots"].stored or b""
    spoiling.body = foreign if isinstance(body, str) else body
    spoiling.spoils = lambda _: True
    place.rows([blob.row for blob in BLOBS if blob.kind == "plain"])
    patience = Patience(attempts=2, first_pause_s=0.001)
    with pytest.raises(UserError, match=r"\d+ blobs in a row (are missing, f|could not be f)"):
        place.run(patience)
    assert len(examined_ids(place.folder)) < 2 * GIVE_UP_AFTER


def test_pages_now_and_then_are_not_remembered(place: Place, spoiling: Spoiling) -> None:
    plots = [blob.row for blob in BLOBS if blob.kind == "plots"]
    place.rows(plots)
    spoiled = {one["blob_id"] for one in sorted(plots, key=lambda one: one["blob_id"])[::2]}
    spoiling.body, spoiling.spoils = PAGE, spoiled.__contains__
    with pytest.raises(UserError, match=rf"{len(spoiled)} of {len(plots)} blobs could not"):
        place.run(Patience(attempts=2, first_pause_s=0.001))
    assert examined_ids(place.folder) == {one["blob_id"] for one in plots} - spoiled
    spoiling.spoils = lambda _: False
    metrics = place.run()
    assert (metrics["kept"], metrics["gets"]) == (len(plots), len(spoiled))


def test_a_wrong_set_up_ends_the_run_at_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    place.rows([row()])
    with pytest.raises(UserError, match="not-there"):
        place.run()


def test_the_stage_takes_its_source_from_the_parameters(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = YAML(typ="safe", pure=True).load(PROJECT / "params.yaml")
    chosen = {"source": "stack_edu", "path": "rows.jsonl", "opt_out": "opt_out.txt"}
    values["collect"]["files"] |= chosen
    values["run"] |= {"workers": 1, "fetches": 2}
    with (place.folder / "params.yaml").open("w") as stream:
        YAML().dump(values, stream)
    place.rows([row(), row(blob_id="no id")])
    monkeypatch.syspath_prepend(str(PROJECT))
    from stages import collect_files

    monkeypatch.chdir(place.folder)
    assert collect_files.collect(load(CollectFilesSettings)) == {
        "in": 2, "kept": 1, "records": 1, "rejected": {"malformed": 1}, "decoded_by_fallback": 0,
    }  # fmt: skip
    assert list(read_table(collect_files.OUT, SourceFile))


NOBODY = OptOut()


def candidate(changed: Row, opt_out: OptOut = NOBODY, **settings: Any) -> Candidate:
    return candidate_of(changed, "rows.jsonl:1", collect_many.settings("x", **settings), opt_out)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"language": "python"}, None),
        ({"language": None}, None),
        ({"language": "Jupyter Notebook"}, CollectReason.OTHER_LANGUAGE),
        ({"int_score": 2}, CollectReason.LOW_SCORE),
        ({"length_bytes": 20_000}, None),
        ({"length_bytes": 20_001}, CollectReason.TOO_LARGE),
        ({"detected_licenses": ["MIT", "Apache-2.0"]}, None),
        ({"detected_licenses": []}, CollectReason.LICENCE),
        ({"detected_licenses": None}, CollectReason.LICENCE),
        ({"detected_licenses": ["MIT", "GPL-3.0"]}, CollectReason.LICENCE),
        ({"repo_name": "Gone/Repo", "int_score": 0}, CollectReason.OPTED_OUT),
    ],
)
def test_filter(change: Row, reason: CollectReason | None) -> None:
    found = candidate(row(**change), OptOut(frozenset({"gone/repo"})))
    assert found.reason == (reason or "")


def test_an_empty_allow_list_allows_all() -> None:
    found = candidate(row(detected_licenses=[]), licences=[])
    assert (found.reason, found.licence) == ("", "unknown")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"blob_id": None}, "blob_id"),
        ({"blob_id": "../" + "a" * 37}, "blob_id"),
        ({"blob_id": "A" * 40}, "blob_id"),
        ({"repo_name": 5}, "repo_name"),
        ({"repo_name": " "}, "repo_name"),
        ({"path": "\ud800"}, "path"),
        ({"path": "x" * (51 << 20)}, "path"),
        ({"src_encoding": 8}, "src_encoding"),
        ({"src_encoding": "utf 8\n"}, "src_encoding"),
        ({"length_bytes": -1}, "length_bytes"),
        ({"length_bytes": 3.5}, "length_bytes"),
        ({"int_score": "3"}, "int_score"),
        ({"detected_licenses": "MIT"}, "detected_licenses"),
        ({"detected_licenses": ["MIT", None]}, r"detected_licenses\[1\]"),
    ],
)
def test_a_malformed_row_names_the_field(change: Row, named: str) -> None:
    with pytest.raises(BadField, match=f"field {named}"):
        candidate(row(**change))


def test_a_missing_column_is_named() -> None:
    for column in set(METADATA_COLUMNS) - {"language"}:
        changed = {name: value for name, value in row().items() if name != column}
        with pytest.raises(BadField, match=f"{column}: missing"):
            candidate(changed)


@pytest.mark.parametrize(
    ("processes", "fetches", "threads"), [(2, 64, [32, 32]), (3, 64, [22, 21, 21]), (8, 3, [1] * 3)]
)
def test_threads_add_up_to_the_fetches(processes: int, fetches: int, threads: list[int]) -> None:
    assert FetchPlan(processes, fetches, 1, Patience()).threads == threads


# Killed and resumed, at a small size by default and at 20,000 blobs.


def examined_ids(folder: Path) -> set[str]:
    path = folder / ".viscode" / "blobs.sqlite"
    if not path.exists():
        return set()
    with sqlite3.connect(path, timeout=60.0) as db:
        try:
            found = {key.hex() for (key,) in db.execute("SELECT id FROM blob")}
        except sqlite3.OperationalError:  # the table is not made yet
            found = set()
    db.close()
    return found


def start(folder: Path, fetches: int) -> "subprocess.Popen[str]":
    command = [sys.executable, str(HERE / "collect_many.py"), str(folder), str(fetches)]
    environment = {**os.environ, "DVC_ROOT": str(folder)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def kill_at(folder: Path, fetches: int, examined: int) -> None:
    """Run until `examined` blobs are in the ledger, kill -9, and see that the workers end too."""
    process = start(folder, fetches)
    while len(examined_ids(folder)) < examined:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    workers = psutil.Process(process.pid).children()
    assert workers
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=60.0)
    assert not alive


def finish(folder: Path, fetches: int) -> Row:
    process = start(folder, fetches)
    output, _ = process.communicate()
    assert process.returncode == 0
    found: Row = json.loads(output)
    print(json.dumps(found))
    return found


def write_plan(folder: Path, planned: list[blob_plan.Blob]) -> None:
    folder.mkdir()
    (folder / "opt_out.txt").write_text("")
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(blob.row)}\n" for blob in planned))


def check_killed(
    folder: Path, server: Server, planned: list[blob_plan.Blob], fetches: int, *shares: float
) -> Row:
    """A run that is killed when these shares of the blobs are examined, and then finished."""
    write_plan(folder, planned)
    server.counts("reset")
    known: list[tuple[set[str], Counter[str]]] = []
    for share in shares:
        kill_at(folder, fetches, int(share * len(planned)))
        time.sleep(0.5)  # what the server had under way
        known.append((examined_ids(folder), server.counts()))
    found = finish(folder, fetches)
    counts = server.counts()
    for ids, then in known:
        assert all(counts[blob_id] == then[blob_id] for blob_id in ids)
    refused = sum(blob.kind in blob_plan.REFUSED for blob in planned)
    not_gzip = sum(blob.kind == "not_gzip" for blob in planned)
    asked_again = blob_plan.REFUSALS * refused + (collect_many.PATIENCE.attempts - 1) * not_gzip
    most_lost = len(shares) * AHEAD * fetches * collect_many.PATIENCE.attempts
    assert counts.total() <= len(planned) + asked_again + most_lost
    check_outcomes(folder / "files", planned)
    return found


def check_outcomes(out: Path, planned: list[blob_plan.Blob]) -> None:
    by_record = {candidate(blob.row).record_id: blob.outcome for blob in planned}
    assert {outcome.id: outcome.reason for outcome in read_outcomes(out)} == by_record
    texts = {file.origin.locator: file.text for file in read_table(out, SourceFile)}
    assert texts == {blob.blob_id: blob.text for blob in planned if not blob.outcome}


def test_a_killed_run_asks_only_for_the_rest(
    few: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", few.url)
    check_killed(tmp_path / "all", few, BLOBS, 4, 0.3)


@pytest.mark.slow
def test_twenty_thousand_blobs_killed_twice_in_flat_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = [blob_plan.blob(number) for number in range(22_000)]
    server = Server(len(planned))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    try:
        write_plan(tmp_path / "few", planned[20_000:])
        few = finish(tmp_path / "few", 32)
        all_of_them = check_killed(tmp_path / "all", server, planned[:20_000], 32, 0.25, 0.6)
    finally:
        server.close()
    assert all_of_them["worker_rss_mib"] < few["worker_rss_mib"] + 15
    # The writers of tables hold rows up to their fixed limit before they spill them.
    assert all_of_them["own_rss_mib"] < few["own_rss_mib"] + 80
