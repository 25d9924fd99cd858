"""The finite forms of `leading_constant`, expansions in 1/α, against networks that are trained in plain numpy."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special

from lazy_assay import theory
from lazy_assay.theory.chizat2019 import leading_constant
from lazy_assay.theory.chizat2019._networks import DERIVATIVES, FOURTH
from lazy_assay.theory.chizat2019._perturbation import descent_corrections, flow_corrections, radius

CLAIM = theory.claim("chizat2019.leading_constant")
SIGMA: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "tanh": (np.tanh, lambda u: 1 / np.cosh(u) ** 2),
    "softplus": (lambda u: np.logaddexp(u, 0), special.expit),
    "sin": (np.sin, np.cos),
}
# What the integration at 1e-12 and the difference of two trainings leave.
ROUNDING = 1e-8


def after_training(flow: bool) -> Callable[..., float]:
    """α sup ‖αh(w) − αh̄(w̄)‖ of networks that are really trained, over the times at which the form is read."""

    def oracle(alpha: float, points: np.ndarray, labels: np.ndarray, W: np.ndarray, u: np.ndarray, activation: str,
               T: float = 0.0, step_size: float = 0.0, steps: int = 0) -> float:  # fmt: skip
        value, slope = SIGMA[activation]
        c, d = 1 / math.sqrt(len(u)), len(W)

        def split(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return w[: W.size].reshape(W.shape), w[W.size :]

        def h(w: np.ndarray) -> np.ndarray:
            V, a = split(w)
            return np.asarray(c * value(points @ V) @ a)

        def J(w: np.ndarray) -> np.ndarray:
            V, a = split(w)
            z = points @ V
            inner = points[:, :, None] * (slope(z) * a)[:, None, :]
            return c * np.concatenate([inner.reshape(len(points), d * len(a)), value(z)], axis=1)

        w0 = np.concatenate([W.ravel(), u])
        first, tangent = h(w0), J(w0)

        def velocity(w: np.ndarray) -> np.ndarray:
            own, model = w[: len(w0)], w[len(w0) :]
            r = alpha * (h(own) - first) - labels
            straight = alpha * tangent @ (model - w0) - labels
            return -np.concatenate([J(own).T @ r, tangent.T @ straight]) / alpha

        w, seen = np.concatenate([w0, w0]), []
        for _ in range(8 if flow else steps):
            if flow:
                w = integrate.solve_ivp(
                    lambda t, w: velocity(w), (0, T / 8), w, method="DOP853", rtol=1e-12, atol=1e-14
                ).y[:, -1]
            else:
                w = w + step_size * velocity(w)
            own, model = w[: len(w0)], w[len(w0) :]
            seen.append(np.linalg.norm(alpha * (h(own) - first) - alpha * tangent @ (model - w0)))
        return float(alpha * max(seen))

    return oracle


def networks(form: str, **rest: Any) -> Iterator[dict[str, Any]]:
    """Small networks and data, at the least scale at which the expansion answers and at four times that."""
    corrections: Callable[..., np.ndarray] = flow_corrections if form == "flow" else descent_corrections
    for index, (activation, size) in enumerate(itertools.product(("tanh", "softplus", "sin"), ((1, 1, 1), (2, 3, 2)))):
        (n, N, d), rng = size, np.random.default_rng([index, 20261128])
        at: dict[str, Any] = {"points": unit(rng.standard_normal((n, d))), "labels": rng.standard_normal(n)}
        at |= {"W": rng.standard_normal((d, N)), "u": rng.standard_normal(N), "activation": activation}
        least = leading_constant.FALLING * radius(corrections("centred", **at, **rest))
        yield from (at | rest | {"alpha": factor * least} for factor in (1.0001, 4.0))


def unit(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / np.linalg.norm(x, axis=-1, keepdims=True))


TIMES: dict[str, dict[str, Any]] = {"flow": {"T": 1.5}, "descent": {"step_size": 0.3, "steps": 4}}
CELLS = [(form, at) for form, times in TIMES.items() for at in networks(form, **times)]


def test_every_expansion_is_walked() -> None:
    assert {part.name for part in CLAIM.parts if part.finite is not None} == set(TIMES)


@pytest.mark.parametrize("form, at", CELLS)
def test_an_expansion_is_right_within_its_allowance_from_the_scale_on_where_it_answers(
    form: str, at: dict[str, Any]
) -> None:
    part = CLAIM.part(form)
    left = abs(CLAIM.predict_finite(part=form, **at) - after_training(form == "flow")(**at))
    assert part.finite_allowance is not None
    assert left <= part.finite_allowance(**at) + ROUNDING


@pytest.mark.parametrize("form", TIMES)
def test_below_the_scale_from_which_an_expansion_holds_there_is_no_number(form: str) -> None:
    at = next(networks(form, **TIMES[form])) | {"alpha": 0.01}
    with pytest.raises(theory.InvalidParameterError, match=r"alpha = 0.01 is too small .* it holds from \d"):
        CLAIM.predict_finite(part=form, **at)


def test_steps_that_let_the_linear_model_diverge_are_refused_with_those_that_do_not() -> None:
    at = next(networks("descent", **TIMES["descent"])) | {"step_size": 0.9, "alpha": 1e6}
    at["u"] = 99 * at["u"]
    with pytest.raises(theory.InvalidParameterError, match=r"lets the linear model diverge: it must be at most .* \d"):
        CLAIM.predict_finite(part="descent", **at)


@pytest.mark.parametrize("activation", SIGMA)
def test_the_fourth_derivative_is_that_of_the_third(activation: str) -> None:
    z, h = np.linspace(-2, 2, 9), 1e-5
    up, down = (DERIVATIVES[activation](z + s)[3] for s in (h, -h))
    assert (up - down) / (2 * h) == pytest.approx(FOURTH[activation](z), abs=1e-8)
