import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lazy_assay import theory
from lazy_assay.checks.configurations.points import point, points, sizes
from lazy_assay.checks.configurations.search import search
from lazy_assay.checks.configurations.strategies import ImpossibleDomainError, configurations, smaller
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.procedures.balances import Balances
from lazy_assay.checks.procedures.extrapolated import Extrapolated, limit
from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.procedures.pointwise import Pointwise
from lazy_assay.checks.vocabulary.check import Fine
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting
from lazy_assay.checks.vocabulary.space import Between, Members, OneOf, Ratio, Space
from lazy_assay.theory import (
    Balance,
    Choice,
    Claim,
    Covariance,
    Integer,
    InvalidParameterError,
    Limit,
    Neurons,
    Parameter,
    Part,
    Real,
    Symmetric,
)
from lazy_assay.theory import materialise as made
from lazy_assay.theory._arrays import Named
from lazy_assay.theory._families import ALONG, COVARIANCES, SEMIDEFINITE, SYMMETRIC
from lazy_assay.theory._prediction import accept, arguments

DRAWN = settings(
    max_examples=8,
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def spaces() -> Iterator[tuple[Any, ...]]:
    """Every space that a check draws from: id, part, scope, space, controls, constants of the formulas, procedure."""
    for id in theory.ids():
        for procedure in check(id).procedures:
            claim = theory.claim(id)
            part = claim.part(procedure.part)
            if isinstance(procedure, Means):
                for route in procedure.routes:
                    scope = Scope.of(claim, part, route)
                    yield (
                        id,
                        part,
                        scope,
                        route.space or procedure.space,
                        procedure.controls,
                        lambda values: {},
                        procedure,
                    )
            if isinstance(procedure, Pointwise):
                scope = Scope.of(claim, part, procedure.route)
                yield id, part, scope, procedure.space, (), procedure.constants, procedure


SPACES = list(spaces())
# The allowance of a balance may ask for what is measured.
POINTWISE = [
    number
    for number, (*_, procedure) in enumerate(SPACES)
    if isinstance(procedure, Pointwise) and not isinstance(procedure, Balances)
]
every_space = pytest.mark.parametrize(
    "part, scope, space, fine",
    [(part, scope, space, getattr(procedure, "fine", None)) for _, part, scope, space, *_, procedure in SPACES],
    ids=[f"{id}:{p.name}" for id, p, *_ in SPACES],
)
every_drawn = pytest.mark.parametrize("number", range(len(SPACES)), ids=[f"{id}:{p.name}" for id, p, *_ in SPACES])


@functools.cache
def drawn(number: int) -> list[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Eight configurations of a space, each with its values and the constants of the formulas: drawn once."""
    _, part, scope, space, _, constants, _ = SPACES[number]
    found: list[tuple[dict[str, Any], Mapping[str, Any]]] = []

    @DRAWN
    @given(configurations(scope.domains, space))
    def draw(configuration: dict[str, Any]) -> None:
        values = accepted(part, scope, configuration)
        found.append((configuration, {**values, **constants(values), **measured(part, len(found))}))

    draw()
    return found


def measured(part: Part, index: int) -> dict[str, Any]:
    """Numbers as a simulation would return them beside the quantity, where it measures both sides."""
    names = part.measured if isinstance(part, Balance) else ()
    return point(part, names, np.random.default_rng(index), index, sizes((), 4, 4))


def accepted(part: Part, scope: Scope, configuration: Configuration) -> Mapping[str, Any]:
    """A configuration's values, each one taken by its parameter's domain; sizes as the configuration says."""
    values = scope.at(configuration).values
    for name in set(values) & set(part.declared):
        part.declared[name].domain.accept(values[name])
    counted = [part.declared[name].domain.sizes(values[name]) for name in set(values) & set(part.declared)]
    assert all(values.get(size, count) == count for found in counted for size, count in found.items())
    return values


def test_the_battery_below_covers_the_checks_there_are() -> None:
    assert len(SPACES) >= 15


@every_drawn
def test_what_is_drawn_lies_in_the_domain_and_the_formulas_take_it(number: int) -> None:
    _, part, *_, procedure = SPACES[number]
    formula = part.finite or part.published
    assert drawn(number)
    for configuration, values in drawn(number):
        told = (
            limit(part, values)
            if isinstance(procedure, Extrapolated)
            else formula(**{name: values[name] for name in arguments(formula)})
        )
        assert np.isfinite(told), configuration


@pytest.mark.parametrize("number", POINTWISE, ids=[f"{SPACES[n][0]}:{SPACES[n][1].name}" for n in POINTWISE])
def test_what_is_drawn_within_the_assumptions_has_a_finite_allowance(number: int) -> None:
    _, part, _, _, _, _, procedure = SPACES[number]
    within = [(it, values) for it, values in drawn(number) if not part.broken_assumptions(values)]
    assert within
    for configuration, values in within:
        allowed = procedure.tolerance(Setting(configuration, values), None if procedure.route.coarse is None else 0.0)
        assert 0 <= allowed.bias < np.inf, configuration


@every_space
def test_anchors_and_degenerate_cases_lie_in_the_domain_too(
    part: Limit, scope: Scope, space: Space, fine: Fine | None
) -> None:
    fixed = [*space.anchors, *space.further, *space.degenerate.values()]
    fixed += [*fine.anchors, *fine.further] if fine else []
    assert fixed
    for configuration in fixed:
        accepted(part, scope, configuration)


def test_controls_lie_in_the_domain_and_break_their_assumption() -> None:
    controls = [(part, scope, control) for _, part, scope, _, found, *_ in SPACES for control in found]
    assert controls
    for part, scope, control in controls:
        broken = part.broken_assumptions(accepted(part, scope, control.configuration))
        assert control.assumption in {assumption.name for assumption in broken}


@every_drawn
def test_what_is_drawn_mostly_meets_the_assumptions(number: int) -> None:
    part = SPACES[number][1]
    assert np.mean([not part.broken_assumptions(values) for _, values in drawn(number)]) > 0.5


@every_drawn
def test_smaller_configurations_are_smaller_or_simpler_and_stay_in_the_domain(number: int) -> None:
    _, part, scope, space, *_ = SPACES[number]
    least = {n: draw.low for n, draw in space.draws.items() if isinstance(draw, Between)}
    for configuration, _ in drawn(number):
        for candidate in smaller(configuration, scope.domains, space):
            accepted(part, scope, candidate)
            assert candidate != configuration
            assert candidate.keys() == configuration.keys()
            assert all(low <= float(candidate[n]) <= float(configuration[n]) for n, low in least.items())


def test_shrinking_halves_the_size_keeps_the_ratio_and_ends() -> None:
    space = Space(draws={"d": Between(4, 40), "N": Ratio("d", (0.5, 2.0)), "B": Members(("uniform",))})
    configuration: dict[str, Any] = {"d": 40, "N": 80, "B": "uniform:7"}
    steps, domains = [], {"B": Symmetric()}
    for _ in range(20):
        steps.append(configuration)
        configuration = next(iter(smaller(configuration, domains, space)), configuration)
    assert [step["d"] for step in steps[:5]] == [40, 20, 10, 5, 4]
    assert all(step["N"] == 2 * step["d"] for step in steps)
    assert smaller(steps[-1], domains, space) == []
    assert steps[-1] == {"d": 4, "N": 8, "B": "uniform:0"}


# -- impossible domains ----------------------------------------------------------------------------------------------

LETTERS = {
    "d": Parameter("d", theory.claim("ghorbani2019.theorem2").parts[0].declared["d"].symbol, "size", Integer(2, 50)),
    "rho": theory.claim("ghorbani2019.theorem2").parts[0].declared["rho"],
    "activation": theory.claim("ghorbani2019.theorem1").parts[0].declared["activation"],
    "B": theory.claim("ghorbani2019.eq6").parts[0].declared["B"],
    "Gamma": theory.claim("ghorbani2019.corollary1").parts[0].declared["Gamma"],
}


@pytest.fixture
def lettered(part: Limit) -> Limit:
    """A part with a parameter of every kind of domain."""
    return replace(part, parameters=tuple(LETTERS.values()))


@pytest.mark.parametrize(
    "name, draw",
    [
        ("d", Between(1, 10)),
        ("d", Between(2, 51)),
        ("d", Between(10, 9)),
        ("d", OneOf(())),
        ("d", OneOf((2, 51))),
        ("d", OneOf((2.5,))),
        ("d", Ratio("d", ())),
        ("d", Ratio("d", (0.5, 0.0))),
        ("rho", OneOf((0.0, 1.0))),
        ("rho", OneOf((-1.0,))),
        ("rho", OneOf((float("inf"),))),
        ("activation", OneOf(("relu", "step"))),
        ("activation", OneOf(())),
        ("B", Members(("signed",))),
        ("B", Members(("exponential", "traceless"))),
        ("B", Members(())),
        ("Gamma", Members(("uniform",))),
        ("Gamma", Members(("isotropic", "unheard of"))),
    ],
    ids=str,
)
def test_a_space_that_leaves_the_domain_is_an_error_before_anything_is_drawn(
    lettered: Limit, name: str, draw: Any
) -> None:
    with pytest.raises(ImpossibleDomainError, match=f"{name}: .* leaves the domain"):
        configurations(lettered.domains, Space(draws={name: draw}))


def test_a_search_of_an_impossible_space_visits_nothing(part: Limit, profile: Callable[..., Profile]) -> None:
    def visit(configuration: Configuration) -> NoReturn:
        raise AssertionError(f"visited {configuration}")

    with pytest.raises(ImpossibleDomainError):
        search(part.domains, Space(draws={"d": Between(1, 3)}), profile(), key=1, visit=visit)


# -- the search ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("targeted", [True, False])
def test_a_search_visits_each_configuration_once_and_no_more_than_it_may(
    part: Limit, profile: Callable[..., Profile], targeted: bool
) -> None:
    visited = []

    def visit(configuration: Configuration) -> float:
        visited.append(configuration["d"])
        return float(configuration["d"])

    space = Space(draws={"d": Between(4, 400)})
    told = profile(examples=20, targeted=targeted)
    count = search(part.domains, space, told, key=3, visit=visit)
    assert count == len(visited) == len(set(visited))
    assert 10 <= count <= 20


def test_a_search_is_fixed_by_its_key(part: Limit, profile: Callable[..., Profile]) -> None:
    def visited(key: int) -> list[Any]:
        seen = []

        def visit(configuration: Configuration) -> float:
            seen.append(configuration["d"])
            return 0.0

        search(part.domains, Space(draws={"d": Between(4, 400)}), profile(), key=key, visit=visit)
        return seen

    assert visited(1) == visited(1)
    assert visited(1) != visited(2)


@pytest.mark.parametrize("score", [float("inf"), float("nan"), -float("inf")])
def test_a_search_takes_scores_that_are_no_numbers(part: Limit, profile: Callable[..., Profile], score: float) -> None:
    assert search(part.domains, Space(draws={"d": Between(4, 400)}), profile(), key=3, visit=lambda _: score) > 1


# -- spectra ---------------------------------------------------------------------------------------------------------


def text(domain: Symmetric, name: str, seed: int = 3) -> str:
    """A member of a family, by name."""
    family = domain.families[name]
    return f"{name}:{seed}" if family.seeded else f"{name}:{family.arguments[0]}" if family.arguments else name


@pytest.mark.parametrize("name, d", list(itertools.product(SYMMETRIC, [2, 3, 25, 64])))
def test_every_target_is_an_admissible_symmetric_matrix(name: str, d: int) -> None:
    domain = Symmetric(semidefinite=name in SEMIDEFINITE)
    assert len(domain.accept(domain.make(text(domain, name), {"d": d}))) == d


@pytest.mark.parametrize("name, d", list(itertools.product(COVARIANCES, [1, 2, 25, 64])))
def test_every_covariance_is_semidefinite_of_trace_one(name: str, d: int) -> None:
    domain = Covariance()
    assert len(domain.accept(domain.make(text(domain, name), {"d": d}))) == d


@pytest.mark.parametrize("name", SEMIDEFINITE)
@pytest.mark.parametrize("along", ALONG)
def test_the_covariance_made_from_a_semidefinite_target_is_admissible(name: str, along: str) -> None:
    domains = {"B": Symmetric(semidefinite=True), "Gamma": Covariance(along="B")}
    values = made({"Gamma": text(domains["Gamma"], along), "d": 9, "B": text(domains["B"], name)}, domains)
    Gamma = domains["Gamma"].accept(values["Gamma"])
    if along == "aligned":
        assert np.linalg.matrix_rank(np.stack([np.ravel(Gamma), np.ravel(values["B"])])) == 1


@pytest.mark.parametrize("name", [*SYMMETRIC, *COVARIANCES])
@settings(DRAWN, max_examples=5)
@given(data=st.data())
def test_every_family_that_hypothesis_draws_is_what_its_name_says(name: str, data: st.DataObject) -> None:
    domain = Covariance() if name in COVARIANCES else Symmetric(semidefinite=name in SEMIDEFINITE)
    drawn = data.draw(configurations({"B": domain}, Space(draws={"B": Members((name,))})))["B"]
    matrix = domain.accept(domain.make(drawn, {"d": 6}))
    eigenvalues = matrix if matrix.ndim == 1 else np.linalg.eigvalsh(matrix)
    assert str(drawn).partition(":")[0] == name
    assert (eigenvalues.min() < 0) or name not in ("indefinite", "traceless")


def test_a_spectrum_is_fixed_by_its_name_seed_and_size() -> None:
    domain = Symmetric()
    for name in [name for name, family in SYMMETRIC.items() if family.seeded]:
        first, again, other = (domain.make(f"{name}:{seed}", {"d": 8}) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert not np.allclose(first, other)


@pytest.mark.parametrize("domain, member", [(Symmetric(), "flat:1"), (Neurons("d", "N"), "uniform:1")])
def test_an_unknown_family_is_named_with_those_there_are(domain: Named, member: str) -> None:
    with pytest.raises(InvalidParameterError, match=r"must be named, one of .*gaussian|exponential.*, got"):
        domain.make(member, {"d": 4, "N": 2})


def test_repeated_weights_are_copies_of_one_neuron() -> None:
    repeated, gaussian = (Neurons("d", "N").make(f"{name}:1", {"d": 5, "N": 3}) for name in ("repeated", "gaussian"))
    assert repeated.shape == (5, 3)
    assert np.linalg.matrix_rank(repeated) == 1
    assert np.linalg.matrix_rank(gaussian) == 3


def test_drawn_points_lie_in_the_domain_for_every_formula_of_every_claim() -> None:
    answered = []
    for claim in theory.claims():
        for part in claim.parts:
            for formula in filter(None, (part.published, part.finite)):
                drawn = points(part, formula, key=5, count=6)
                assert len(drawn) == 6
                answered.append(sum(answers(claim, part, formula, point) for point in drawn))
    # A finite-size form refuses, by name, the sizes below those that it holds from.
    assert sum(map(bool, answered)) > 0.95 * len(answered)
    assert sum(answered) > 0.9 * 6 * len(answered)


def answers(claim: Claim, part: Part, formula: Callable[..., Any], point: dict[str, Any]) -> bool:
    values = accept(claim.id, part.declared, arguments(formula), point)
    try:
        return bool(np.isfinite(formula(**values)))
    except InvalidParameterError:
        return False


def test_drawn_points_take_every_option_of_a_choice() -> None:
    part = theory.claim("ghorbani2019.theorem1").parts[0]
    choice = part.declared["activation"].domain
    assert isinstance(choice, Choice)
    assert part.published
    assert {p["activation"] for p in points(part, part.published, key=1, count=12)} == set(choice.options)
    assert isinstance(LETTERS["rho"].domain, Real)
    with pytest.raises(InvalidParameterError):
        LETTERS["rho"].domain.accept(0)
