"""Confronts footnote 1: objectives and paths over widths, and the tangent model's minimiser with weight decay."""

import numpy as np

from lazy_assay.checks import Check, Clock, Configuration, Draw, Expected, OneOf, Pointwise, Route, Space, Sweep, Values
from lazy_assay.checks._tangent_models.rounding import EPSILON, positive
from lazy_assay.checks._tangent_models.settings import ANCHOR, DRAWS
from lazy_assay.sims.two_layer import small_decay
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory.fang2021.footnote1 import CLAIM

WIDTHS = tuple(2**k for k in range(5, 10))
# Kernels of n unit points have eigenvalues up to 2n at most, in the mean over points 2: half of what is stable.
STEP_SIZE = 0.5
SIZES: Configuration = {"n": 3, "d": 8}
STRENGTHS: dict[str, Draw] = {"mu": OneOf((1e-6, 1e-4, 1e-2, 0.1))}


def route(name: str, column: int, steps: int) -> Route:
    """One of the two columns."""
    return Route(
        name=name,
        simulate=small_decay.with_and_without,
        settings=lambda values: {"widths": np.array(WIDTHS), "step_size": STEP_SIZE, "steps": steps},
        clock=lambda values: Clock(step_size=STEP_SIZE, steps=steps, alpha=WIDTHS[0] ** 0.5),
        reads=lambda draws: draws[:, :, column],
    )


def sweep(part: str, told: Route, exponents: tuple[float, ...]) -> Sweep:
    """One part at μ = m^(−p) for each p."""
    return Sweep(
        part=part,
        route=told,
        sizes=tuple(float(m) for m in WIDTHS),
        configurations=tuple({**SIZES, "activation": "relu", "exponent": p} for p in exponents),
        resolution=0.08,
        at_most=64,
    )


def rounding(values: Values) -> float:
    """Of least squares with a row for each parameter, of condition √(λ_max/2μn), and of n equations, of its square."""
    found = Start(*(values[k] for k in ("theta", "u", "alpha", "points", "labels", "points", "activation")))
    K = found.alpha**2 / len(found.u) * (found.kernel_u(found.points) + found.kernel_theta(found.points))
    condition = 1 + float(np.linalg.eigvalsh(K)[-1]) / (2 * len(K) * float(values["mu"]))
    # Along data the solution is of the size of gaps over √eigenvalues, not over √μ.
    gap = 1 + float(np.square(found.labels - found.offset(found.points)).sum()) / float(positive(K)[0])
    return float(16 * EPSILON * (found.theta.size + len(K)) * min(condition, 1e8) ** 0.5 * gap * condition**0.5)


POINTED = {name: draw for name, draw in DRAWS.items() if name not in ("centres", "c")}
AT: Configuration = {name: value for name, value in ANCHOR.items() if name not in ("centres", "c")}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        sweep("objective", route("trained without", 0, 120), (2.0, 1.0, 0.5)),
        sweep("path", route("trained with and without", 1, 10), (1.5, 2.0)),
        Pointwise(
            part="minimiser",
            space=Space(
                draws={**POINTED, **STRENGTHS, "points": OneOf(("axes",))},
                anchors=tuple({**AT, "points": "axes", "m": 24, "mu": strength} for strength in (1e-6, 0.1)),
            ),
            route=Route(name="least squares in all parameters", simulate=small_decay.minimiser_distance_at),
            rounding=rounding,
            source="machine epsilons times sizes, the condition that μ leaves, and what is added up",
        ),
    ),
    expected={
        "objective": Expected(status="confirmed", reason="μ‖w‖² at a loss of zero", date="2026-11-28"),
        "path": Expected(status="confirmed", reason="weights times exp(−2μT)", date="2026-11-28"),
        "minimiser": Expected(status="confirmed", reason="the minimiser lies in the span of data", date="2026-11-28"),
    },
)
