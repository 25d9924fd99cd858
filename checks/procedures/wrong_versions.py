"""Decoys, printed formulas that are wrong, and negative controls: what a check must refute, or see fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lazy_assay.checks.procedures.comparison import Cell, Comparison
from lazy_assay.checks.vocabulary.check import Values
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.setting import Configuration, Setting
from lazy_assay.theory import Part
from lazy_assay.theory._prediction import Formula, arguments

# What the mean of equal numbers is known to, as a share of them; and of zeros.
ROUNDED, TINY = 8 * float(np.finfo(float).eps), 1e-300


@dataclass(frozen=True, kw_only=True)
class Control:
    """A configuration that breaks a named assumption: the theorem should fail there, or the report says it was not
    needed."""

    assumption: str
    configuration: Configuration


def refuted(comparison: Comparison, seen: Mapping[str, Cell]) -> Iterator[Result]:
    """Each decoy, and the printed formula where it differs, where the search saw it furthest from the draws."""
    part = comparison.part
    wrong = [(Subject.DECOY, decoy.name, decoy.published, decoy.finite) for decoy in part.decoys]
    if part.printed is not None:
        wrong.append((Subject.AS_PRINTED, "as printed", part.printed, None))
    for subject, name, published, finite in wrong:
        yield _refute(comparison, seen, subject, name, wrong_version(comparison, part, published, finite))


def wrong_version(
    comparison: Comparison, part: Part, published: Formula, finite: Formula | None
) -> Callable[[Values], float]:
    """A decoy at finite size: its own form, or the right one plus the difference of the published forms."""
    if finite is not None or part.limit_of is None or part.published is None:
        return lambda values: comparison.predicted(values, finite or published)
    limit_of, right = part.limit_of, part.published

    def shifted(values: Values) -> float:
        limit = limit_of(**{name: values[name] for name in arguments(limit_of)})
        at = {name: limit.get(name, values.get(name)) for name in {*arguments(published), *arguments(right)}}
        gap = published(**{n: at[n] for n in arguments(published)}) - right(**{n: at[n] for n in arguments(right)})
        return comparison.predicted(values) + float(gap)

    return shifted


def _refute(
    comparison: Comparison, seen: Mapping[str, Cell], subject: Subject, name: str, wrong: Callable[[Values], float]
) -> Result:
    """Draws of the search choose where; fresh draws decide. A constant quantity tells at once."""

    def told(cell: Cell) -> float:
        aim = replace(cell.target, predicted=wrong(cell.setting.values), resolution=1.0 - cell.target.bias)
        # Draws that are all equal to the last bit tell no more than draws that are equal but for it.
        scatter = max(cell.observed.deviation, ROUNDED * abs(cell.observed.estimate), TINY)
        return aim.suspicion(cell.observed.estimate) / scatter

    scores = {key: told(cell) for key, cell in seen.items()}
    best = max(scores, key=lambda key: scores[key] if scores[key] > 0 else 0.0, default="")
    if not best or not scores[best] > 0:
        message = "differs nowhere that was drawn"
        return comparison.blank({}, Verdict.UNDECIDED, message, subject=subject, name=name)
    cell = seen[best]
    aim = replace(cell.target, predicted=wrong(cell.setting.values), resolution=0.0)
    found = comparison.at(cell.setting, subject=subject, stage="wrong version", name=name, aim=aim)
    return replace(found.result, figures={"right": cell.target.predicted})


def controlled(comparison: Comparison, control: Control) -> Result:
    """The theorem where a named assumption is broken. Raises ValueError where it is not broken."""
    setting = broken(comparison.context, comparison.part, control, comparison.scope.at(control.configuration))
    return commented(comparison.at(setting, subject=Subject.CONTROL, stage="control", name=control.assumption).result)


def broken(context: Context, part: Part, control: Control, setting: Setting) -> Setting:
    """The setting of a control. Raises ValueError where it does not break its assumption."""
    if control.assumption not in {assumption.name for assumption in part.broken_assumptions(setting.values)}:
        raise ValueError(f"[{context.claim.id}] control {control.assumption}: the configuration does not break it")
    return setting


def commented(found: Result) -> Result:
    """A control's result, with the word for a theorem that holds without the assumption."""
    if found.verdict is Verdict.AGREES:
        return replace(found, message="not observed to be necessary: the theorem holds here too")
    return found
