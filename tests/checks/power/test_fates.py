from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.power.bench import Bench
from lazy_assay.checks.power.expressions import Operator
from lazy_assay.checks.power.fates import ATTAINED, NO_NUMBER, Fate, Outcome, apart, attained, fates
from lazy_assay.checks.power.mutants import Dial, Mutant, mutants
from lazy_assay.checks.power.stated import drawn
from lazy_assay.checks.procedures.certificates import Case, Certificate, Certificates
from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Route, Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.result import Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.theory import (
    AlmostSure,
    Assumption,
    Bound,
    Decoy,
    Eq,
    Limit,
    Observation,
    Parameter,
    Part,
    Quantity,
    Real,
    Stronger,
)

Make = Callable[..., Any]
d, x, R = sp.Symbol("d", integer=True, positive=True), sp.Symbol("x", real=True), sp.Symbol("R")


@pytest.fixture
def bench(claim: Make, context: Make, profile: Make) -> Make:
    """A procedure's only task of one part, on a bench of its own."""

    def make(procedure: Any, part: Part, **told: Any) -> Bench:
        (task,) = procedure.tasks(claim(part))
        budget = profile(search_trials=12_000, confirm_trials=48_000, targeted=False)
        made = context(7, claim=task.claim, memory={}, **{"profile": budget, "rates": ErrorRates(), **told})
        return Bench(task, made, partial(_again, procedure, claim))

    return make


def _again(procedure: Any, claim: Make, part: Part) -> Task:
    (task,) = procedure.tasks(claim(part))
    assert isinstance(task, Task)
    return task


@pytest.fixture
def judged(bench: Make, means: Make, part: Limit) -> Make:
    """Outcome by name of the coin's mutants."""

    def run(resolution: float = 0.002, bias: float = 0.0, changed: Part = part) -> dict[str, Fate]:
        made = bench(means(resolution=resolution, bias=bias, trials=2000), changed)
        assert made.straight
        return {fate.mutant.name: fate for fate in fates(changed, mutants(changed, made.dials), [made])}

    return run


def test_a_tenth_is_refuted_and_a_thousandth_lies_within_the_resolution(judged: Make) -> None:
    found = judged(resolution=0.01)
    assert {found[name].outcome for name in ("× 1.1", "× 0.9")} == {Outcome.REFUTED}
    assert {found[name].outcome for name in ("× 1.001", "× 0.999")} == {Outcome.SURVIVED}
    assert found["× 1.001"].reason == "within the resolution"


def test_what_lies_within_the_allowance_is_told_as_such(judged: Make) -> None:
    assert judged(bias=0.1)["× 1.1"].reason == "within the allowance"


def test_what_is_off_is_the_largest_share_of_a_prediction(judged: Make) -> None:
    assert judged()["× 1.1"].off == pytest.approx(0.1)


def test_mutants_share_the_draws_of_the_claim_as_it_stands(bench: Make, means: Make, part: Limit) -> None:
    calls: list[tuple[int, int]] = []

    def counted(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
        calls.append((d, entropy))
        return (np.random.default_rng(entropy).random(trials) < 0.4 + 0.25 / d).astype(float)

    made = bench(means(resolution=0.01, trials=2000), part, simulate={"tosses": counted})
    assert made.straight
    fates(part, mutants(part, made.dials), [made])
    assert len(set(calls)) == len(calls)


@pytest.mark.parametrize("side, weaker, wrong", [("below", "× 1.1", "× 0.9"), ("above", "× 0.9", "× 1.1")])
def test_a_bound_that_is_only_weaker_is_set_apart_and_a_stronger_one_refuted(
    judged: Make, part: Limit, side: str, weaker: str, wrong: str
) -> None:
    bound = Bound(
        sentence="The chance of heads lies on one side of what it is.",
        quantity=part.quantity,
        statement=sp.Le(R, sp.Rational(2, 5) + 1 / (4 * d)),
        parameters=part.parameters,
        published=lambda d: 0.4 + 0.25 / d,
        decoys=part.decoys,
        side=side,
    )
    found = judged(changed=bound)
    assert found[weaker].reason.startswith("weaker")
    assert found[wrong].outcome is Outcome.REFUTED


def test_what_a_stronger_inequality_implies_is_set_apart_by_name_and_what_it_does_not_is_judged(
    judged: Make, part: Limit
) -> None:
    loose = Bound(
        sentence="The chance of heads is at most 0.8.",
        quantity=part.quantity,
        statement=sp.Le(R, sp.Rational(4, 5) + 1 / (4 * d)),
        parameters=part.parameters,
        published=lambda d: 0.8 + 0.25 / d,
        decoys=part.decoys,
        stronger=(Stronger(statement=sp.Le(R, sp.Rational(5, 8) + 1 / (4 * d)), why="the lemma"),),
    )
    found = judged(changed=loose)
    assert found["4/5 × 0.9"].reason == "true: weaker than what is proved, the lemma"
    assert found["1/2 times the whole"].outcome is not Outcome.APART


def test_an_inequality_is_flipped(judged: Make, part: Limit) -> None:
    loose = Bound(
        sentence="The chance of heads is at most a half.",
        quantity=part.quantity,
        statement=sp.Le(R, sp.Rational(1, 2)),
        parameters=part.parameters,
        published=lambda: 0.5,
        decoys=part.decoys,
    )
    assert judged(changed=loose)["from above"].outcome is Outcome.REFUTED


@pytest.mark.parametrize(
    "places, outcome", [((5,), Outcome.APART), ((20,), Outcome.REFUTED), ((5, 20), Outcome.REFUTED)]
)
def test_a_flipped_inequality_is_set_apart_where_every_comparison_is_an_equality_and_refuted_where_one_is_strict(
    bench: Make, means: Make, part: Limit, places: tuple[int, ...], outcome: Outcome
) -> None:
    # At 5 the chance of heads is what the bound says, at 20 it is less.
    most = Bound(
        sentence="The chance of heads is at most nine in twenty.",
        quantity=part.quantity,
        statement=sp.Le(R, sp.Rational(9, 20)),
        parameters=part.parameters,
        published=lambda: 0.45,
        decoys=part.decoys,
    )
    space = Space(draws={}, anchors=tuple({"d": at} for at in places))
    made = bench(means(space=space, search=False, resolution=0.03, trials=2000), most)
    told = {fate.mutant.name: fate for fate in fates(most, mutants(most, made.straight and made.dials), [made])}
    assert told["from above"].outcome is outcome
    assert (told["from above"].reason == ATTAINED) == (outcome is Outcome.APART)


def test_a_bound_is_attained_where_it_is_known_to_be_and_not_where_nothing_is_known(result: Make) -> None:
    equal = result(predicted=0.4, estimate=0.4, interval=(0.39, 0.41), resolution=0.01)
    assert attained([equal])
    assert not attained([])
    assert not attained([equal, replace(equal, interval=(0.2, 0.41))])
    assert not attained([equal, replace(equal, interval=(0.3, 0.31))])
    number = replace(equal, method="exact", trials=1, tolerance=Tolerance(rounding=1e-12))
    assert attained([equal, number])
    assert not attained([replace(number, estimate=0.4 - 1e-9)])
    # The worst of several rows tells nothing of the others.
    assert not attained([replace(number, trials=8)])


def test_what_the_rounding_of_terms_leaves_of_their_sum_is_no_mistake(part: Limit) -> None:
    a, b = sp.symbols("a b", real=True)
    parameters = tuple(Parameter(it.name, it, "a number", Real()) for it in (a, b))
    least = replace(part, statement=Eq(R, a - b), parameters=parameters, published=lambda a, b: a - b, finite=None)
    half = next(it for it in mutants(least, {Dial.PREDICTION}) if it.name == "1/2 times the whole")
    assert half.distortion.prediction(-1e-17, {"a": 0.1, "b": 0.1 + 2e-17}) == -1e-17
    assert half.distortion.prediction(0.1, {"a": 0.3, "b": 0.2}) == pytest.approx(0.05)


def test_a_bound_that_says_less_than_the_range_of_its_quantity_is_true_whatever_it_says(part: Limit) -> None:
    least = Bound(
        sentence="The chance of heads is at least this.",
        quantity=replace(part.quantity, low=0, high=1),
        statement=sp.Ge(R, 1 - d / 10),
        parameters=part.parameters,
        published=lambda d: 1 - d / 10,
        decoys=part.decoys,
        side="above",
    )
    told = {it.name: it for it in mutants(least, {Dial.PREDICTION})}
    half, more = told["1/2 times the whole"], told["without the factor -1/10"]
    # Half of what is negative is nearer to 0, and says as little.
    assert apart(least, half, [(-1.0, -0.5), (0.5, 0.25)], {}) is not None
    assert apart(least, replace(half, anywhere=list), [(0.5, 0.6)], {}) is None
    assert more.distortion.prediction(0.5, {"d": 5}) == pytest.approx(-4.0)


def test_points_of_a_domain_are_those_at_which_its_assumptions_hold(part: Limit) -> None:
    few = Assumption(name="few", sentence="fewer than ten", holds=lambda d: d < 10)
    never = Assumption(name="never", sentence="never", holds=lambda d: False)
    assert {at["d"] < 10 for at in drawn(part)} == {True, False}
    assert {at["d"] < 10 for at in drawn(replace(part, assumptions=(few,)))} == {True}
    # Where none holds, all of them are better than none.
    assert drawn(replace(part, assumptions=(never,))) == drawn(part)


def test_a_mistake_where_the_check_never_goes_survives_with_that_reason(bench: Make, means: Make, part: Limit) -> None:
    # The coin is tossed at 20 alone, where the maximum is zero; in the whole domain it need not be.
    right = sp.Rational(2, 5) + sp.Max(0, 13 - d)
    beyond = replace(part, statement=Eq(R, right), published=lambda d: 0.4 + max(0, 13 - d))
    made = bench(means(space=Space(draws={}, anchors=({"d": 20},)), search=False, trials=2000), beyond)
    told = {fate.mutant.name: fate for fate in fates(beyond, mutants(beyond, made.straight and made.dials), [made])}
    assert told["without Max(0, 13 - d)"].reason == "a mistake nowhere that the check goes"


def test_a_mistake_without_a_number_where_it_is_asked_for_is_set_apart_whatever_it_says_elsewhere(part: Limit) -> None:
    # A root of what is negative at every configuration of a check.
    mutant = replace(mutants(part, {Dial.PREDICTION})[0], anywhere=lambda: [(1.0, 2.0)])
    found = apart(part, mutant, [(0.5, float("nan")), (0.6, float("nan"))], {})
    assert found is not None
    assert (found.outcome, found.reason) == (Outcome.APART, NO_NUMBER)


# -- findings and certificates ---------------------------------------------------------------------------------------

FINDING = Observation(name="", sentence="Heads win.", quantity=Quantity(symbol=R, meaning="lead"))


def lead(*, shift: float = 0.0, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    return np.random.default_rng(entropy).normal([1.0 + shift, 0.0], 0.1, (trials, 2))


@pytest.mark.parametrize("equality, shift", [(False, 0.0), (True, -1.0)])
def test_a_finding_is_lost_with_its_sign_with_its_effect_and_with_half_of_what_matters(
    bench: Make, equality: bool, shift: float
) -> None:
    route = Route(name="lead", simulate=lead, settings=lambda values: {"shift": shift})
    contrast = Contrast("heads", (route, {}), None, 0.5, equality=equality)
    made = bench(Effects(contrasts=(contrast,)), FINDING)
    assert {r.verdict for r in made.straight[0]} == {Verdict.AGREES}
    assert made.dials == {Dial.EFFECT}
    told = {fate.mutant.name: fate.outcome for fate in fates(FINDING, mutants(FINDING, made.dials), [made])}
    assert told["the other sign"] is Outcome.REFUTED
    assert set(told.values()) == {Outcome.REFUTED}


def test_where_the_finding_is_no_effect_one_of_twice_what_matters_is_planted_either_way() -> None:
    planted = [m.distortion.effect(np.full(3, 0.01), 0.5, True).mean() for m in mutants(FINDING, {Dial.EFFECT})]
    assert planted == pytest.approx([1.0, -1.0, 1.0])


SURE = AlmostSure(sentence="The matrix is regular.", quantity=Quantity(symbol=R, meaning="rank"))


def cases(context: Context) -> Iterator[Case]:
    matrix = context.planted(np.eye(2), lambda found: found * np.array([1.0, 0.0]))
    least, rank = context.threshold(1.0), float(np.linalg.matrix_rank(matrix))
    agrees = rank == 2 and least <= 1.0
    outcome = Verdict.AGREES if agrees else Verdict.DISAGREES
    yield {}, Subject.CLAIM, "", Certificate(outcome=outcome, reason="counted", quantity=rank, threshold=2.0)


def test_a_certificate_is_lost_with_its_property_and_with_its_number(bench: Make) -> None:
    made = bench(Certificates(cases=cases, route="rank"), SURE)
    assert {r.verdict for r in made.straight[0]} == {Verdict.AGREES}
    assert made.dials == {Dial.THRESHOLD, Dial.PLANT}
    told = {fate.mutant.name: fate.outcome for fate in fates(SURE, mutants(SURE, made.dials), [made])}
    assert told["the property removed"] is Outcome.REFUTED
    assert (told["its number × 1.1"], told["its number × 0.9"]) == (Outcome.REFUTED, Outcome.SURVIVED)


def test_a_mutant_s_grade_says_how_far_it_is_off_or_what_it_is() -> None:
    assert Mutant(Operator.WHOLE, "× 1.01", sp.Rational(1, 100), Distortion()).grade == "1 %"
    assert Mutant(Operator.SWAP, "N and d", sp.S.Zero, Distortion()).grade == "symbols swapped"


def test_where_a_statement_is_zero_a_share_of_a_wrong_version_is_added(part: Limit) -> None:
    zero = Bound(
        sentence="Nothing is left.",
        quantity=part.quantity,
        statement=sp.Le(R, 0),
        parameters=(Parameter("x", x, "a number", Real()),),
        published=lambda x: 0.0,
        decoys=(Decoy(name="x", sentence="x", published=lambda x: x),),
    )
    told = {m.name: m.distortion.prediction(0.0, {"x": 3.0}) for m in mutants(zero, {Dial.PREDICTION})}
    assert told["× 1.1"] == pytest.approx(0.3)
