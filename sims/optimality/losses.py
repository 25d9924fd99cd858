"""Losses and their conjugates, one output or several, with bounds of what float64 may be off by.

L*(q, y) = sup_v (q·v − L(v, y)). squared: L = ½‖v − y‖², L* = ½‖q‖² + q·y. cross_entropy: y holds class probabilities,
L = log Σ exp v − y·v, L* = Σ p log p with p = q + y on the simplex. logistic: one output, y = ±1, L = log(1 +
exp(−yv)), L* = p log p + (1 − p) log(1 − p) with p = −q/y in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from lazy_assay.sims.optimality.activations import FUNCTION, U
from lazy_assay.sims.optimality.errors import OptimalityError

Array = np.ndarray


@dataclass(frozen=True)
class Loss:
    """value(v, y), slope L'_1(v, y), conjugate(q, y): arrays (n, k) to (n,), (n, k), (n,).

    wanted: what labels must be, "" where they are. uncertain: how far from the slope as computed one lies whose
    conjugate is finite. rounding: of value and conjugate together at v, y and q, what they may be off by where v is by
    `error`.
    """

    name: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    conjugate: Callable[[Array, Array], Array]
    wanted: Callable[[Array], str]
    uncertain: float
    rounding: Callable[[Array, Array, Array, Array], Array]


def _squared(v: Array, y: Array) -> Array:
    return np.asarray(np.square(v - y).sum(-1) / 2)


def _squared_conjugate(q: Array, y: Array) -> Array:
    return np.asarray((q * (q / 2 + y)).sum(-1))


def _squared_rounding(v: Array, y: Array, q: Array, error: Array) -> Array:
    """Each term by its own size, and what an error of v makes of a square."""
    terms = np.square(v - y) + np.square(q) + np.abs(q * y)
    off = np.abs(v - y) * error + np.square(error) + U * (np.abs(v) + np.abs(y)) * np.abs(v - y)
    return np.asarray((2 * off + (v.shape[-1] + 8) * U * terms).sum(-1))


def _bounded_rounding(v: Array, y: Array, q: Array, error: Array) -> Array:
    """L is 2-Lipschitz in max|v|; p log p moves by less than 20u(1 + |log 20u|) < 10⁻¹³ where p does by 20u."""
    size = 1 + np.abs(v).max(-1)
    return np.asarray(2 * error.max(-1) + (v.shape[-1] + 16) * FUNCTION * size + (v.shape[-1] + 1) * 1e-13)


def _entropy(p: Array) -> Array:
    """Σ p log p, of probabilities that rounding may have taken below 0."""
    return np.asarray(-scipy.special.entr(np.maximum(p, 0.0)).sum(-1))


def _two(q: Array, y: Array) -> Array:
    p = -q / y
    return np.concatenate([p, 1 - p], axis=-1)


def _classes(y: Array) -> str:
    right = (y >= 0).all() and np.abs(y.sum(-1) - 1).max() <= 64 * U * y.shape[-1]
    return "" if right else "rows of class probabilities, each summing to one"


def _signs(y: Array) -> str:
    return "" if y.shape[-1] == 1 and np.isin(y, (-1.0, 1.0)).all() else "one output with labels −1 and 1"


LOSSES = {
    found.name: found
    for found in (
        Loss("squared", _squared, lambda v, y: v - y, _squared_conjugate, lambda y: "", 0.0, _squared_rounding),
        Loss(
            "logistic",
            lambda v, y: np.logaddexp(0.0, -y * v)[:, 0],
            lambda v, y: -y * scipy.special.expit(-y * v),
            lambda q, y: _entropy(_two(q, y)),
            _signs,
            0.0,
            _bounded_rounding,
        ),
        Loss(
            "cross_entropy",
            lambda v, y: scipy.special.logsumexp(v, axis=-1) - (y * v).sum(-1),
            lambda v, y: scipy.special.softmax(v, axis=-1) - y,
            lambda q, y: _entropy(q + y),
            _classes,
            32 * U,
            _bounded_rounding,
        ),
    )
}


def named(loss: str) -> Loss:
    """By name. Raises OptimalityError."""
    if not isinstance(loss, str) or loss not in LOSSES:
        raise OptimalityError(f"no loss is called {loss!r}; there are {', '.join(LOSSES)}")
    return LOSSES[loss]
