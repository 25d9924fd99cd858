"""Configurations with their values: what may stand in them, made once, refused in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.checks.configurations.typed import Typed
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.procedures.means import Control, Means
from lazy_assay.checks.procedures.pointwise import Pointwise
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.vocabulary.check import Check, Resolution, Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Tolerance
from lazy_assay.checks.vocabulary.setting import Configuration, Scope, Setting
from lazy_assay.checks.vocabulary.space import Between, Members, OneOf, Ratio, Space
from lazy_assay.theory import Claim, Integer, InvalidParameterError, Limit, ListOf, Rate, Symmetric

THEOREM = theory.claim("ghorbani2019.theorem2")
LIMIT = THEOREM.part("limit")


def simulated(*, d: int, N: int, B: np.ndarray, kind: str = "", trials: int, entropy: int) -> np.ndarray:
    """Nothing: it is never called."""
    raise AssertionError


ROUTE = Route(name="oracle", simulate=simulated)
GOOD: dict[str, Any] = {"d": 6, "N": 3, "B": "uniform:1"}


def means(space: Space, route: Route = ROUTE, **more: Any) -> Means:
    return Means(part="limit", space=space, routes=(route,), resolution=Resolution(relative=0.1), **more)


def pointwise(space: Space, route: Route = ROUTE) -> Pointwise:
    return Pointwise(part="limit", space=space, route=route, rounding=lambda values: 0.0, source="none")


def contrast(configuration: dict[str, Any]) -> Effects:
    return Effects(part="limit", contrasts=(Contrast("a contrast", (ROUTE, configuration), None, 0.1),))


def sweep(*configurations: dict[str, Any], **more: Any) -> Sweep:
    return Sweep(
        part="limit", route=ROUTE, sizes=(1, 2, 3, 4, 5), configurations=configurations, resolution=0.1, **more
    )


def drawn(**draws: Any) -> Space:
    return Space(draws={"d": Between(4, 9), "N": OneOf((2,)), "B": Members(("uniform",)), **draws})


def anchored(**changes: Any) -> Space:
    return replace(drawn(), anchors=({**GOOD, **changes},))


UNDECLARED = "no domain declares 'q'; nothing takes it: declare it in the route's `parameters`"
WRONG = {
    "an undeclared draw": (means(drawn(q=Between(1, 2))), f"draws: {UNDECLARED}"),
    "an undeclared draw of one's own route": (
        means(drawn(), replace(ROUTE, space=drawn(q=Between(1, 2)))), f"draws: {UNDECLARED}",
    ),
    "an undeclared anchor": (means(anchored(q=1)), f"anchors: {UNDECLARED}"),
    "an undeclared degenerate case": (
        pointwise(replace(drawn(), degenerate={"flat": {**GOOD, "q": 1}})), f"degenerate: {UNDECLARED}",
    ),
    "an undeclared control": (
        means(drawn(), controls=(Control(assumption="A", configuration={**GOOD, "q": 1}),)), f"controls: {UNDECLARED}",
    ),
    "an undeclared setting of a contrast": (contrast({**GOOD, "q": 1}), f"a contrast: {UNDECLARED}"),
    "an undeclared setting of a sweep": (sweep({**GOOD, "q": 1}), f"configurations: {UNDECLARED}"),
    "an undeclared setting of a profile": (
        sweep(GOOD, further={"full": ({**GOOD, "q": 1},)}), f"further: {UNDECLARED}",
    ),
    "a floor in a size that is nowhere": (
        replace(means(anchored()), resolution=Resolution(relative=0.1, per={"m": 1.0})),
        "resolution: its floor falls with 'm', which some configuration lacks",
    ),
    "a text that is no member": (
        means(anchored(B="flat:1")), "anchors: B must be named, one of exponential, uniform,",
    ),
    "a seed that is none": (sweep({**GOOD, "B": "uniform:x"}), "configurations: B must have a seed, a whole number"),
    "a number in place of a text": (contrast({**GOOD, "B": 3}), "a contrast: B must be named, one of exponential"),
    "a size outside the domain": (pointwise(anchored(d=1)), "anchors: d must be a whole number ≥ 2, got 1"),
    "a space outside the domain": (means(drawn(d=Between(1, 9))), "draws: d: Between(low=1, high=9) leaves the domain"),
    "a ratio of what is not drawn before": (
        means(drawn(N=Ratio("m", (0.5,)))), "draws: N: Ratio(of='m', ratios=(0.5,)) is of m, which is not drawn",
    ),
    "families outside the domain": (pointwise(drawn(B=Members(("isotropic",)))), "draws: B: Members(families="),
}  # fmt: skip


@pytest.mark.parametrize("procedure, told", WRONG.values(), ids=WRONG)
def test_a_check_with_a_configuration_that_cannot_be_is_refused_when_it_is_built(procedure: Any, told: str) -> None:
    with pytest.raises(ValueError, match=r"^\[ghorbani2019\.theorem2:limit\] oracle: ") as refusal:
        Check(claim=THEOREM, procedures=(procedure,))
    assert str(refusal.value).partition("oracle: ")[2].startswith(told)
    assert "\n" not in str(refusal.value)


def test_the_checks_that_are_spoilt_above_are_good_as_they_are() -> None:
    Check(claim=THEOREM, procedures=(means(anchored()), pointwise(anchored()), contrast(GOOD), sweep(GOOD)))


def test_a_text_needs_a_domain_or_a_simulation_that_takes_a_text() -> None:
    bare = replace(LIMIT, parameters=(), published=None, finite=None, decoys=(), assumptions=())
    scope = Scope.of(THEOREM, bare, ROUTE)
    scope.require(({"d": 6, "N": 3, "kind": "flat"},), "anchors")
    with pytest.raises(ValueError, match="no domain declares 'B'; it is an array, or a number, of the simulation"):
        scope.require((GOOD,), "anchors")
    declared = replace(ROUTE, parameters={"B": Symmetric()})
    assert Scope.of(THEOREM, bare, declared).at(GOOD).values["B"].shape == (6,)


def test_a_route_may_declare_more_and_otherwise() -> None:
    route = replace(ROUTE, parameters={"losses": ListOf(Integer(1)), "d": Integer(1, 5)})
    scope = Scope.of(THEOREM, LIMIT, route)
    assert scope.at({"d": 5, "N": 3, "B": "identity", "losses": "3 4"}).values["losses"] == [3, 4]
    with pytest.raises(ValueError, match=r"oracle: d must be a whole number, 1 … 5, got 6"):
        scope.at(GOOD)


def test_a_setting_keeps_plain_scalars_beside_the_values_that_they_stand_for() -> None:
    setting = Scope.of(THEOREM, LIMIT, ROUTE).at(GOOD)
    assert setting.configuration == GOOD
    assert (setting.values["d"], setting.values["B"].shape) == (6, (6,))
    assert setting.where == "d=6, N=3, B=uniform:1"
    with pytest.raises(AttributeError):
        setting.values = {}  # type: ignore[misc]  # frozen, which is what is tested
    with pytest.raises(TypeError):
        setting.values["d"] = 7  # type: ignore[index]  # the same


def test_an_allowance_is_asked_once_at_a_setting_and_anew_beside_further_values() -> None:
    asked = []

    def allowance(values: Mapping[str, Any]) -> Tolerance:
        asked.append(len(values))
        return Tolerance(rounding=1.0)

    route = replace(ROUTE, allowance=allowance)
    setting = Scope.of(THEOREM, LIMIT, route).at(GOOD)
    first, again = setting.tolerance(route), setting.tolerance(replace(route, bounds=(0.0, 1.0)))
    assert first is again
    assert asked == [3]
    assert setting.beside({"c": 1.0}).tolerance(route) == first
    assert asked == [3, 4]


def test_a_confrontation_makes_each_configuration_once_and_asks_its_allowance_once(
    monkeypatch: pytest.MonkeyPatch,
    claim: Callable[..., Claim],
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    part: Limit,
) -> None:
    made, asked = [], []
    at = Scope.at

    def counted(self: Scope, configuration: Configuration) -> Setting:
        made.append(configuration["d"])
        return at(self, configuration)

    def allowance(values: Mapping[str, Any]) -> Tolerance:
        asked.append(values["d"])
        return route.allowance(values)

    monkeypatch.setattr(Scope, "at", counted)
    check = means(bias=0.001)
    (route,) = check.routes
    results = confronted(replace(check, routes=(replace(route, allowance=allowance),)), context())
    assert {r.stage for r in results} > {"search"}
    assert len(made) == len(set(made)) > 3
    assert sorted(asked) == sorted(made)


def test_typed_configurations_are_plain_scalars_that_hold_what_was_written() -> None:
    typed = Typed({"widths": ListOf(ListOf(Integer(1), separator="-"))})
    first = typed.changed({"data": "digits"}, widths=[(300,), (150, 15)], n=3)
    assert first == {"data": "digits", "widths": "300 150-15", "n": 3}
    assert typed.held(typed.changed(first, widths=[[2]]), "widths") == [[2]]
    with pytest.raises(InvalidParameterError, match=r"^widths must be a whole number ≥ 1, got 0"):
        typed.changed(first, widths=[(0,)])


def test_every_built_in_check_can_make_every_configuration_that_stands_in_it() -> None:
    walked = 0
    for id in theory.ids():
        found = check(id)
        for procedure in found.procedures:
            if isinstance(procedure, Sweep):
                assert isinstance(found.claim.part(procedure.part), Rate)
                scope = Scope.of(found.claim, found.claim.part(procedure.part), procedure.route)
                walked += len([scope.at(c) for c in procedure.configurations])
    assert walked > 30
