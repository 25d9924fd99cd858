from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from lazy_assay import checks
from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context, MemoryStore
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.sims.quadratic import neural_tangent
from lazy_assay.theory import UnknownClaimError, claim, claims, ids

VALUES: dict[str, Any] = {"d": 6, "N": 2, "B": np.arange(1.0, 7.0)}
CONFIGURATION: dict[str, Any] = {"d": 6, "N": 2, "B": "linear"}


class Counting(MemoryStore):
    """Counts how often draws had to be made."""

    made = 0

    def save(self, address: str, draws: np.ndarray) -> None:
        self.made += 1
        super().save(address, draws)


@pytest.fixture
def route() -> Route:
    return Route(name="exact oracle", simulate=neural_tangent.projection_risk)


@pytest.fixture
def draw(route: Route) -> Callable[..., Any]:
    """One batch for an entropy from a store."""

    def make(
        store: FolderStore | MemoryStore | Counting,
        entropy: int = 0,
        stage: str = "search",
        batch: int = 0,
        trials: int = 8,
        **changes: Any,
    ) -> np.ndarray:
        context = Context(
            claim=claim("ghorbani2019.theorem2"), profile=PROFILES["quick"], entropy=entropy, store=store, **changes
        )
        return context.draws(route, Setting(CONFIGURATION, VALUES), stage=stage, batch=batch, trials=trials)

    return make


@pytest.mark.parametrize("make", [lambda path: Counting(), lambda path: FolderStore(path)], ids=["memory", "folder"])
def test_stored_draws_are_the_simulated_ones_bit_for_bit(
    draw: Callable[..., Any], tmp_path: Path, make: Callable[..., Any]
) -> None:
    store = make(tmp_path)
    first, again = draw(store), draw(store)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, draw(MemoryStore()))
    assert first.dtype == np.float64


def test_a_code_version_addresses_draws_and_seeds_none(
    draw: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = draw(MemoryStore())
    monkeypatch.setattr("lazy_assay.sims.core.code_version._version_of", lambda module: "another")
    np.testing.assert_array_equal(before, draw(MemoryStore()))


def test_a_batch_is_simulated_once_and_then_read(draw: Callable[..., Any]) -> None:
    store = Counting()
    for _ in range(3):
        draw(store)
    assert store.made == 1


@pytest.mark.parametrize(
    "other", [{"entropy": 1}, {"batch": 1}, {"stage": "confirm"}, {"trials": 9}, {"entropy": 2**40}], ids=str
)
def test_another_entropy_batch_stage_or_number_of_trials_has_another_address_and_other_draws(
    draw: Callable[..., Any], other: dict[str, Any]
) -> None:
    store = Counting()
    first, second = draw(store), draw(store, **other)
    assert store.made == 2
    assert not np.isin(first, second).any()


def test_a_draw_that_was_stored_is_trusted_and_not_made_again(draw: Callable[..., Any]) -> None:
    store = MemoryStore()
    draw(store)
    (address,) = store.draws
    store.draws[address] = np.full(8, 0.25)
    np.testing.assert_array_equal(draw(store), np.full(8, 0.25))


def test_a_stored_file_that_was_cut_off_is_made_again(draw: Callable[..., Any], tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    first = draw(store)
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:40])
    np.testing.assert_array_equal(draw(store), first)


def test_a_worker_waits_for_draws_that_another_is_making_and_takes_them(
    draw: Callable[..., Any], tmp_path: Path
) -> None:
    store = FolderStore(tmp_path)
    first = draw(store)
    (file,) = tmp_path.rglob("*.npy")
    address, made = file.stem, []
    file.unlink()
    with store.computing(address):
        other = threading.Thread(target=lambda: made.append(draw(FolderStore(tmp_path))))
        other.start()
        other.join(0.3)
        assert other.is_alive(), "the second worker did not wait"
        store.save(address, np.full(8, 0.25))
    other.join(30)
    np.testing.assert_array_equal(made, [np.full(8, 0.25)])
    assert not np.isin(first, made).any()
    assert [path.suffix for path in tmp_path.rglob("*.*")] == [".npy"]


def test_draws_that_another_worker_failed_to_make_are_made(draw: Callable[..., Any], tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with pytest.raises(ZeroDivisionError), store.computing("abcdef"):
        raise ZeroDivisionError
    with store.computing("abcdef"):
        pass
    assert not list(tmp_path.rglob("*.lock"))


def test_a_callable_in_place_of_a_simulation_gets_its_arguments_and_leaves_no_trace_in_the_store(
    draw: Callable[..., Any],
) -> None:
    told = {}

    def fake(**arguments: Any) -> np.ndarray:
        told.update(arguments)
        return np.zeros(arguments["trials"])

    store = Counting()
    np.testing.assert_array_equal(draw(store, simulate={"exact oracle": fake}), np.zeros(8))
    assert store.made == 0
    assert set(told) == {"d", "N", "B", "trials", "entropy", "device", "dtype"}


def test_a_callable_in_place_of_a_simulation_is_keyed_by_batch_as_the_simulation_is(draw: Callable[..., Any]) -> None:
    keys = []
    fake = {"exact oracle": lambda *, entropy, **_: keys.append(entropy)}
    for other in ({}, {}, {"batch": 1}, {"entropy": 5}, {"stage": "confirm"}):
        draw(MemoryStore(), simulate=fake, **other)
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


def comparable(result: Result) -> dict[str, str]:
    return {field.name: repr(getattr(result, field.name)) for field in fields(result) if field.name != "seconds"}


def test_a_confrontation_is_fixed_by_its_entropy_in_every_field_but_the_seconds() -> None:
    first, again, other = (checks.confront("daniely2019.corollary3", entropy=entropy) for entropy in (4, 4, 5))
    assert [comparable(r) for r in first] == [comparable(r) for r in again]
    assert {r.id for r in first}.isdisjoint(r.id for r in other)
    sampled = [[r.estimate for r in results if r.stage == "search"] for results in (first, other)]
    assert sampled[0]
    assert set(sampled[0]).isdisjoint(sampled[1])


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"profile": "slow"}, "unknown profile 'slow'; there are quick, full, nightly"),
        ({"entropy": -1}, "entropy must be a whole number ≥ 0, got -1"),
        ({"entropy": 1.5}, "entropy must be a whole number ≥ 0, got 1.5"),
        ({"entropy": True}, "entropy must be a whole number ≥ 0, got True"),
        ({"device": "abacus"}, "abacus"),
        ({"simulate": {"exact orcale": print}}, "there is no route 'exact orcale'"),
    ],
    ids=str,
)
def test_a_confrontation_that_cannot_be_had_says_so_in_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        checks.confront("ghorbani2019.theorem2", **arguments)
    assert "\n" not in str(raised.value)


def test_a_claim_that_is_not_there_cannot_be_confronted() -> None:
    with pytest.raises(UnknownClaimError, match=r"did you mean ghorbani2019\.theorem2"):
        checks.confront("ghorbani2019.theorm2")


def test_the_confirmations_of_a_claim_are_shared_out_before_anything_is_drawn() -> None:
    from lazy_assay.checks.engine.perform import suspects
    from lazy_assay.checks.engine.registry import tasks

    for id in ("ghorbani2019.theorem2", "ghorbani2019.closure", "ghorbani2019.theorem1"):
        shares = suspects(id)
        assert sum(shares.values()) == ErrorRates().suspects_cap
        assert set(shares) == {task.id for task in tasks(id) if task.searches}


def test_every_searching_task_of_every_claim_may_refute_and_the_run_keeps_its_cap() -> None:
    from lazy_assay.checks.engine.perform import suspects

    rates, shares = ErrorRates(), [suspects(each.id) for each in claims()]
    assert len(shares) <= rates.claims_cap
    assert all(share >= 1 for each in shares for share in each.values())
    assert sum(sum(each.values()) for each in shares) <= rates.claims_cap * rates.suspects_cap


@pytest.mark.parametrize("id", ids())
def test_all_that_a_claim_may_confirm_is_counted_towards_its_share_of_false_alarms(id: str) -> None:
    from lazy_assay.checks.engine.perform import rates, suspects
    from lazy_assay.checks.engine.registry import tasks

    plain, planned = ErrorRates(), tasks(id)
    counted = sum(suspects(id).values()) + sum(task.confirms for task in planned)
    share = plain.false_alarm / plain.claims_cap
    assert rates(planned).strict * max(counted, 1) <= share * (1 + 1e-12)
    assert rates(planned).strict <= plain.strict


def test_what_confirms_of_its_own_takes_part_in_the_split() -> None:
    from lazy_assay.checks.engine.perform import rates
    from lazy_assay.checks.engine.registry import tasks

    assert rates(tasks("fang2021.figure5")).suspects_cap > ErrorRates().suspects_cap
    assert rates(tasks("ghorbani2019.figure1_right")).suspects_cap > ErrorRates().suspects_cap
    # Eight suspects of the searches, and the contrast of its observation.
    assert rates(tasks("ghorbani2019.theorem6")).suspects_cap == ErrorRates().suspects_cap + 1


@pytest.mark.parametrize("id", ids())
def test_a_profile_below_the_one_that_decides_draws_nothing_and_says_so(id: str) -> None:
    from lazy_assay.checks.engine.registry import check, tasks
    from lazy_assay.checks.vocabulary.profiles import ORDER, rank
    from lazy_assay.checks.vocabulary.result import Verdict
    from lazy_assay.checks.vocabulary.status import part_status

    found, told_of = check(id), claim(id)
    for procedure in found.procedures:
        for profile in ORDER[: rank(getattr(procedure, "decides", ORDER[0]))]:
            part = told_of.part(procedure.part)
            (task,) = procedure.tasks(told_of)
            refuses = dict.fromkeys(task.routes, never)
            told = task.run(Context(claim=told_of, profile=PROFILES[profile], entropy=1, simulate=refuses))
            assert {result.verdict for result in told} == {Verdict.ELSEWHERE}
            status = part_status(told_of, part, found, told)
            assert (status.status, status.as_expected) == ("undecided here", True)
    assert len(tasks(id)) > 0


def never(**_: Any) -> NoReturn:
    raise AssertionError("nothing is to be drawn")
