"""A right claim for each procedure, under laws that are known, confirmed at an inflated level.

An alarm is a verdict DISAGREES of a procedure's own confirmation. Entropies are counted from zero, so the draws that
judge the procedures were fixed before any was looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.stats import binom

from lazy_assay.checks.ghorbani2019 import figure1_left, figure1_right
from lazy_assay.checks.procedures.balances import Balances
from lazy_assay.checks.procedures.comparison import Comparison
from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.procedures.exact import compared
from lazy_assay.checks.procedures.figures import _drawn, _falling, _trained, _trajectory
from lazy_assay.checks.procedures.figures._declaration import RESOLUTION, Drawn, Trained
from lazy_assay.checks.procedures.figures._training import Chain
from lazy_assay.checks.procedures.figures._trajectory import CONFIRMING, Trajectory
from lazy_assay.checks.procedures.means import Target
from lazy_assay.checks.procedures.spread import Spreads
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.statistics import ErrorRates, drifts, slopes
from lazy_assay.checks.vocabulary.check import Resolution, Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.setting import Scope
from lazy_assay.checks.vocabulary.space import Space
from lazy_assay.theory import Balance, Decoy, Observation, Parameter, Quantity, Rate, Real

LEVEL, IMPROBABLE = 0.05, 1e-6
# One claim with one confirmation: `strict` is the level itself, and the search is not asked.
ALONE = ErrorRates(false_alarm=LEVEL, miss=1e-3, claims_cap=1, suspects_cap=1)
SIZES = tuple(2.0**k for k in range(5, 11))
FRAME, RIGHT = figure1_left.FIGURE, figure1_right.FIGURE
WARM = Observation(sentence="It is warm.", quantity=Quantity(symbol=None, meaning="warmth"))
ROWS, STEP = 12, 1e-9
# A slope's margin.
OFF = 0.05


@dataclass(frozen=True)
class Law:
    """A sampler and what is known of it; `ninth` is what a tenth of its draws exceed, NaN where nobody asks."""

    draw: Callable[[np.random.Generator, Any], np.ndarray]
    mean: float = math.nan
    median: float = math.nan
    variance: float = math.nan
    ninth: float = math.nan


LAWS = {
    "normal": Law(lambda rng, n: rng.standard_normal(n), 0.0, 0.0, 1.0, 1.2815515655446004),
    "skewed": Law(lambda rng, n: rng.exponential(size=n), 1.0, math.log(2), 1.0, math.log(10)),
    "very skewed": Law(lambda rng, n: rng.lognormal(0, 1, n), math.exp(0.5), 1.0, (math.e - 1) * math.e),
    "heavy": Law(lambda rng, n: rng.standard_t(3, n), 0.0, 0.0, 3.0),
    "no mean": Law(lambda rng, n: rng.standard_cauchy(n), median=0.0, ninth=math.tan(0.4 * math.pi)),
    "rare": Law(lambda rng, n: (rng.random(n) < 0.02).astype(float), 0.02, 0.0, 0.0196),
    "skewed in [0, 1]": Law(lambda rng, n: rng.beta(0.5, 9.5, n), 0.05, variance=0.05 * 0.95 / 11),
    "coins": Law(lambda rng, n: rng.integers(0, 2, n).astype(float), 0.5, variance=0.25),
    "ties": Law(lambda rng, n: rng.integers(-1, 2, n).astype(float), 0.0, 0.0),
}
Made = Callable[..., Context]


def stand_in(law: Law, shape: Callable[[int], Any] = lambda trials: trials) -> Callable[..., np.ndarray]:
    """A simulation of the law's draws."""
    return lambda *, trials, entropy, **_: law.draw(np.random.default_rng(entropy), shape(trials))


def route(**changes: Any) -> Route:
    """A route whose simulation is replaced."""
    return Route(**{"name": "tosses", "simulate": tossed, "trials": lambda values: 300, **changes})


def tossed(*, d: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """Never called: a law stands in."""
    raise AssertionError("the calibration gives its own draws")


def mean(made: Made, part: Any, law: Law, entropy: int, *, bounded: bool, batch: int = 300) -> Result:
    """A mean: `means` confirms it, and looks at it after every batch."""
    context = made(entropy, simulate={"tosses": stand_in(law)})
    told = route(bounds=(0.0, 1.0) if bounded else None, trials=lambda values: batch)
    comparison = Comparison(check="", context=context, part=part, route=told, resolution=Resolution(relative=0.0))
    setting = comparison.scope.at({"d": 20})
    return comparison.at(setting, stage="confirm", aim=Target(law.mean, 0.0, 0.0)).result


def spread(made: Made, part: Any, law: Law, entropy: int) -> Result:
    """A variance: `spread` confirms it."""
    context = made(entropy, simulate={"tosses": stand_in(law)})
    stated = replace(part, finite=lambda d: law.variance, published=lambda: law.variance)
    comparison = Spreads(
        check="", context=context, part=stated, route=route(), resolution=Resolution(relative=0.0), size="d", power=0
    )
    return comparison.at(comparison.scope.at({"d": 20}), stage="confirm").result


def effect(
    made: Made,
    part: Any,
    law: Law,
    entropy: int,
    *,
    share: Fraction = Fraction(1, 2),
    stage: str = "confirm",
    **changes: Any,
) -> Result:
    """An effect that is just what would matter: `effects` confirms it; without a stage it is searched before."""
    context = made(entropy, simulate={"tosses": stand_in(law, lambda trials: (trials, 1))})
    reads = {"reads": lambda draws: np.concatenate([draws, np.zeros_like(draws)], axis=1)}
    smallest = (law.median if share == Fraction(1, 2) else law.ninth) + changes.pop("more", 0.0)
    contrast = Contrast("warm", (route(**reads), {"d": 20}), None, smallest, share=share, **changes)
    settings = [Scope.of(context.claim, WARM, side).at(there) for side, there in contrast.sides]
    effects = Effects(contrasts=(contrast,))
    return (
        effects._compared(context, WARM, contrast, settings, stage)
        if stage
        else effects.measure(context, WARM, contrast)
    )


def around(law: Law, rng: np.random.Generator, size: Any) -> np.ndarray:
    """Exponents that have the law about the median 0, none of them too large for a power."""
    return np.asarray(0.1 * (law.draw(rng, size) - law.median).clip(-200, 200))


def slope(made: Made, part: Any, law: Law, entropy: int, *, sharp: bool, drift: float = 0.0) -> Result:
    """A rate m^(−1/2), with a slope a seed that has the law about its median: `sweep` confirms it.

    With a drift the quantity is m^(−1/2)(1 − drift/√m) where sizes are small: its slope is on its way to −1/2.
    """
    told = {field.name: getattr(part, field.name) for field in fields(Rate) if hasattr(part, field.name)}
    stated = Rate(**told | {"published": lambda: -0.5, "towards": "infinity", "decoys": (), "sharp": sharp})
    sizes = np.array(SIZES)

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        exponents = around(law, np.random.default_rng(entropy), (trials, 1))
        return np.asarray(np.exp((exponents - 0.5) * np.log(sizes / 32)) * (1 - drift / np.sqrt(sizes)))

    context = made(entropy, simulate={"tosses": draw})
    sweep = Sweep(route=route(), sizes=SIZES, configurations=({"d": 20},), resolution=0.0, at_most=4)
    setting = Scope.of(context.claim, stated, sweep.route).at({"d": 20})
    return sweep.confront(context, stated, setting, -0.5, "confirm", Subject.CLAIM, "")


def off_for_good(made: Made, part: Any, law: Law, entropy: int) -> Result:
    """A rate whose slope is off by just the margin, and moves away: `sweep` confirms it."""
    told = {field.name: getattr(part, field.name) for field in fields(Rate) if hasattr(part, field.name)}
    stated = Rate(**told | {"published": lambda: -0.5, "towards": "infinity", "decoys": ()})
    at = np.log(SIZES) - np.log(SIZES).mean()

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        exponents = around(law, np.random.default_rng(entropy), (trials, 1)) + OFF - 1e-12 - 0.5
        return np.asarray(np.exp(exponents * at + 0.1 * (at**2 - np.square(at).mean())))

    context = made(entropy, simulate={"tosses": draw})
    sweep = Sweep(route=route(), sizes=SIZES, configurations=({"d": 20},), resolution=2 * OFF, at_most=4)
    setting = Scope.of(context.claim, stated, sweep.route).at({"d": 20})
    return sweep.confront(context, stated, setting, -0.5, "confirm", Subject.CLAIM, "")


def last_of_the_way(made: Made, part: Any, law: Law, entropy: int) -> Result:
    """A rate whose slope falls short by just as much as it still moves; each size of a seed errs by the law."""
    told = {field.name: getattr(part, field.name) for field in fields(Rate) if hasattr(part, field.name)}
    stated = Rate(**told | {"published": lambda: -0.5, "towards": "infinity", "decoys": ()})
    at = np.log(SIZES) - np.log(SIZES).mean()
    # Of log quantity a·u − c·u² the slope at u = 0 is a, and of the two halves it differs by c times this.
    along = -float(drifts(np.array(SIZES), np.exp(-(at**2))[None])[0])

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        noise = around(law, np.random.default_rng(entropy), (trials, len(SIZES)))
        exponent = slopes(np.array(SIZES), np.exp(-0.1 * at**2)[None])[0]
        return np.asarray(np.exp((0.1 * along - exponent - 0.5) * at - 0.1 * at**2 + noise))

    context = made(entropy, simulate={"tosses": draw})
    sweep = Sweep(route=route(), sizes=SIZES, configurations=({"d": 20},), resolution=0.0, at_most=4)
    setting = Scope.of(context.claim, stated, sweep.route).at({"d": 20})
    return sweep.confront(context, stated, setting, -0.5, "confirm", Subject.CLAIM, "")


def drawn(made: Made, part: Any, law: Law, entropy: int, *, off: bool = False) -> Result:
    """A point that is a mean of draws of the weights; the law is moved to the mean that the frame predicts.

    off: what is claimed is just further away than what must be noticed: to agree is to miss it.
    """
    series = FRAME.series[0]
    assert isinstance(series, Drawn)
    setting = FRAME.setting(series.line, 26, 13)
    predicted = series.line.finite(setting.values)
    reach = setting.tolerance(series.route).bias + RESOLUTION.at(predicted, setting.values) + 1e-9

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        rng = np.random.default_rng(entropy)
        if law is LAWS["coins"]:
            return (rng.random(trials) < predicted).astype(float)
        # A mean in [0, 1] that most draws miss: 1 less a skewed share.
        return np.asarray(1 - (1 - predicted) / law.mean * law.draw(rng, trials).clip(0, law.mean / (1 - predicted)))

    distort = (lambda value: value - reach) if off else None
    context = made(entropy, claim=FRAME.claim, simulate={"exact oracle": draw}, distort=distort)
    return _drawn._measured(context, FRAME, series, (26, 13), 400, "figure, confirm", context.rates.strict)


def trained(made: Made, part: Any, law: Law, entropy: int, *, seeds: int = 40) -> Result | None:
    """A training that leaves just its budget on average."""
    context = made(entropy)
    excess = law.draw(np.random.default_rng([entropy, seeds]), seeds)
    judged = _trained._refuted(context, 0.3 + excess, excess, law.mean)
    return (
        None
        if judged is None
        else context.result(part, check="", subject=Subject.CLAIM, configuration={}, route="", verdict=judged.verdict)
    )


def falling(made: Made, part: Any, law: Law, entropy: int) -> Result:
    """An excess that neither grows nor falls, where the first seeds seemed to see it grow."""
    series, steps = RIGHT.series[0], np.array([2**k for k in range(4, 12)])
    assert isinstance(series, Trained)
    chain = Chain(series.training, RIGHT.setting(series.line, 8, 4), (0.01,), tuple(steps.tolist()), "sgd/100")

    def seen(exponents: np.ndarray) -> Trajectory:
        risks = np.exp(exponents * np.log(steps / 16)[:, None])
        nothing = np.zeros(len(exponents))
        return Trajectory(chain.checkpoints, np.full(len(steps), 0.01), risks, nothing, chain, nothing, 0)

    exponents = around(law, np.random.default_rng(entropy), CONFIRMING * series.training.seeds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_trajectory, "again", lambda context, series, found: seen(exponents))
        return _falling.rate(made(entropy, claim=RIGHT.claim), RIGHT, series, seen(np.full(4, 0.5)))


def balance(made: Made, part: Any, law: Law, entropy: int) -> Result:
    """Rows whose two sides differ by no more than an integrator's error, which grows with what is measured."""
    measured = Parameter("lost", sp.Symbol("D", nonnegative=True), "what is dissipated", Real(0.0))
    stated = Balance(
        sentence="What is lost is what is dissipated.",
        quantity=Quantity(symbol=sp.Symbol("Delta"), meaning="energy lost"),
        parameters=(*part.parameters, measured),
        measured=("lost",),
        published=lambda lost: lost,
        decoys=(Decoy(name="half", sentence="half of it", published=lambda lost: lost / 2),),
    )

    def rows(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        rng = np.random.default_rng(entropy)
        lost = np.abs(law.draw(rng, trials))
        error = STEP * (1 + lost)
        return np.stack([lost + error * rng.uniform(-1, 1, trials), lost, error], axis=1)

    told = Balances(
        space=Space(draws={}, anchors=({"d": 20},)),
        route=route(trials=lambda values: ROWS, examples=0),
        rounding=lambda values: values["error"] + 4 * np.finfo(float).eps * values["lost"],
        source="the integrator's error",
        further=("error",),
        wrong_versions=False,
    )
    (found,) = told.run(made(entropy, simulate={"tosses": rows}), stated)
    return found


def draw_by_draw(made: Made, part: Any, law: Law, entropy: int) -> Result:
    """A number that is off by less than its budget: `pointwise` and `certificates` sample nothing."""
    # Short of the budget by what 1 + off is rounded by.
    off = (1e-9 - np.finfo(float).eps) * math.tanh(float(law.draw(np.random.default_rng(entropy), 1)[0]))
    tolerance = Tolerance(rounding=1e-9, sources={"rounding": "computed"})
    return compared(
        made(entropy),
        part,
        check="",
        route="",
        configuration={},
        predicted=1.0,
        estimate=1.0 + off,
        tolerance=tolerance,
    )


PROCEDURES: dict[str, Callable[..., Result | None]] = {
    "means, bounded": lambda *given: mean(*given, bounded=True),
    "means, unbounded": lambda *given: mean(*given, bounded=False),
    "means, looked at often": lambda *given: mean(*given, bounded=False, batch=60),
    "means, bounded, looked at often": lambda *given: mean(*given, bounded=True, batch=60),
    "spread": spread,
    "effects": effect,
    "effects, a tenth of the seeds": lambda *given: effect(*given, share=Fraction(1, 10)),
    # Just short of what would matter: to agree is to miss it.
    "effects, searched and confirmed": lambda *given: effect(*given, stage="", more=1e-9),
    "effects, equality": lambda *given: effect(*given, equality=True, more=1e-12),
    "sweep": lambda *given: slope(*given, sharp=False),
    "sweep, sharp": lambda *given: slope(*given, sharp=True),
    "sweep, on its way": lambda *given: slope(*given, sharp=True, drift=1.0),
    "sweep, off for good": off_for_good,
    "sweep, the last of the way": last_of_the_way,
    "figures, drawn": drawn,
    "figures, drawn, off": lambda *given: drawn(*given, off=True),
    "figures, trained": trained,
    "figures, trained, four seeds": lambda *given: trained(*given, seeds=4),
    "figures, falling": falling,
    "balances": balance,
    "pointwise": draw_by_draw,
}


@pytest.fixture
def verdicts(context: Made, part: Any, profile: Callable[..., Profile]) -> Callable[..., list[Verdict | None]]:
    """What so many runs of a procedure under a law came to; None where it had nothing to say."""
    budget = profile(confirm_trials=1_200)

    def run(procedure: str, law: str, runs: int, **changes: Any) -> list[Verdict | None]:
        def made(entropy: int, **further: Any) -> Context:
            return context(entropy, **{"rates": ALONE, "profile": budget, **changes, **further})

        found = [PROCEDURES[procedure](made, part, LAWS[law], entropy) for entropy in range(runs)]
        return [None if result is None else result.verdict for result in found]

    return run


@pytest.fixture
def alarms(verdicts: Callable[..., list[Verdict | None]]) -> Callable[..., int]:
    """How many of so many runs of a procedure under a law end in an alarm."""
    return lambda *given, **changes: verdicts(*given, **changes).count(Verdict.DISAGREES)


@pytest.fixture
def allowed() -> Callable[[int], int]:
    """More alarms than this in so many runs would refute "at most LEVEL" at IMPROBABLE."""
    return lambda runs: int(binom.isf(IMPROBABLE, runs, LEVEL))
