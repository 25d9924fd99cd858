"""A network's diagnosis: what is measured at each seed, as medians with intervals, or refused line by line."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.checks.diagnose.record import Diagnosis, Line
from lazy_assay.checks.diagnose.sentences import SENTENCES
from lazy_assay.checks.diagnose.widths import SEEDS_AT_LEAST, growing, width_line
from lazy_assay.checks.expect import Refused
from lazy_assay.checks.statistics.binomial import proportion_interval
from lazy_assay.checks.statistics.quantile import median_interval, values_at_least
from lazy_assay.sims.diagnosis import MEASURES, DiagnosisError, Recipe, built, measured, require_determined_by_seed

if TYPE_CHECKING:
    from torch.nn import Module


def diagnose(
    factory: Callable[..., Any],
    x: Any,
    y: Any,
    *,
    step_size: float,
    steps: int,
    widths: Sequence[int] = (),
    seeds: int = 8,
    entropy: int = 0,
    miss: float = 0.05,
    within: float = 0.1,
    decay: float | None = None,
    leave_out: Collection[str] = (),
    held_out: Any = None,
) -> Diagnosis:
    """How lazy a network is, and what makes it depart from its tangent model.

    factory(seed): a torch.nn.Module whose weights the seed alone determines, as does torch's generator, which is
    seeded with it; factory(width, seed) where `widths` are given: the first is the network that is spoken of, all of
    them serve to extrapolate. x (n, ...), y of the shape of its outputs. Trained by `steps` of gradient descent of
    `step_size` on the mean square. miss: error rate of each line's interval. within: the departure that counts as
    lazy. decay: weight decay for the optimality gap of two layers. leave_out: names of lines that are not computed.
    held_out (n', ...): inputs at which the trained network is held against its tangent model too.
    Raises Refused for what cannot be diagnosed at all, in one line.
    """
    sizes = growing(widths)
    _refuse(step_size, steps, seeds, miss, within, decay, leave_out)
    chosen = [int(it) for it in np.random.SeedSequence(entropy).generate_state(seeds)]
    recipe = Recipe(x, y, float(step_size), int(steps), held_out)
    first = (lambda seed: factory(sizes[0], seed)) if sizes else factory
    try:
        require_determined_by_seed(first, (chosen[0], chosen[1]), recipe)
        modules = [_at(first, seed, recipe) for seed in chosen]
        found = [measured(module, recipe, decay, leave_out) for module in modules]
        lines = [_line(name, [seed[name] for seed in found], miss) for name in MEASURES if name in found[0]]
        if "analyticity" not in leave_out:
            lines.append(_analyticity(modules[0], x))
        if sizes and "width within reach" not in leave_out:
            lines.append(width_line(factory, recipe, sizes, chosen, miss, within))
    except DiagnosisError as error:
        raise Refused(str(error)) from error
    return Diagnosis(tuple(lines), within, miss)


def _at(factory: Callable[[int], Any], seed: int, recipe: Recipe) -> Module:
    try:
        return built(factory, seed, recipe)
    except DiagnosisError as error:
        raise DiagnosisError(f"seed {seed}: {error}") from error


def _line(name: str, values: list[float | str], miss: float) -> Line:
    reasons = [value for value in values if isinstance(value, str)]
    if reasons:
        where = "" if len(reasons) == len(values) else f"in {len(reasons)} of {len(values)} networks "
        return Line(name, None, None, len(values), SENTENCES[name], f"{where}{reasons[0]}")
    array = np.asarray(values, dtype=np.float64)
    if name == "full rank":
        return Line(
            name,
            float(array.mean()),
            proportion_interval(int(array.sum()), len(array), miss),
            len(values),
            SENTENCES[name],
        )
    return Line(name, float(np.median(array)), median_interval(array, miss / 2), len(values), SENTENCES[name])


def _analyticity(module: Module, x: Any) -> Line:
    from lazy_assay.sims.analyticity import Decision, analyticity

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = analyticity(module, x)
    sentence = f"{found.decision.value}: {found.reason}"
    if found.decision is Decision.NO_VERDICT:
        return Line("analyticity", None, None, 1, SENTENCES["analyticity"], found.reason)
    value = float(found.certified)
    return Line("analyticity", value, (value, value), 1, f"{SENTENCES['analyticity']}; {sentence}")


def _refuse(
    step_size: float,
    steps: int,
    seeds: int,
    miss: float,
    within: float,
    decay: float | None,
    leave_out: Collection[str],
) -> None:
    if not (isinstance(steps, int) and steps > 0 and np.isfinite(step_size) and step_size > 0):
        raise Refused(f"step_size={step_size}, steps={steps}: a positive number, and a whole positive number")
    if not 0 < miss < 1 or not (np.isfinite(within) and within > 0):
        raise Refused("miss lies between 0 and 1, and within is positive")
    if decay is not None and not (np.isfinite(decay) and decay > 0):
        raise Refused(f"decay={decay}: a positive number, or None")
    least = max(values_at_least(miss / 2), SEEDS_AT_LEAST)
    if seeds < least:
        raise Refused(f"seeds={seeds}: at least {least} make an interval at miss={miss:g}")
    if strange := set(leave_out) - set(SENTENCES):
        raise Refused(f"leave_out: no line is called {min(strange)}; there are {', '.join(SENTENCES)}")
