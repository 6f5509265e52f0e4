"""Prices, budgets and estimates: nothing is spent beyond what was allowed."""

import multiprocessing
import os
import signal
import struct
import time

import pytest
from llm_fixtures import llm_settings

from viscode.core.errors import UserError
from viscode.core.outcomes import Rejected
from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.budget import Account, Amount, Budget, BudgetSpent, Tariff, image_tokens, tariff
from viscode.llm.cached import CachedClient, estimate, usage
from viscode.llm.outcome import Answer, Failure, FailureKind
from viscode.llm.request import Request, Sampling
from viscode.llm.scripted import ScriptedClient
from viscode.settings.llm import Price

DOLLAR = Tariff(input=1.0, output=10.0, origin="test")


def request(text="x" * 292, new=1000, purpose="extract", **more):
    """A prompt of about 105 tokens."""
    return Request(
        model="served:m",
        messages=(Message(role="user", content=text),),
        sampling=Sampling(temperature=0.0, max_new_tokens=new, stop="end"),
        purpose=purpose,
        **more,
    )


def png(width, height):
    return b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", width, height) + b"\0" * 40


def test_prices_come_from_the_table_the_batch_half_and_parameters_outweigh_both():
    known, batch = tariff("gpt-4o", {}), tariff("gpt-4o", {}, batch=True)
    assert (batch.input, batch.output) == (known.input / 2, known.output / 2)
    assert "2025" in known.origin
    own = tariff("gpt-4o", {"gpt-4o": Price(input=1.0, output=2.0)}, batch=True)
    assert (own.input, own.output) == (1.0, 2.0)
    assert tariff("a-model-of-my-own", {}) is None


@pytest.mark.parametrize(
    ("size", "tokens"),
    [((512, 512), 255), ((1024, 1024), 765), ((2048, 4096), 1105), ((10, 10), 255)],
)
def test_images_cost_what_the_provider_says(size, tokens):
    """The provider's own examples, and a small one."""
    assert image_tokens(png(*size)) == tokens


@pytest.mark.parametrize(
    ("limit", "calls"),
    [({"budget_usd": 0.0202}, 1), ({"budget_usd": 0.0203}, 2), ({"budget_tokens": 2210}, 2)],
)
def test_a_call_that_might_go_over_the_budget_is_not_made(limit, calls):
    """Each may cost 105 tokens of prompt and 1000 of answer: $0.010105."""
    budget = Budget(llm_settings(**limit), DOLLAR, "model m")
    for number in range(calls):
        budget.reserve(request(new=1000, sample=number))
    with pytest.raises(BudgetSpent, match="answers are kept"):
        budget.reserve(request(new=1000, sample=calls))


def test_what_a_call_did_not_use_is_free_again():
    budget = Budget(llm_settings(budget_tokens=1200), DOLLAR, "model m")
    for number in range(5):
        budget.reserve(request(sample=number))
        budget.settle(request(sample=number), prompt_tokens=10, new_tokens=8)
    assert (budget.tokens, budget.calls) == (90, 5)
    assert budget.usd == pytest.approx(5 * (10 + 80) / 1e6)


def seconds_for(calls):
    budget = Budget(llm_settings(budget_usd=1e9), DOLLAR, "model m")
    asked = [request("x", sample=number) for number in range(calls)]
    keys = [one.key for one in asked]
    began = time.process_time()
    for one in asked:
        budget.reserve(one)
    for one in asked:
        budget.settle(one, 10, 8)
    assert len(set(keys)) == calls and budget.tokens == 18 * calls
    return time.process_time() - began


def test_time_grows_with_the_number_of_calls_not_with_its_square():
    """Ten times as many under way; their square would take a hundred times as long."""
    assert seconds_for(4_000) < 40 * seconds_for(400)


def opened_budget(store, *, in_batches=False, stage="extract m", **limits):
    account = Account(store, stage, in_batches=in_batches)
    return Budget(llm_settings(**{"budget_tokens": 10_000, **limits}), DOLLAR, "model m", account)


def spend_and_die(path, done, under_way, in_batches):
    """Spends like a client and kills itself when a call is over, or under way."""
    with WorkStore(path) as store:
        budget = opened_budget(store, in_batches=in_batches)
        for number in range(done):
            budget.reserve(request(sample=number))
            budget.settle(request(sample=number), 105, 395)
        for number in range(under_way):
            budget.reserve(request(sample=1000 + number))
        os.kill(os.getpid(), signal.SIGKILL)


def killed(path, done, under_way, in_batches=False):
    """In a forked process, which spares a second of imports."""
    process = multiprocessing.get_context("fork").Process(
        target=spend_and_die, args=(path, done, under_way, in_batches)
    )
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("done", "under_way", "in_batches", "tokens"),
    [
        (0, 0, False, 0),
        (6, 0, False, 3000),
        (6, 2, False, 3000 + 2 * 1105),
        (6, 2, True, 3000),
        (0, 3, False, 3 * 1105),
    ],
)
def test_a_killed_start_counts_with_what_it_has_spent(
    tmp_path, done, under_way, in_batches, tokens
):
    path = tmp_path / "work.sqlite"
    killed(path, done, under_way, in_batches)
    with WorkStore(path) as store:
        budget = opened_budget(store, in_batches=in_batches)
        assert budget.so_far.tokens == tokens
        assert (budget.tokens, budget.calls) == (0, 0)  # of this start
        free = (10_000 - tokens) // 1105
        for number in range(free):
            budget.reserve(request(sample=number))
        with pytest.raises(BudgetSpent, match=f"has spent .* {tokens:,} tokens"):
            budget.reserve(request(sample=free))


def test_starts_add_up_until_one_ends_well(tmp_path):
    path = tmp_path / "work.sqlite"
    for _ in range(3):
        killed(path, 2, 0)
    with pytest.raises(KeyboardInterrupt), WorkStore(path) as store:
        assert opened_budget(store).so_far.tokens == 3000
        raise KeyboardInterrupt
    with WorkStore(path) as store:
        assert opened_budget(store, stage="extract other").so_far == Amount()
        assert opened_budget(store, stage="instruct m").so_far == Amount()
    with WorkStore(path) as store:
        assert opened_budget(store).so_far.tokens == 3000
    with WorkStore(path) as store:
        assert opened_budget(store).so_far == Amount()


def test_a_budget_that_is_spent_stays_spent_until_it_is_raised(tmp_path):
    path = tmp_path / "work.sqlite"
    for limit, refused in ((1200, False), (1200, True), (3000, False)):
        with WorkStore(path) as store:
            budget = opened_budget(store, budget_tokens=limit)
            if refused:
                with pytest.raises(BudgetSpent, match=r"earlier starts .* included"):
                    budget.reserve(request(sample=limit))
            else:
                budget.reserve(request(sample=limit))
                budget.settle(request(sample=limit), 105, 500)
            store._when_done.clear()  # as after an error


def test_what_an_earlier_start_sent_is_set_aside_whatever_the_limit(tmp_path):
    with WorkStore(tmp_path / "work.sqlite") as store:
        budget = opened_budget(store, in_batches=True, budget_tokens=2300)
        for number in range(2):
            budget.hold(request(sample=number))
            budget.hold(request(sample=number))  # once is enough
        with pytest.raises(BudgetSpent):
            budget.reserve(request(sample=2))
        budget.settle(request(sample=0), 10, 8)
        budget.reserve(request(sample=2))


def test_a_budget_in_dollars_needs_a_price():
    with pytest.raises(UserError, match=r"llm\.prices"):
        Budget(llm_settings(budget_usd=1.0), None, "model m")
    Budget(llm_settings(budget_usd=0.0), None, "model m")


def test_an_estimate_leaves_out_what_is_answered_and_what_is_not_asked(tmp_path):
    with WorkStore(tmp_path / "work.sqlite") as store:
        client = CachedClient(ScriptedClient(lambda _: "x"), store)
        list(client.complete([request("known")]))
        planned = [request("known"), request("new"), Rejected(FailureKind.FILTERED), request()]
        found = estimate(planned, client)
    assert (found.known, found.calls) == (1, 2)
    assert found.prompt_tokens == 9 + 105
    assert found.new_tokens == 2 * 350
    dollars, tokens = found.dollars(DOLLAR), found.tokens
    Budget(llm_settings(budget_usd=dollars), DOLLAR, "model m").refuse_if_over(found)
    with pytest.raises(UserError, match="nothing was sent"):
        Budget(llm_settings(budget_usd=dollars * 0.99), DOLLAR, "model m").refuse_if_over(found)
    with pytest.raises(UserError, match=r"llm\.budget_tokens"):
        Budget(llm_settings(budget_tokens=tokens - 1), None, "model m").refuse_if_over(found)
    spending = Budget(llm_settings(budget_tokens=tokens), None, "model m")
    spending.settle(request(), 1, 0)
    with pytest.raises(UserError, match=r"1 tokens spent before.*nothing was sent"):
        spending.refuse_if_over(found)


def test_usage_adds_up_all_attempts_by_purpose_model_and_outcome(tmp_path):
    replies = iter([
        Failure(kind=FailureKind.CUT_OFF, prompt_tokens=100, new_tokens=10),
        Answer(text="a", finish="stop", prompt_tokens=100, new_tokens=20),
        Failure(kind=FailureKind.REFUSED, prompt_tokens=7, new_tokens=1),
    ])  # fmt: skip
    with WorkStore(tmp_path / "work.sqlite") as store:
        client = CachedClient(ScriptedClient(lambda _: next(replies)), store, price=DOLLAR)
        list(client.complete([request("a")]))
        list(client.complete([request("a")]))
        list(client.complete([request("b", purpose="instruct")]))
        answered, refused = usage(store)
    assert (answered.purpose, answered.ended, answered.calls) == ("extract", "answer", 1)
    assert (answered.prompt_tokens, answered.new_tokens) == (200, 30)
    assert answered.dollars == pytest.approx((200 + 300) / 1e6)
    assert (refused.purpose, refused.ended, refused.calls) == ("instruct", "refused", 1)


@pytest.mark.parametrize(
    ("kinds", "asked"),
    [((), ["new"]), (("failed",), ["failed", "new"]), (("cut_off", "refused"), ["cut_off", "new"])],
)
def test_only_the_named_kinds_are_asked_again(tmp_path, kinds, asked):
    with WorkStore(tmp_path / "work.sqlite") as store:
        first = CachedClient(
            ScriptedClient(lambda r: Failure(kind=FailureKind(r.messages[0].content))), store
        )
        list(first.complete([request("failed"), request("cut_off")]))
        inner = ScriptedClient(lambda _: "late")
        again = frozenset(FailureKind(kind) for kind in kinds)
        client = CachedClient(inner, store, asked_again=again)
        names = ["failed", "cut_off", "new"]
        found = {r.messages[0].content: o for r, o in client.complete(map(request, names))}
    assert [one.messages[0].content for one in inner.asked] == asked
    assert set(found) == set(names)
    assert {name for name, o in found.items() if isinstance(o, Answer)} == set(asked)
