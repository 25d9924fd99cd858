"""The width at which a network's departure from its tangent model would be small enough, by extrapolation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lazy_assay.checks.diagnose.record import Line
from lazy_assay.checks.diagnose.sentences import SENTENCES
from lazy_assay.checks.expect import Refused
from lazy_assay.checks.statistics.quantile import median_interval
from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.sims.diagnosis import MEASURES, DiagnosisError, Recipe, built, measured

NAME = "width within reach"
WIDTHS_AT_LEAST, SEEDS_AT_LEAST = 4, 4
# How far beyond the largest width a power law is followed.
REACH = 64
# The logarithm of no width.
_FAR = 600.0


def growing(widths: Sequence[int]) -> tuple[int, ...]:
    """The widths. Raises Refused where they do not grow, or are too few to see whether the departure is a power."""
    whole = all(isinstance(it, int) and it > 0 for it in widths)
    if widths and (not whole or len(widths) < WIDTHS_AT_LEAST or list(widths) != sorted(set(widths))):
        raise Refused(f"widths={tuple(widths)} do not grow: give at least {WIDTHS_AT_LEAST}, each larger than the last")
    return tuple(widths)


def width_line(
    factory: Callable[..., Any],
    recipe: Recipe,
    widths: tuple[int, ...],
    seeds: Sequence[int],
    miss: float,
    within: float,
) -> Line:
    """Each seed's own power law, by least squares of log departure on log width; the median of where it crosses.

    The law is fitted to all widths and to their upper half: the interval holds what either says. A
    seed whose departure does not fall crosses nowhere: it widens the interval to both sides. Undecided where the
    interval leaves what is extrapolated to.
    """
    found = [[_departure(factory, recipe, width, seed) for width in widths] for seed in seeds]
    for reason in (value for row in found for value in row if isinstance(value, str)):
        return Line(NAME, None, None, len(seeds), SENTENCES[NAME], reason)
    logs, places = np.log(np.asarray(found, dtype=np.float64)), np.log(np.asarray(widths, dtype=np.float64))
    fits = [_crossings(places[at:], logs[:, at:], math.log(within)) for at in (0, len(widths) // 2)]
    low = min(median_interval(np.where(falls, at, -_FAR), miss / 2)[0] for at, falls in fits)
    high = max(median_interval(np.where(falls, at, _FAR), miss / 2)[1] for at, falls in fits)
    if not high <= math.log(widths[-1] * REACH):
        told = f"undecided: it may be above {REACH} times the largest width: give larger ones, or more seeds"
        return Line(NAME, None, None, len(seeds), SENTENCES[NAME], told)
    at, falls = fits[0]
    value = math.exp(np.median(np.where(falls, at, _FAR)))
    return Line(NAME, value, (math.exp(low), math.exp(high)), len(seeds), SENTENCES[NAME])


def _departure(factory: Callable[..., Any], recipe: Recipe, width: int, seed: int) -> float | str:
    # Widths are independent of one another.
    own = int(np.random.SeedSequence((seed, width)).generate_state(1)[0])
    try:
        module = built(lambda it: factory(width, it), own, recipe)
    except DiagnosisError as error:
        raise DiagnosisError(f"width {width}, seed {own}: {error}") from error
    found = measured(module, recipe, None, set(MEASURES) - {"departure"})["departure"]
    return found if isinstance(found, str) else found or "the departure is zero at some width"


def _crossings(places: Array, logs: Array, goal: float) -> tuple[Array, Array]:
    """Where each row's line through (places, logs) is at `goal`, and whether it falls to it."""
    centred = places - places.mean()
    slopes = logs @ centred / (centred @ centred)
    falls = slopes < 0
    at = places.mean() + (goal - logs.mean(axis=1)) / np.where(falls, slopes, -1.0)
    return np.clip(at, -_FAR, _FAR), falls
