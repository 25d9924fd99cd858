"""The constant behind Theorem 2.2: α sup‖αh(w) − αh̄(w̄)‖ tends to sup_{t≤T}‖r1(t)‖, the first-order perturbation.

    r1 = J v1 + ½ D²h[v0, v0],    v1' = −Jᵀ r1 − D²h(w0)[v0]ᵀ r0,    v0' = −Jᵀ r0,    r0 = J v0 − y*,

all zero at t = 0 but r0 = −y*: the expansion of training in powers of 1/α that `_perturbation` derives. Theorem 2.2
states O(1/α); this is stronger than a slope, since a slope of −1 is blind to a wrong constant.

Parts. `flow`: gradient flow, finite size sup‖r1 + r2/α‖ with r2 the second-order perturbation, so that what is left is
O(α⁻²). `descent`: the same for gradient descent, where the differential equations become recursions: exact at every
step size. `paired`: with a paired start r1 vanishes (theorem2_2) and α² sup‖αh(w) − αh̄(w̄)‖ tends to sup‖r2‖, with
O(α⁻²) left, since the output is even in α.

A supremum over time is taken over equally spaced times, the same ones on both sides. Convention: R(y) = ½‖y − y*‖².
Source: follows from Chizat, Oyallon, Bach 2019, proof of Theorem 2.2; the paper prints no constant.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Claim,
    Decoy,
    Eq,
    Growth,
    Integer,
    InvalidParameterError,
    Limit,
    Parameter,
    Quantity,
    Scalar,
    Source,
)
from lazy_assay.theory.chizat2019 import PAPER
from lazy_assay.theory.chizat2019._networks import ACTIVATION, LABELS, OUTPUT_WEIGHTS, POINTS, WEIGHTS, Array
from lazy_assay.theory.chizat2019._perturbation import (
    ORDERS,
    TOLERANCE,
    Expansion,
    Series,
    descent_corrections,
    flow_corrections,
    largest,
    radius,
)
from lazy_assay.theory.chizat2019.theorem2_2 import ALPHA, OUTPUT, STEP_SIZE, TIME, alpha
from lazy_assay.theory.chizat2019.theorem2_2 import STEPS as NUMBER_OF_STEPS

first, second = sp.symbols("C_1 C_2", nonnegative=True)
NETWORK = (POINTS, LABELS, WEIGHTS, OUTPUT_WEIGHTS, ACTIVATION)
# Arrays by name, as the chain takes them along growing α.
PATH: Mapping[str, Scalar] = MappingProxyType(
    {
        "d": 3,
        "n": 4,
        "N": 6,
        "points": "sphere:3",
        "labels": "gaussian:5",
        "W": "gaussian:2",
        "u": "gaussian:2",
        "activation": "tanh",
    }
)


def flow_constant(T: float, points: Array, labels: Array, W: Array, u: Array, activation: str) -> float:
    """sup‖r1‖ up to time T, for a centred network."""
    return flow_finite(math.inf, T, points, labels, W, u, activation)


def flow_finite(alpha: float, T: float, points: Array, labels: Array, W: Array, u: Array, activation: str) -> float:
    """sup‖r1 + r2/α‖."""
    found = flow_corrections("centred", T, points=points, labels=labels, W=W, u=u, activation=activation)
    return largest(found, 1, 1 / alpha)


def descent_constant(
    step_size: float, steps: int, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    """sup‖r1‖ over the steps of gradient descent."""
    return descent_finite(math.inf, step_size, steps, points, labels, W, u, activation)


def descent_finite(
    alpha: float, step_size: float, steps: int, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    """sup‖r1 + r2/α‖ over the steps of gradient descent."""
    network = {"points": points, "labels": labels, "W": W, "u": u, "activation": activation}
    return largest(descent_corrections("centred", step_size, steps, **network), 1, 1 / alpha)


# The expansion answers where each term is at most a quarter of the one before, as far as three terms tell. If that goes
# on, 4/3 of ‖r1‖(ρ/α)² is left; it is rounded up to twice, for the later terms are not known.
FALLING, LEFT = 4.0, 2.0


def _left(corrections: Array, alpha: float) -> float:
    """What r1 + r2/α leaves: ‖r1‖ Σ_{k≥2} (ρ/α)^k ≤ 2‖r1‖(ρ/α)² for α ≥ 4ρ. Raises InvalidParameterError below."""
    rho = radius(corrections)
    if not alpha >= FALLING * rho:
        raise InvalidParameterError(
            f"alpha = {alpha:.4g} is too small for the expansion in 1/alpha: here it holds from {FALLING * rho:.4g} on"
        )
    return LEFT * largest(corrections, 1) * (rho / alpha) ** 2 + ORDERS * TOLERANCE


def flow_allowance(alpha: float, T: float, points: Array, labels: Array, W: Array, u: Array, activation: str) -> float:
    """What `flow_finite` may be off by, from the third order; TOLERANCE is the integrator's."""
    return _left(flow_corrections("centred", T, points=points, labels=labels, W=W, u=u, activation=activation), alpha)


def descent_allowance(
    alpha: float, step_size: float, steps: int, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    """What `descent_finite` may be off by, from the third order; none where the linear model diverges."""
    fastest = Expansion(points, labels, W, u, activation, "centred").largest_eigenvalue()
    if step_size * fastest > 2:
        raise InvalidParameterError(
            f"step_size = {step_size:.4g} lets the linear model diverge: it must be at most 2 over the largest "
            f"eigenvalue of JJᵀ, {2 / fastest:.4g}"
        )
    network = {"points": points, "labels": labels, "W": W, "u": u, "activation": activation}
    return _left(descent_corrections("centred", step_size, steps, **network), alpha)


def flow_where_it_holds(
    alpha: float, T: float, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    """`flow_finite`, from the α on from which its terms fall."""
    flow_allowance(alpha, T, points, labels, W, u, activation)
    return flow_finite(alpha, T, points, labels, W, u, activation)


def descent_where_it_holds(
    alpha: float, step_size: float, steps: int, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    """`descent_finite`, from the α on from which its terms fall."""
    descent_allowance(alpha, step_size, steps, points, labels, W, u, activation)
    return descent_finite(alpha, step_size, steps, points, labels, W, u, activation)


def paired_constant(T: float, points: Array, labels: Array, W: Array, u: Array, activation: str) -> float:
    """sup‖r2‖ up to time T, for a paired start."""
    found = flow_corrections("paired", T, points=points, labels=labels, W=W, u=u, activation=activation)
    return largest(found, 2)


def _without_curvature(T: float, points: Array, labels: Array, W: Array, u: Array, activation: str) -> float:
    """sup‖J v1‖: the weights' correction alone."""
    expansion = Expansion(points, labels, W, u, activation, "centred")
    return float(max(np.linalg.norm(_linear_part(expansion, v)) for v in expansion.flow(T)))


def _linear_part(expansion: Expansion, v: Series) -> Array:
    alone = np.zeros_like(v)
    alone[1] = v[1]
    return np.asarray(expansion.residual(alone)[1])


def _scaled(formula: Callable[..., float], factor: float) -> Callable[..., float]:
    """A formula times a factor, with its own arguments."""

    def flow(T: float, points: Array, labels: Array, W: Array, u: Array, activation: str) -> float:
        return factor * formula(T, points, labels, W, u, activation)

    return flow


def _doubled_descent(
    step_size: float, steps: int, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    return 2 * descent_constant(step_size, steps, points, labels, W, u, activation)


def _other_step(
    step_size: float, steps: int, points: Array, labels: Array, W: Array, u: Array, activation: str
) -> float:
    """The constant of the flow at the same time, as if steps made no difference."""
    return flow_constant(step_size * steps, points, labels, W, u, activation)


HALF_FORGOTTEN = "D²h in place of ½ D²h"
CLAIM = Claim(
    module=__name__,
    title="The constant of the lazy limit",
    source=Source(paper=PAPER, locator="Theorem 2.2, last statement (no constant is printed)"),
    convention="R(y) = ½‖y − y*‖², a sum over points; centred two-layer networks c Σ u_j σ(⟨w_j, x⟩), c = N^(−1/2).",
    parts=(
        Limit(
            name="flow",
            sentence="α times the output's distance from the linear model tends to the first-order perturbation.",
            quantity=Quantity(
                symbol=alpha * OUTPUT,
                meaning="α times the largest ‖αh(w) − αh̄(w̄)‖ over nine equally spaced t ≤ T",
                units="output",
                low=0,
                latex=r"\sup_{t\leq T}\|\alpha h(w_\alpha(t))-\alpha\bar h(\bar w_\alpha(t))\|",
            ),
            statement=Eq(alpha * OUTPUT, first),
            rate=1 / alpha,
            parameters=(ALPHA, TIME, *NETWORK),
            auxiliary=(
                Auxiliary(
                    symbol=first,
                    meaning="sup ‖r1(t)‖",
                    value=flow_constant,
                    latex=r"\sup_t\|r_1(t)\|",
                    opaque="a supremum along the solution of differential equations",
                ),
            ),
            published=flow_constant,
            finite=flow_where_it_holds,
            finite_allowance=flow_allowance,
            limit_of=lambda alpha: {},
            growth=Growth(size="alpha", others=lambda alpha, ratio: {**PATH, "T": 4.0}),
            decoys=(
                Decoy(
                    name="curvature of the output dropped",
                    sentence="J v1 alone, without ½ D²h[v0, v0]",
                    published=_without_curvature,
                ),
                Decoy(name="twice", sentence="a factor 2 too much", published=_scaled(flow_constant, 2.0)),
                Decoy(name="half a percent more", sentence="0.5 % too much", published=_scaled(flow_constant, 1.005)),
            ),
        ),
        Limit(
            name="descent",
            ours=True,
            sentence="The same for gradient descent, with recursions in place of differential equations.",
            quantity=Quantity(
                symbol=alpha * OUTPUT,
                meaning="α times sup over steps of ‖αh(w) − αh̄(w̄)‖",
                units="output",
                low=0,
                latex=r"\sup_{t\leq T}\|\alpha h(w_\alpha(t))-\alpha\bar h(\bar w_\alpha(t))\|",
            ),
            statement=Eq(alpha * OUTPUT, first),
            rate=1 / alpha,
            parameters=(
                ALPHA,
                STEP_SIZE,
                Parameter("steps", NUMBER_OF_STEPS.symbol, "number of steps", Integer(1, 200)),
                *NETWORK,
            ),
            auxiliary=(
                Auxiliary(
                    symbol=first,
                    meaning="sup ‖r1‖ over steps",
                    value=descent_constant,
                    latex=r"\sup_t\|r_1(t)\|",
                    opaque="a maximum along a recursion through the network's derivatives",
                ),
            ),
            published=descent_constant,
            finite=descent_where_it_holds,
            finite_allowance=descent_allowance,
            limit_of=lambda alpha: {},
            growth=Growth(size="alpha", others=lambda alpha, ratio: {**PATH, "step_size": 0.2, "steps": 20}),
            decoys=(
                Decoy(name="twice", sentence="a factor 2 too much", published=_doubled_descent),
                Decoy(
                    name="the flow's constant",
                    sentence="as if a finite step made no difference",
                    published=_other_step,
                ),
            ),
        ),
        Limit(
            name="paired",
            ours=True,
            sentence="With a paired start α² times that distance tends to the second-order perturbation.",
            quantity=Quantity(
                symbol=alpha**2 * OUTPUT,
                meaning="α² times the largest ‖αh(w) − αh̄(w̄)‖ over nine equally spaced t ≤ T",
                units="output",
                low=0,
                latex=r"\sup_{t\leq T}\|\alpha h(w_\alpha(t))-\alpha\bar h(\bar w_\alpha(t))\|",
            ),
            statement=Eq(alpha**2 * OUTPUT, second),
            rate=1 / alpha**2,
            parameters=(ALPHA, TIME, *NETWORK),
            auxiliary=(
                Auxiliary(
                    symbol=second,
                    meaning="sup ‖r2(t)‖",
                    value=paired_constant,
                    latex=r"\sup_t\|r_2(t)\|",
                    opaque="a supremum along the solution of differential equations",
                ),
            ),
            published=paired_constant,
            decoys=(
                Decoy(name="half", sentence="a factor 2 too little", published=_scaled(paired_constant, 0.5)),
                Decoy(
                    name="half a percent less", sentence="0.5 % too little", published=_scaled(paired_constant, 0.995)
                ),
            ),
        ),
    ),
)
