"""Batches: nothing is paid twice, whatever fails and wherever a run is killed."""

import itertools
import json
import multiprocessing
import os
import signal
import threading
from collections import Counter

import pytest
from batch_server import BatchServer, answer, line
from llm_fixtures import llm_settings

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.batch_ledger import Ledger
from viscode.llm.budget import Budget, BudgetSpent, Tariff, prompt_estimate
from viscode.llm.cached import CALL_KIND, CachedClient
from viscode.llm.openai_batch import OpenAIBatchClient
from viscode.llm.outcome import Answer, FailureKind
from viscode.llm.request import Request, Sampling


@pytest.fixture
def server(monkeypatch):
    running = BatchServer()
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    monkeypatch.setenv("OPENAI_BASE_URL", running.url)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def request(text, images=(), model="m"):
    return Request(
        model=f"served:{model}",
        messages=(Message(role="system", content="s"), Message(role="user", content=text)),
        sampling=Sampling(temperature=0.5, max_new_tokens=40, stop="end"),
        purpose="extract",
        images=images,
    )


def requests(count):
    return [request(f"{number}") for number in range(count)]


def batch_client(folder, **parameters):
    model = parameters.pop("model", "m")
    quick = {"poll_s": 0.01, "max_requests": 4, "retries": 1, **parameters}
    return OpenAIBatchClient(model, folder / "batches", **quick)


def complete(folder, asked, **parameters):
    done = list(batch_client(folder, **parameters).complete(asked))
    assert Counter(one.key for one, _ in done) == Counter(one.key for one in asked)
    return {one.messages[-1].content: outcome for one, outcome in done}


def paid_once(server, asked):
    return server.paid == {one.key: 1 for one in asked}


def states(folder):
    """Batches that the ledger holds, by what it knows of them."""
    entries = Ledger(folder / "batches").entries()
    return Counter("submitted" if entry.batch_id else "uploaded" for entry in entries)


def test_a_request_goes_out_as_asked_and_comes_back_as_answered(server, tmp_path):
    asked = request("hi", images=(b"png",))
    outcomes = complete(tmp_path, [asked])
    text = f"re: {asked.key[:8]}"
    assert outcomes == {"hi": Answer(text=text, finish="stop", prompt_tokens=7, new_tokens=3)}
    assert server.bodies[asked.key] == {
        "model": "m",
        "temperature": 0.5,
        "max_completion_tokens": 40,
        "messages": [
            {"role": "system", "content": "s"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "hi"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}},
                ],
            },
        ],
    }
    [batch] = server.batches.values()
    assert (batch["endpoint"], batch["completion_window"]) == ("/v1/chat/completions", "24h")


def test_files_stay_under_both_limits(server, tmp_path):
    asked = requests(10)
    complete(tmp_path, asked)
    assert [len(keys) for keys in server.uploads] == [4, 4, 2]
    large = [request("x" * size) for size in (900, 901, 902, 10, 11)]
    complete(tmp_path, large, max_bytes=2600)
    held = [server.files[batch["input_file_id"]] for batch in server.batches.values()]
    assert all(len(raw) <= 2600 for raw in held[3:])
    assert [len(keys) for keys in server.uploads[3:]] == [2, 3]
    assert paid_once(server, asked + large)
    assert not list((tmp_path / "batches").glob("*.jsonl"))


def test_a_request_above_the_limit_fails_alone(server, tmp_path):
    outcomes = complete(tmp_path, [request("x" * 5000), request("fine")], max_bytes=1000)
    assert outcomes["x" * 5000].kind is FailureKind.FAILED
    assert isinstance(outcomes["fine"], Answer)


@pytest.mark.parametrize("ending", ["expired", "cancelled", "half_500", "half_429"])
def test_only_what_is_missing_is_sent_again(server, tmp_path, ending):
    server.endings = [ending]
    asked = requests(4)
    outcomes = complete(tmp_path, asked)
    assert all(isinstance(outcome, Answer) for outcome in outcomes.values())
    assert [len(keys) for keys in server.uploads] == [4, 2]
    assert paid_once(server, asked)
    assert states(tmp_path) == {}


@pytest.mark.parametrize(
    ("ending", "kind", "said"),
    [
        ("half_400", FailureKind.FAILED, "no: context_length_exceeded"),
        ("half_filtered", FailureKind.FILTERED, "no: content_filter"),
    ],
)
def test_what_no_repetition_mends_is_not_sent_again(server, tmp_path, ending, kind, said):
    server.endings = [ending]
    outcomes = complete(tmp_path, requests(4))
    failures = [outcome for outcome in outcomes.values() if not isinstance(outcome, Answer)]
    assert [failure.kind for failure in failures] == [kind, kind]
    assert said in failures[0].detail
    assert len(server.batches) == 1


@pytest.mark.parametrize("ending", ["half_500", "broke_down"])
def test_lasting_trouble_ends_as_failures(server, tmp_path, ending):
    server.endings = [ending] * 5
    outcomes = complete(tmp_path, requests(1), attempts=3)
    assert outcomes["0"].kind is FailureKind.FAILED
    assert "server_error" in outcomes["0"].detail
    assert len(server.batches) == 3


def test_a_full_queue_is_waited_for_and_counts_as_no_attempt(server, tmp_path, capsys):
    server.endings = ["queue_full"] * 4
    asked = requests(3)
    outcomes = complete(tmp_path, asked, attempts=1)
    assert all(isinstance(outcome, Answer) for outcome in outcomes.values())
    assert len(server.batches) == 5
    assert "queue has no room" in capsys.readouterr().err


def test_batches_that_find_no_room_shrink(server, tmp_path):
    server.endings = ["queue_full"]
    complete(tmp_path, requests(40), max_requests=100)
    assert [len(keys) for keys in server.uploads] == [40, 20, 20]


def test_a_file_that_the_provider_rejects_ends_the_run_and_binds_nothing(server, tmp_path):
    server.endings = ["invalid"]
    with pytest.raises(UserError, match=r"This line is no good.*line 3"):
        complete(tmp_path, requests(2))
    assert states(tmp_path) == {}
    complete(tmp_path, requests(2))


def test_result_lines_may_be_anything(server, tmp_path):
    asked = requests(3)
    server.garbage = [
        b"{not json",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"custom_id": 3}',
        json.dumps(line("unknown", 200, answer("x"))).encode(),
        json.dumps(line(asked[0].key, 200, answer("first"))).encode(),
        json.dumps(line(asked[1].key, 200, {"choices": 3})).encode(),
        json.dumps(line(asked[2].key, 200, answer("a\ud800"))).encode(),
    ]
    outcomes = complete(tmp_path, asked)
    assert outcomes["0"].text == "first"
    assert outcomes["1"].kind is FailureKind.MALFORMED
    assert outcomes["2"].kind is FailureKind.MALFORMED
    assert len(server.batches) == 1


def test_a_result_that_cannot_be_matched_is_asked_for_again(server, tmp_path):
    whole = server.run
    asked = requests(3)

    def run(batch, keys):
        whole(batch, keys)
        if len(server.batches) == 1:
            batch["output"][0] = batch["output"][0][:-20]

    server.run = run
    outcomes = complete(tmp_path, asked)
    assert all(isinstance(outcome, Answer) for outcome in outcomes.values())
    assert [len(keys) for keys in server.uploads] == [3, 1]


def once(point):
    """Drops the first connection that gets to `point`."""
    left = [point]

    def on(reached):
        if reached in left:
            left.remove(reached)
            return True
        return False

    return on


@pytest.mark.parametrize(
    "point", ["upload", "uploaded", "create", "created", "poll", "download", "half_downloaded"]
)
def test_a_lost_connection_costs_nothing(server, tmp_path, point):
    asked = requests(6)
    server.on = once(point)
    outcomes = complete(tmp_path, asked)
    assert all(isinstance(outcome, Answer) for outcome in outcomes.values())
    assert len(server.batches) == 2
    assert paid_once(server, asked)


def test_a_batch_whose_answer_was_lost_is_found_behind_many_others(server, tmp_path):
    asked = requests(1)

    def on(point):
        if point == "created" and len(server.batches) == 1:
            for _ in range(5):
                server.create({"input_file_id": server.put_file(b""), "metadata": None})
            return True
        return False

    server.on = on
    complete(tmp_path, asked)
    assert paid_once(server, asked)


def test_an_unreachable_server_is_one_line_and_the_next_run_goes_on(server, tmp_path):
    asked = requests(3)
    server.on = lambda point: point == "poll"
    with pytest.raises(UserError, match="batches under way are taken up"):
        complete(tmp_path, asked)
    server.on = lambda point: False
    complete(tmp_path, asked)
    assert paid_once(server, asked)


def test_an_interrupted_run_says_that_the_next_one_goes_on(server, tmp_path, monkeypatch, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    asked = requests(3)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("viscode.llm.openai_batch.time.sleep", interrupt)
        complete(tmp_path, asked)
    assert "run the same command again" in capsys.readouterr().err
    assert states(tmp_path) == {"submitted": 1}
    complete(tmp_path, asked)
    assert paid_once(server, asked)


def test_running_batches_are_used_by_requests_that_overlap(server, tmp_path):
    asked = requests(3)
    unreachable = batch_client(tmp_path)
    server.on = lambda point: point == "poll"
    with pytest.raises(UserError):
        list(unreachable.complete(asked))
    server.on = lambda point: False
    complete(tmp_path, [asked[1], request("new")])
    assert states(tmp_path) == {"submitted": 1}
    complete(tmp_path, [asked[0], asked[2]])
    assert states(tmp_path) == {}
    assert paid_once(server, [*asked, request("new")])


def test_a_failure_that_was_handed_on_is_asked_again_by_the_next_run(server, tmp_path):
    server.endings = ["half_filtered"]
    [kept, filtered] = requests(2)
    complete(tmp_path, [kept, filtered])
    outcomes = complete(tmp_path, [filtered])
    assert isinstance(outcomes["1"], Answer)
    assert server.uploads == [[kept.key, filtered.key], [filtered.key]]


def test_batches_of_other_models_and_servers_are_left_alone(server, tmp_path, monkeypatch):
    server.on = lambda point: point == "poll"
    for model in ("m", "other"):
        with pytest.raises(UserError):
            complete(tmp_path, [request("a", model=model)], model=model)
    server.on = lambda point: False
    complete(tmp_path, [request("a", model="other")], model="other")
    assert states(tmp_path) == {"submitted": 1}
    monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("127.0.0.1", "localhost"))
    complete(tmp_path, [request("a")])
    assert states(tmp_path) == {"submitted": 1}


def test_runs_at_once_share_their_batches(server, tmp_path):
    asked = requests(8)
    failures = []
    polls, all_have_submitted = itertools.count(), threading.Barrier(3)

    def on(point):
        if point == "poll" and next(polls) < 3:
            all_have_submitted.wait(timeout=30)
        return False

    server.on = on

    def run():
        try:
            complete(tmp_path, asked)
        except BaseException as error:  # noqa: BLE001 - reported below, in the test's thread
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert paid_once(server, asked)
    assert states(tmp_path) == {}


def budget(tokens):
    return Budget(llm_settings(budget_tokens=tokens), Tariff(1.0, 1.0, "test"), "here")


def test_what_the_budget_leaves_out_is_not_sent_and_the_rest_is_handed_on(server, tmp_path):
    asked = requests(9)
    each = prompt_estimate(asked[0]) + 40
    client, done = batch_client(tmp_path, budget=budget(6 * each)), []
    with pytest.raises(BudgetSpent):
        for one, _ in client.complete(asked):
            done.append(one.key)
    assert sorted(done) == sorted(one.key for one in asked[:6])
    assert paid_once(server, asked[:6])
    assert client.budget.tokens == 6 * 10


def test_batches_of_a_killed_run_are_set_aside_before_more_is_sent(server, tmp_path):
    asked = requests(6)
    each = prompt_estimate(asked[0]) + 40
    server.on = lambda point: point == "poll"
    with pytest.raises(UserError):
        complete(tmp_path, asked[:4])
    server.on = lambda point: False
    client, done = batch_client(tmp_path, budget=budget(5 * each)), []
    with pytest.raises(BudgetSpent):
        for one, _ in client.complete(asked):
            done.append(one.key)
    assert sorted(done) == sorted(one.key for one in asked[:5])
    assert paid_once(server, asked[:5])


def test_sending_again_needs_no_second_share_of_the_budget(server, tmp_path):
    server.endings = ["half_500"]
    asked = requests(1)
    complete(tmp_path, asked, budget=budget(prompt_estimate(asked[0]) + 40))
    assert len(server.batches) == 2
    assert paid_once(server, asked)


@pytest.mark.parametrize("bound", [{"wave": 2}, {"wave_bytes": 4}])
def test_no_more_is_taken_than_may_be_held(server, tmp_path, bound):
    taken = []

    def stream():
        for one in requests(5):
            taken.append(one)
            yield one

    for number, _ in enumerate(batch_client(tmp_path, **bound).complete(stream())):
        assert len(taken) <= number // 2 * 2 + 2
    assert [len(keys) for keys in server.uploads] == [2, 2, 1]


def test_who_stops_waits_for_no_batch(server, tmp_path):
    """Two batches, the second takes long: the rest of the first is still handed on and kept."""
    asked = requests(8)
    look, looks = server.look, Counter()

    def slow_look(batch):
        looks[batch["id"]] += 1
        return batch if batch["id"] == "batch_1" and looks["batch_1"] < 100 else look(batch)

    server.look = slow_look
    with WorkStore(tmp_path / "work.sqlite") as store:
        outcomes = CachedClient(batch_client(tmp_path), store).complete(asked)
        next(outcomes)
        outcomes.close()
        assert store.count(CALL_KIND) == 4
    assert states(tmp_path) == {"submitted": 1}
    server.look = look
    run_into_store(tmp_path, 8)
    assert paid_once(server, asked)


def test_a_missing_key_is_one_readable_line(monkeypatch, tmp_path):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        complete(tmp_path, requests(1))


def test_an_unreadable_record_names_its_file(server, tmp_path):
    (tmp_path / "batches").mkdir()
    (tmp_path / "batches" / "abc.json").write_text("{")
    with pytest.raises(UserError, match=r"abc\.json"):
        complete(tmp_path, requests(1))


def run_into_store(folder, count, die_after=-1):
    """What a stage does: every outcome goes into the work store as it comes."""
    with WorkStore(folder / "work.sqlite") as store:
        client = CachedClient(batch_client(folder), store)
        for number, _ in enumerate(client.complete(requests(count))):
            if number == die_after:
                os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    "point",
    ["upload", "uploaded", "create", "created", "poll", "download", "half_downloaded", "outcome"],
)
def test_killed_anywhere_nothing_is_paid_twice(server, tmp_path, point):
    """Two batches, killed in the work on the second where that can be chosen. The process is
    forked, which spares each case a second of imports."""
    die_after = 4 if point == "outcome" else -1
    process = multiprocessing.get_context("fork").Process(
        target=run_into_store, args=(tmp_path, 6, die_after)
    )
    seen = Counter()

    def on(reached):
        seen[reached] += 1
        if reached == point and seen[reached] == 2:
            os.kill(process.pid, signal.SIGKILL)
            return True
        return False

    server.on = on
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL
    with WorkStore(tmp_path / "work.sqlite") as store:
        assert store.count(CALL_KIND) < 6
    server.on = lambda reached: False
    run_into_store(tmp_path, 6)
    with WorkStore(tmp_path / "work.sqlite") as store:
        assert store.count(CALL_KIND) == 6
        assert store.count(CALL_KIND, final=False) == 0
    assert paid_once(server, requests(6))
    assert "uploaded" not in states(tmp_path)
    assert not list((tmp_path / "batches").glob("*.jsonl"))
