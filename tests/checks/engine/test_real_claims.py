from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from torch import Tensor

from lazy_assay import checks, theory
from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.quadratic import network, neural_tangent, random_features

THEOREM_2, COROLLARY_1, THEOREM_3 = "ghorbani2019.theorem2", "ghorbani2019.corollary1", "ghorbani2019.theorem3"
# Of each kind one: an exact sequence, an asymptotic one, algebra alone, a sweep. All others run beside these tests.
FAST = (THEOREM_2, "daniely2019.corollary3", "ghorbani2019.eq13", "ghorbani2019.closure")
ORACLE = "exact oracle"


def without(simulation: Callable[..., Tensor], *names: str) -> Callable[..., Any]:
    """A simulation that takes, and does not heed, some further arguments."""
    return lambda **told: simulation(**{name: value for name, value in told.items() if name not in names})


# Fits from samples take ten times as long as all the rest; these tests are about the comparison and the other routes.
CHEAP = {
    THEOREM_2: {
        "normal equations": without(neural_tangent.projection_risk, "samples"),
        "tangent model by SGD": without(neural_tangent.projection_risk, "batch", "steps", "step_size"),
    },
    COROLLARY_1: {"normal equations": without(random_features.population_risk, "samples")},
}


def claimed(results: list[Result]) -> list[Result]:
    return [r for r in results if r.subject is Subject.CLAIM]


def refuted(results: list[Result]) -> list[Result]:
    return [r for r in claimed(results) if r.verdict is Verdict.DISAGREES]


@pytest.fixture(scope="module")
def confronted() -> Callable[..., list[Result]]:
    """The quick results of a claim at an entropy, made once."""
    known: dict[tuple[str, int], list[Result]] = {}

    def results(id: str, entropy: int = 11) -> list[Result]:
        if (id, entropy) not in known:
            known[id, entropy] = checks.confront(id, entropy=entropy, simulate=CHEAP.get(id))
        return known[id, entropy]

    return results


@pytest.mark.parametrize("id", FAST)
def test_a_right_claim_has_the_status_that_is_expected_of_it(confronted: Callable[..., list[Result]], id: str) -> None:
    claim, found = theory.claim(id), check(id)
    statuses = [part_status(claim, part, found, confronted(id)) for part in claim.parts]
    assert all(status.as_expected for status in statuses), statuses


@pytest.mark.parametrize("id", FAST)
def test_every_declared_decoy_is_refuted(confronted: Callable[..., list[Result]], id: str) -> None:
    declared = {(part.name, decoy.name) for part in theory.claim(id).parts for decoy in part.decoys}
    decoys = [r for r in confronted(id) if r.subject is Subject.DECOY]
    assert {(r.part, r.decoy) for r in decoys if r.verdict is Verdict.DISAGREES} == declared
    assert {r.verdict for r in decoys} == {Verdict.DISAGREES}


@pytest.mark.parametrize("id", FAST)
def test_every_result_says_what_made_it_and_has_an_id_of_its_own(
    confronted: Callable[..., list[Result]], id: str
) -> None:
    found = confronted(id)
    assert {r.task for r in found} == {task.id for task in tasks(id)}
    assert len({r.id for r in found}) == len(found)
    assert {(r.claim, r.profile, r.entropy) for r in found} == {(id, "quick", 11)}


@pytest.mark.parametrize("id", [THEOREM_2, "daniely2019.corollary3"])
def test_nothing_is_refuted_at_another_entropy_either(confronted: Callable[..., list[Result]], id: str) -> None:
    assert refuted(confronted(id)) == []
    assert refuted(confronted(id, entropy=12)) == []


def bent(id: str, factor: float, entropy: int, wanted: Callable[[Task], bool]) -> list[Result]:
    """The results of those tasks that are wanted, of predictions times a factor."""
    orders = [Order(task=task.id, entropy=entropy) for task in tasks(id) if wanted(task)]
    with Local(distort=lambda p: factor * p, simulate=CHEAP.get(id, {})) as executor:
        return [result for order in orders for result in executor.submit(order).result()]


@pytest.mark.parametrize("id, factor, entropy", [(THEOREM_2, 0.97, 11), (COROLLARY_1, 1.03, 12)])
def test_predictions_that_are_three_percent_off_are_refuted_by_simulation_alone(
    id: str, factor: float, entropy: int
) -> None:
    # The part's simulations, and all that simulates nothing.
    found = bent(id, factor, entropy, lambda task: task.part.name == "limit" or not task.routes)
    assert {"limit"} <= {r.part for r in refuted(found)}
    assert {r.stage for r in refuted(found) if r.part == "limit"} == {"confirm"}
    # The chain is left alone; a derivation is bent like everything that is compared with a prediction.
    assert {r.verdict for r in claimed(found) if r.check == "chain"} == {Verdict.AGREES}
    assert {r.verdict for r in claimed(found) if r.check == "derivation" and r.route == "numbers"} <= {
        Verdict.DISAGREES
    }


@pytest.mark.parametrize(
    "id, part, factor",
    [
        ("daniely2019.fluctuation", "variance", 1.01),
        ("daniely2019.fluctuation", "variance", 0.99),
        ("daniely2019.theorem4", "exact_mean", 1.01),
        ("daniely2019.theorem4", "exact_mean", 0.99),
    ],
)
def test_one_percent_is_noticed_where_it_is_promised(id: str, part: str, factor: float) -> None:
    assert part in {r.part for r in refuted(bent(id, factor, 3, lambda task: task.part.name == part))}


# -- planted faults --------------------------------------------------------------------------------------------------


def faulty(simulation: Callable[..., Tensor], **wrong: Any) -> Callable[..., Any]:
    """A simulation with some arguments spoilt: {name: what is done to its value}."""
    return lambda **told: simulation(**told | {name: spoil(told[name]) for name, spoil in wrong.items()})


def trained_in_larger_steps(shift: float) -> Callable[..., Any]:
    """Full gradient descent, in steps ten times as large, in place of one-pass SGD; `shift` is added to its risks."""
    simulate = faulty(network.gradient_descent_risk, steps=lambda n: n // 10, step_size=lambda e: 10 * e)
    return lambda **told: simulate(**told) + shift


FAULTS = {
    "weights of trace 1.25": (
        COROLLARY_1, f"finite size by {ORACLE}", faulty(random_features.population_risk, Gamma=lambda G: 1.25 * G)
    ),
    "one neuron fewer": (
        THEOREM_2, f"finite size by {ORACLE}", faulty(neural_tangent.projection_risk, N=lambda N: max(N - 1, 1))
    ),
    "one neuron fewer, by least squares": (
        THEOREM_2, "finite size by least squares over the tangent space",
        faulty(neural_tangent.tangent_space_risk, N=lambda N: max(N - 1, 1)),
    ),
    "descent that stops at a tenth": (
        THEOREM_3, "trained risk by population gradient descent",
        faulty(network.gradient_descent_risk, steps=lambda n: n // 10),
    ),
    "a risk that is 0.01 too high": (THEOREM_3, "trained risk by one-pass SGD", trained_in_larger_steps(0.01)),
}  # fmt: skip
SOUND = {
    "the oracle of random features": (COROLLARY_1, f"finite size by {ORACLE}", random_features.population_risk),
    "the projection": (THEOREM_2, f"finite size by {ORACLE}", neural_tangent.projection_risk),
    "descent in larger steps": (THEOREM_3, "trained risk by one-pass SGD", trained_in_larger_steps(0.0)),
}


def by(id: str, name: str, simulate: Callable[..., Any]) -> list[Result]:
    """A task's results with another simulation; the identity as distortion leaves the wrong versions out."""
    (task,) = [task for task in tasks(id) if task.name == name and task.part.name in ("limit", "")]
    (route,) = task.routes
    context = Context(
        claim=task.claim, profile=replace(PROFILES["quick"], examples=1), entropy=11, suspects=2,
        simulate={route: simulate}, distort=lambda p: p,
    )  # fmt: skip
    return run(task, context)


@pytest.mark.parametrize("id, name, simulate", FAULTS.values(), ids=FAULTS)
def test_a_fault_planted_in_a_simulation_is_refuted(id: str, name: str, simulate: Callable[..., Any]) -> None:
    assert refuted(by(id, name, simulate))


@pytest.mark.parametrize("id, name, simulate", SOUND.values(), ids=SOUND)
def test_a_sound_simulation_in_the_same_place_agrees(id: str, name: str, simulate: Callable[..., Any]) -> None:
    assert {r.verdict for r in claimed(by(id, name, simulate))} == {Verdict.AGREES}
