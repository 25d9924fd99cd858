"""What becomes of a part's mutants: refuted, set apart as no mistake of their own, or survived, with the reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from lazy_assay.checks.power.bench import Bench, refuted
from lazy_assay.checks.power.expressions import Operator
from lazy_assay.checks.power.mutants import Mutant
from lazy_assay.checks.power.reach import COMPUTED, PERCENT
from lazy_assay.checks.power.stated import ROUNDING
from lazy_assay.checks.vocabulary.check import Values
from lazy_assay.checks.vocabulary.result import Result, Verdict
from lazy_assay.theory import Bound, Part

Predictions = Sequence[tuple[float, float]]
NO_NUMBER = "no number at any configuration: refused"
# Of an inequality that is flipped.
ATTAINED = "an equality at every comparison: true from the other side too"


class Outcome(StrEnum):
    """The values are the words shown."""

    REFUTED = "refuted"
    SURVIVED = "survived"
    APART = "set apart"


@dataclass(frozen=True)
class Fate:
    """What became of a mutant. off: the largest share of the prediction that it is off by, where it was compared."""

    mutant: Mutant
    outcome: Outcome
    reason: str
    off: float = 0.0


def fates(part: Part, mutants: Sequence[Mutant], benches: Sequence[Bench]) -> list[Fate]:
    """One for each mutant, in their order."""
    first: dict[tuple[float, ...], str] = {}
    quickest = sorted(benches, key=lambda bench: bench.straight[1])
    return [_fate(part, mutant, quickest, first) for mutant in mutants]


def _fate(part: Part, mutant: Mutant, benches: Sequence[Bench], first: dict[tuple[float, ...], str]) -> Fate:
    if mutant.operator in (Operator.EFFECT, Operator.CERTIFICATE):
        found = judged(mutant, benches, 0.0)
        weaker = found.outcome is Outcome.SURVIVED and all(_looser(mutant, bench) for bench in benches)
        return replace(found, outcome=Outcome.APART, reason="weaker: what is certified is more") if weaker else found
    told = [pair for bench in benches for pair in bench.predictions(mutant)]
    if without := apart(part, mutant, told, first):
        return without
    found = judged(mutant, benches, off_by(told))
    if mutant.part is not None and found.outcome is Outcome.SURVIVED and all(_both_ways(it, mutant) for it in benches):
        return replace(found, outcome=Outcome.APART, reason=ATTAINED)
    return found


def _both_ways(bench: Bench, mutant: Mutant) -> bool:
    """Whether every comparison of a task agrees with a bound, and with the bound from its other side."""
    ran = [it for it in (*bench.straight[0], *bench.judged(mutant)) if it.verdict is not Verdict.OUT_OF_REGIME]
    return bool(ran) and all(it.verdict is Verdict.AGREES and _tight(it) for it in ran)


def _tight(result: Result) -> bool:
    return result.tolerance.bias <= max(result.resolution, PERCENT * abs(result.predicted))


def attained(results: Sequence[Result]) -> bool:
    """Whether a bound is an equality at each of these comparisons, so that it is true from the other side as well.

    A number is, within its budget; a confidence interval that holds the bound and is no wider than what must be noticed
    tells nothing else. What stands for several numbers (the worst row of many) tells nothing of the others.
    """
    compared = [it for it in results if it.verdict in (Verdict.AGREES, Verdict.UNDECIDED)]
    return bool(compared) and all(_tight(it) and _equal(it) for it in compared)


def _equal(result: Result) -> bool:
    gap, bias = abs(result.estimate - result.predicted), result.tolerance.bias
    if result.method in COMPUTED:
        return result.trials <= 1 and gap <= bias
    low, high = result.interval
    meets = low <= result.predicted + bias and high >= result.predicted - bias
    return meets and high - low <= 2 * result.resolution


def off_by(told: Predictions) -> float:
    """The largest share of the prediction that a mistake comes to."""
    known = ((right, wrong) for right, wrong in told if math.isfinite(wrong))
    return max((abs(wrong - right) / (abs(right) or 1.0) for right, wrong in known), default=0.0)


def apart(part: Part, mutant: Mutant, told: Predictions, first: dict[tuple[float, ...], str]) -> Fate | None:
    """What becomes of a mutant that no draw has to refute: it says nothing wrong, or only where no check goes, or what
    another said before. None for any other; `first` holds the numbers of those that came before."""
    if mutant.part is not None:
        return None
    off, known = off_by(told), [(right, wrong) for right, wrong in told if math.isfinite(wrong)]
    reason = _no_mistake(part, known)
    # Two ways of writing one mistake are one.
    key = tuple(float(f"{(wrong - right) / (abs(right) or 1.0):.7e}") for right, wrong in told)
    same = first.setdefault(key, mutant.name)
    if not reason and (why := _implied(part, mutant)):
        return Fate(mutant, Outcome.APART, f"true: weaker than what is proved, {why}", off)
    # Of what has no number where it is asked for, a run says so by name, whatever it would say elsewhere.
    hidden = bool(reason) and reason != NO_NUMBER
    if hidden and (elsewhere := mutant.anywhere()) and not _no_mistake(part, elsewhere):
        return Fate(mutant, Outcome.SURVIVED, "a mistake nowhere that the check goes", off)
    if reason or same != mutant.name:
        return Fate(mutant, Outcome.APART, reason or f"the same numbers as {same!r}", off)
    return None


def _no_mistake(part: Part, known: Predictions) -> str:
    """Why a mutant says nothing wrong, or nothing."""
    if not known:
        return NO_NUMBER
    slack = [ROUNDING * max(abs(right), abs(wrong)) for right, wrong in known]
    known = [(_telling(part, right), _telling(part, wrong)) for right, wrong in known]
    above = all(wrong >= right - it for (right, wrong), it in zip(known, slack, strict=True))
    below = all(wrong <= right + it for (right, wrong), it in zip(known, slack, strict=True))
    if above and below:
        return "equivalent: the same number at every configuration"
    if (part.allowed_side == "below" and above) or (part.allowed_side == "above" and below):
        return "weaker: true wherever the statement is"
    return ""


def _implied(part: Part, mutant: Mutant) -> str:
    """Which stronger inequality implies a mutant at every point of the part's domain, or nothing."""
    proved = mutant.proved().items() if isinstance(part, Bound) and part.stronger else ()
    return next(
        (why for why, pairs in proved if pairs and _no_mistake(part, pairs).startswith(("weaker", "equiv"))), ""
    )


def _telling(part: Part, bound: float) -> float:
    """A bound as far as it says more than the range of its quantity does."""
    if part.allowed_side == "above":
        return max(bound, part.quantity.low)
    return min(bound, part.quantity.high) if part.allowed_side == "below" else bound


def judged(mutant: Mutant, benches: Sequence[Bench], off: float) -> Fate:
    """Task by task, the quickest first, until one refutes."""
    tried, reasons = _where_defined(mutant), []
    for bench in benches:
        results = bench.judged(tried)
        if told := _noticed(mutant, bench, results):
            return Fate(mutant, Outcome.REFUTED, told, off)
        reasons.append(_reason(bench, mutant, results))
    return Fate(mutant, Outcome.SURVIVED, "; ".join(dict.fromkeys(reasons)) or "nothing is simulated", off)


def _noticed(mutant: Mutant, bench: Bench, results: Sequence[Result]) -> str:
    """What a task says to a mutant: a refutation, or of a finding or a certificate that it is no longer what it was."""
    if mutant.operator not in (Operator.EFFECT, Operator.CERTIFICATE):
        found = refuted(results)
        return f"{bench.task.name} ({found.stage})" if found else ""
    before, after = bench.straight[0], results
    was, now = (sorted(f"{r.route} {r.verdict} {r.word}" for r in it) for it in (before, after))
    agreed, agrees = (sum(r.verdict is Verdict.AGREES for r in it) for it in (before, after))
    changed = was != now and (agrees < agreed or refuted(before) is not None)
    return f"{bench.task.name}: {'refuted' if refuted(results) else 'no longer what it was'}" * changed


def _looser(mutant: Mutant, bench: Bench) -> bool:
    """Whether a certificate's number, moved so, is passed by what passed before: further from it, on its side."""
    factor = mutant.distortion.threshold(1.0)
    passed = [r for r in bench.straight[0] if r.verdict is Verdict.AGREES and r.predicted]
    return factor != 1 and all((abs(r.estimate) <= abs(r.predicted)) == (factor > 1) for r in passed)


def _where_defined(mutant: Mutant) -> Mutant:
    """The mutant with the right number where it gives none."""

    def prediction(value: float, values: Values) -> float:
        told = mutant.distortion.prediction(value, values)
        return told if math.isfinite(told) else value

    return replace(mutant, distortion=replace(mutant.distortion, prediction=prediction))


def _reason(bench: Bench, mutant: Mutant, results: Sequence[Result]) -> str:
    """Why a task let a mutant live: what it is off by, against what the comparison allows."""
    ran = [r for r in results if r.verdict in (Verdict.AGREES, Verdict.UNDECIDED)]
    if not ran:
        return f"{bench.task.name}: {results[0].verdict}" if results else f"{bench.task.name}: nothing was compared"
    right = {repr(sorted(r.configuration.items())): r.predicted for r in bench.straight[0]}
    gaps = [(abs(r.predicted - right.get(repr(sorted(r.configuration.items())), math.nan)), r) for r in ran]
    if all(gap <= r.tolerance.bias for gap, r in gaps):
        return "within the allowance"
    if all(gap <= r.tolerance.bias + r.resolution for gap, r in gaps):
        return "within the resolution"
    if all(r.verdict is Verdict.AGREES for r in ran):
        return "on the allowed side"
    return "too few draws"
