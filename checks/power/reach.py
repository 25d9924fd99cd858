"""The smallest error that a comparison catches, from how its draws scatter: by the planning functions, not by trial.

Planned for a suspect that is confirmed: the search must not agree, and the strict interval must exclude the mistake.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lazy_assay.checks.power.bench import Bench
from lazy_assay.checks.statistics import detectable, draws_needed
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.theory import Part

# Methods whose intervals are made of draws that a budget counts.
SEQUENCES = ("betting", "asymptotic")
PERCENT = 0.01


@dataclass(frozen=True)
class Reach:
    """smallest: share of the prediction that is caught with probability 1 − miss, by profile; infinite where none is.

    seconds: what the draws cost that tell an error of one percent at a strict level; infinite where none do.
    """

    smallest: dict[str, float]
    seconds: float


def reach(benches: Sequence[Bench]) -> Reach:
    """The best of a part's comparisons."""
    numbers = [bench for bench in benches if bench.task.part.quantitative]
    cells = [(bench, result) for bench in numbers for result in bench.straight[0] if _told(result)]
    smallest = {
        name: min((caught(bench, result, profile) for bench, result in cells), default=math.inf)
        for name, profile in PROFILES.items()
    }
    return Reach(smallest, min((seconds(bench, result) for bench, result in cells), default=math.inf))


def caught(bench: Bench, result: Result, profile: Profile) -> float:
    """The smallest share of a prediction that this comparison catches, in the units of the prediction."""
    size, rates = abs(result.predicted), bench.context.rates
    bias = result.tolerance.bias + slack(bench.task.part, result)
    if result.method not in SEQUENCES:
        # A number against a number, or a slope: what the comparison allows, and twice what noise there is.
        noise = result.tolerance.monte_carlo if math.isfinite(result.tolerance.monte_carlo) else math.inf
        return (bias + result.resolution + 2 * noise) / size
    sd, miss = result.figures["deviation"], rates.miss
    told = detectable(sd, profile.confirm_trials, rates.strict, miss)
    agreed = detectable(sd, profile.search_trials, rates.miss, 0.5)
    return (bias + max(told, result.resolution - agreed)) / size


def seconds(bench: Bench, result: Result) -> float:
    """What it costs to tell one percent, by what a draw took."""
    room = PERCENT * abs(result.predicted) - result.tolerance.bias - slack(bench.task.part, result)
    if room <= 0:
        return math.inf
    if result.method not in SEQUENCES:
        return result.seconds if caught(bench, result, bench.context.profile) <= PERCENT else math.inf
    try:
        needed = draws_needed(result.figures["deviation"], room, bench.context.rates.strict, bench.context.rates.miss)
    except ValueError:
        return math.inf
    return needed * result.seconds / result.trials


def slack(part: Part, result: Result) -> float:
    """How far inside an inequality the estimate lies: so much may be taken from the bound before anything is seen."""
    inside = {"below": result.predicted - result.estimate, "above": result.estimate - result.predicted, "both": 0.0}
    return max(inside[part.allowed_side], 0.0)


def _told(result: Result) -> bool:
    finite = math.isfinite(result.predicted) and math.isfinite(result.estimate)
    return finite and result.predicted != 0 and (result.trials > 0 or result.stage == "exact")
