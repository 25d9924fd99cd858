import inspect
import math
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields, is_dataclass, replace
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import pytest

import lazy_assay.theory as theory
from lazy_assay.checks.engine.perform import rates
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.power.bench import Bench, benches
from lazy_assay.checks.power.expressions import Operator
from lazy_assay.checks.power.fates import Outcome, fates
from lazy_assay.checks.power.mutants import Dial, mutants
from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Verdict
from lazy_assay.theory import Claim, Part


def parts(*kinds: str) -> Iterator[tuple[Claim, Part]]:
    return ((claim, part) for claim in theory.claims() for part in claim.parts if part.kind in kinds)


def labels(found: list[tuple[Claim, Part]]) -> list[str]:
    return [f"{claim.id}:{part.name}" for claim, part in found]


OBSERVED = list(parts("Observation"))
FINDINGS = [
    (c, p) for c, p in OBSERVED if any(isinstance(it, Effects) and it.part == p.name for it in check(c.id).procedures)
]
# A figure's points are held against theorems, and so is what `predicted` bends.
FIGURES = {
    "ghorbani2019.figure1_left:",
    "ghorbani2019.figure1_right:",
    "ghorbani2019.figure2_left:",
    "ghorbani2019.figure2_right:",
}
CERTIFIED = list(parts("AlmostSure", "Existence"))
DERIVED = [(c, p) for c, p in parts("Identity") if p.derivation is not None]  # type: ignore[attr-defined]


# -- findings, on draws that are made up: the effect is there, four times what matters -------------------------------


def made_up(contrast: Contrast, trials: int) -> list[np.ndarray]:
    noise = np.random.default_rng(5).normal(0, 0.01, trials)
    smallest = contrast.smallest or 1.0
    gap = smallest * (noise if contrast.equality else 4 + noise)
    if contrast.smaller is not None:
        return [1 + gap, np.ones(trials)]
    return [np.stack([1 + gap, np.ones(trials)], axis=-1) for _ in contrast.sides]


def of_finding(claim: Claim, part: Part) -> Bench:
    (effects,) = (it for it in check(claim.id).procedures if isinstance(it, Effects) and it.part == part.name)
    (task,) = (it for it in tasks(claim.id) if it.part is part)
    # Of a profile that decides every finding; what it measures besides decides nothing.
    alone = replace(effects, further={}, seeds=lambda context: 60)
    (mine,) = alone.tasks(claim)
    profile = replace(PROFILES["nightly"], guard=math.inf)
    context = Context(claim=claim, profile=profile, entropy=1, rates=rates(tasks(claim.id)), memory={})
    memory: dict[Hashable, Any] = {
        ("draws", it.name, stage): made_up(it, 60 * (4 if stage == "confirm" else 1))
        for it in effects.contrasts
        for stage in ("search", "confirm")
    }
    assert mine.id == task.id
    return Bench(mine, replace(context, memory=memory), never)


def test_what_is_observed_is_an_effect_or_a_figure_held_against_theorems() -> None:
    assert set(labels(OBSERVED)) - set(labels(FINDINGS)) == FIGURES


def never(part: Part) -> Task:
    raise AssertionError("no mutant of a finding is a part of its own")


@pytest.mark.parametrize("claim, part", FINDINGS, ids=labels(FINDINGS))
def test_a_finding_without_its_effect_or_with_the_other_sign_is_found_no_more(claim: Claim, part: Part) -> None:
    made = of_finding(claim, part)
    assert {result.verdict for result in made.straight[0]} == {Verdict.AGREES}
    assert made.dials == {Dial.EFFECT}
    told = {fate.mutant.name: fate.outcome for fate in fates(part, mutants(part, made.dials), [made])}
    assert len(told) == 3
    assert set(told.values()) == {Outcome.REFUTED}


# -- certificates ----------------------------------------------------------------------------------------------------

ASKS = re.compile(r"context\.(planted|threshold)\(")


def functions(value: Any, seen: set[CodeType]) -> Iterator[FunctionType]:
    """Functions of checks that a value holds or names, each once."""
    if isinstance(value, FunctionType) and value.__module__.startswith("lazy_assay.checks"):
        if value.__code__ in seen:
            return
        seen.add(value.__code__)
        yield value
        names = re.findall(r"\w+", inspect.getsource(value))
        held = [cell.cell_contents for cell in value.__closure__ or ()]
        for inner in (*held, *(value.__globals__.get(name) for name in names)):
            yield from functions(inner, seen)
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from functions(getattr(value, item.name, None), seen)
    elif callable(getattr(value, "func", None)):
        yield from functions(value.func, seen)


def asks(procedures: list[Any]) -> bool:
    return any(ASKS.search(inspect.getsource(it)) for each in procedures for it in functions(each, set()))


@pytest.mark.parametrize("claim, part", CERTIFIED, ids=labels(CERTIFIED))
def test_every_certificate_asks_for_its_number_or_its_object(claim: Claim, part: Part) -> None:
    assert asks([it for it in check(claim.id).procedures if getattr(it, "part", None) == part.name])


def test_a_certificate_that_asks_for_neither_is_seen() -> None:
    kept: list[Callable[..., Any]] = [made_up]
    assert not asks(kept)


# -- derivations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim, part", DERIVED, ids=labels(DERIVED))
def test_what_sympy_derives_refutes_every_coefficient_and_term_that_is_wrong(claim: Claim, part: Part) -> None:
    (made,) = (it for it in benches(claim, part, "quick", 3) if it.task.name == "derivation")
    assert {result.verdict for result in made.straight[0]} == {Verdict.AGREES}
    assert made.dials == {Dial.PREDICTION}
    tried = [
        it for it in mutants(part, made.dials) if it.operator in (Operator.WHOLE, Operator.TERM, Operator.CONSTANT)
    ]
    outcomes = {fate.mutant.name: fate.outcome for fate in fates(part, tried, [made])}
    assert Outcome.REFUTED in outcomes.values()
    assert Outcome.SURVIVED not in outcomes.values()
