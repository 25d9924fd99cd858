"""Every finite-size prediction at its smallest sizes, against an exact mean or one over draws of plain numpy.

An oracle knows nothing of `theory` but the name of the form: it says what the quantity is, by drawing it or by summing
over all that can happen. Beside the cells that are written down, ASSAY_SMALL_SIZES of each form are drawn.
"""

import itertools
import math
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special

from lazy_assay import theory

# Claims whose forms are walked in files of their own: those of ghorbani2019, the expansions of lazy training
# (tests/theory/test_expansions.py), and the law of noisy descent (tests/theory/test_gibbs_law.py).
APART = ("ghorbani2019.", "chizat2019.leading_constant", "fang2021.noisy_descent")
FORMS = {
    (claim.id, part.name)
    for claim in theory.claims()
    for part in claim.parts
    if part.finite is not None and not claim.id.startswith(APART)
}
# Sum of the normal tails at so many standard errors over all the cells below: 1e-4.
STANDARD_ERRORS = 5.0
# Drawn configurations of each form; and how often a whole walk may be wrong by chance.
WALK, FALSE_ALARM = int(os.environ.get("ASSAY_SMALL_SIZES", "2")), 1e-6
DRAWS = 40_000
EPSILON = float(np.finfo(float).eps)
# σ and its slope, written again.
SIGMA = {
    "relu": (lambda u: np.maximum(u, 0), lambda u: np.where(u > 0, 1.0, 0.0)),
    "abs": (np.abs, np.sign),
    "erf": (special.erf, lambda u: 2 / math.sqrt(math.pi) * np.exp(-(u**2))),
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda u: 1 / np.cosh(u) ** 2),
    "softplus": (lambda u: np.logaddexp(u, 0), special.expit),
    "sigmoid": (special.expit, lambda u: special.expit(u) * special.expit(-u)),
}
Oracle = Callable[..., tuple[float, float]]


def averaged(draws: np.ndarray) -> tuple[float, float]:
    """Mean and its standard error."""
    return float(draws.mean()), float(draws.std(ddof=1) / math.sqrt(len(draws)))


def generator(*key: Any) -> np.random.Generator:
    return np.random.default_rng([*map(int, key), 20261128])


def correlated(rng: np.random.Generator, c: float, draws: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """<w, x> and <w, y> of unit inputs of product c, shape (draws, m)."""
    u, v = rng.standard_normal((2, draws, m))
    return u, c * u + math.sqrt(1 - c * c) * v


def sphere(rng: np.random.Generator, *shape: int) -> np.ndarray:
    x = rng.standard_normal(shape)
    return np.asarray(x / np.linalg.norm(x, axis=-1, keepdims=True))


# -- fang2021, kearns2023: variances of kernels and of networks ------------------------------------------------------


def scatter(draw: Callable[[np.random.Generator, float, str, int], np.ndarray]) -> Oracle:
    """The mean square of draws about their own mean, whose distance from the true one is of the order of 1/draws."""

    def oracle(correlation: float, m: int, activation: str = "relu") -> tuple[float, float]:
        found = draw(generator(m, 100 * (1 + correlation)), correlation, activation, m)
        return averaged((found - found.mean()) ** 2 * len(found) / (len(found) - 1))

    return oracle


def of_random_features(rng: np.random.Generator, c: float, activation: str, m: int) -> np.ndarray:
    u, v = correlated(rng, c, DRAWS, m)
    value = SIGMA[activation][0]
    return np.asarray((value(u) * value(v)).mean(axis=1))


def on_the_diagonal(rng: np.random.Generator, c: float, activation: str, m: int) -> np.ndarray:
    u, v = correlated(rng, c, DRAWS, m)
    slope, outer = SIGMA[activation][1], rng.standard_normal((DRAWS, m))
    return np.asarray((outer**2 * slope(u) * slope(v) * c).mean(axis=1))


def off_the_diagonal(rng: np.random.Generator, c: float, activation: str, m: int) -> np.ndarray:
    u, v = correlated(rng, c, DRAWS, m)
    slope, (first, second) = SIGMA[activation][1], rng.standard_normal((2, DRAWS, m))
    return np.asarray((first * second * slope(u) * slope(v) * c).mean(axis=1))


def of_both_layers(rng: np.random.Generator, c: float, activation: str, m: int) -> np.ndarray:
    u, v = correlated(rng, c, DRAWS, m)
    (value, slope), outer = SIGMA[activation], rng.standard_normal((DRAWS, m))
    return np.asarray((value(u) * value(v) + outer**2 * slope(u) * slope(v) * c).mean(axis=1))


def of_uniform_neurons(variance: float, m: int) -> tuple[float, float]:
    """Neurons worth ±√variance, each with odds one half: the mean over all 2^m networks, exactly."""
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=m)))
    return float(((math.sqrt(variance) * signs).mean(axis=1) ** 2).mean()), 0.0


# -- daniely2019 -----------------------------------------------------------------------------------------------------


def by_draws_of_features(
    centres: np.ndarray, coefficients: np.ndarray, q: int, activation: str, points: np.ndarray
) -> tuple[float, float]:
    """E‖f − f_ω‖²_D over ω, with f the mean of f_ω over all draws: of order 1/draws away from the kernel's."""
    slope = SIGMA[activation][1]
    omega = generator(q, len(centres)).standard_normal((DRAWS, q, points.shape[1]))
    at = slope(omega @ points.T)  # (draws, q, n)
    of = slope(omega @ centres.T) * coefficients @ (centres @ points.T)  # (draws, q, n)
    f = (at * of).mean(axis=1)
    return averaged(((f - f.mean(axis=0)) ** 2).mean(axis=1) * len(f) / (len(f) - 1))


def kernel(activation: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """<x, y> E[σ'(u)σ'(v)], the expectation by adaptive quadrature in polar coordinates."""
    slope = SIGMA[activation][1]

    def one(c: float) -> float:
        def ring(angle: float, radius: float) -> float:
            u = radius * math.cos(angle)
            v = c * u + math.sqrt(max(0.0, 1 - c * c)) * radius * math.sin(angle)
            return float(slope(np.array(u)) * slope(np.array(v))) * radius * math.exp(-(radius**2) / 2)

        kinks = sorted({math.pi / 2, 3 * math.pi / 2, *(t % (2 * math.pi) for t in _crossings(c))})
        return math.fsum(
            integrate.dblquad(ring, 0, 9, low, high, epsabs=1e-11, epsrel=1e-11)[0]
            for low, high in itertools.pairwise([0.0, *kinks, 2 * math.pi])
        ) / (2 * math.pi)

    c = np.clip(x @ y.T, -1, 1)
    return np.asarray(c * np.vectorize(one)(c))


def _crossings(c: float) -> tuple[float, float]:
    """Angles at which v = 0."""
    angle = math.atan2(-c, math.sqrt(max(0.0, 1 - c * c)))
    return angle, angle + math.pi


def norm_and_spread(
    centres: np.ndarray, coefficients: np.ndarray, activation: str, points: np.ndarray
) -> tuple[float, float]:
    """‖f‖² = cᵀKc, and R² = d times the largest mean square of <v, x> over unit v."""
    R2 = points.shape[1] * np.linalg.eigvalsh(points.T @ points / len(points))[-1]
    return float(coefficients @ kernel(activation, centres, centres) @ coefficients), float(R2)


LARGEST_SLOPE = {"relu": 1.0, "abs": 1.0, "erf": 2 / math.sqrt(math.pi), "sin": 1.0, "tanh": 1.0, "softplus": 1.0}
# What the quadrature of `kernel` is known to, over all pairs.
QUADRATURE = 1e-8


def bound_of(power: float, of_dimension: bool, steps: bool = False) -> Oracle:
    """(C‖f‖/√q)^power, with R/√d where `of_dimension`; plus C‖f‖/√T for `steps`."""

    def oracle(**at: Any) -> tuple[float, float]:
        T = at.pop("steps", None)
        q = at.pop("q")
        square, R2 = norm_and_spread(**at)
        C = LARGEST_SLOPE[at["activation"]]
        gain = R2 / at["points"].shape[1] if of_dimension else 1.0
        found = (C**2 * square * gain / q) ** (power / 2)
        return found + (C * math.sqrt(square / T) if steps else 0.0), QUADRATURE

    return oracle


def of_the_least_interpolant(d: int, half_degree: int) -> tuple[float, float]:
    """‖x₁ⁿ‖² as Σ_k N_k (∫x₁ⁿP_k)²/∫tk^h P_k, every integral over the sphere by Gauss–Jacobi quadrature in x₁.

    The kernel has its kinks at x₁ = ±1, where the substitution x₁ = cos φ leaves it smooth.
    """
    n, total = 2 * half_degree, 0.0
    # x₁ = cos φ, of density sin^(d−2) φ.
    phi, weights = np.polynomial.legendre.leggauss(2000)
    phi = (phi + 1) * math.pi / 2
    density = weights * np.sin(phi) ** (d - 2)
    density /= density.sum()
    x = np.cos(phi)
    tk = x * (math.pi - phi) / (2 * math.pi)
    for k in range(0, n + 1, 2):
        P = special.eval_gegenbauer(k, d / 2 - 1, x) / special.eval_gegenbauer(k, d / 2 - 1, 1.0)
        N = math.comb(d + k - 1, k) - (math.comb(d + k - 3, k - 2) if k >= 2 else 0)
        total += N * (density @ (x**n * P)) ** 2 / (density @ (tk * P))
    return math.sqrt(total), 1e-9 * math.sqrt(total)


def of_random_points(d: int, m: int) -> tuple[float, float]:
    x = sphere(generator(d, m), DRAWS // 2, m, d)
    return averaged(np.linalg.eigvalsh(x.mT @ x if d <= m else x @ x.mT)[:, -1] * d / m)


ORACLES: dict[tuple[str, str], Oracle] = {
    ("fang2021.eq24", "independent"): of_uniform_neurons,
    ("fang2021.rf_kernel", "fluctuation"): scatter(of_random_features),
    ("fang2021.ntk_kernels", "diagonal"): scatter(on_the_diagonal),
    ("fang2021.ntk_kernels", "off_diagonal"): scatter(off_the_diagonal),
    ("kearns2023.eq13", "random"): scatter(of_both_layers),
    ("daniely2019.corollary3", "exact_mean"): by_draws_of_features,
    ("daniely2019.theorem4", "exact_mean"): by_draws_of_features,
    ("daniely2019.corollary3", "bound"): bound_of(2, False),
    ("daniely2019.corollary3", "sgd"): bound_of(1, False, steps=True),
    ("daniely2019.theorem4", "bound"): bound_of(2, True),
    ("daniely2019.theorem4", "lipschitz_loss"): bound_of(1, True),
    ("daniely2019.theorem4", "sgd"): bound_of(1, True, steps=True),
    ("daniely2019.theorem6", "monomials"): of_the_least_interpolant,
    ("daniely2019.bounded_distributions", "random_points"): of_random_points,
}


def functions(activations: tuple[str, ...], *, steps: bool = False) -> Iterator[dict[str, Any]]:
    """f on few centres, D on few points; one centre and one point first, in the plane."""
    for index, (activation, q) in enumerate(itertools.product(activations, (1, 2))):
        rng = generator(index)
        d, n, count = 2 + index % 2, 1 + index % 3, 1 + index % 2
        at: dict[str, Any] = {"centres": sphere(rng, count, d), "coefficients": rng.standard_normal(count)}
        at |= {"q": q, "activation": activation, "points": sphere(rng, n, d)}
        yield at | ({"steps": 1 + index} if steps else {})


KERNELS = [
    {"correlation": c, "activation": a, "m": m}
    for a in ("relu", "tanh", "erf", "abs") for c, m in ((0.3, 1), (-0.8, 2), (1.0, 1))
]  # fmt: skip
CLOSED = ("relu", "abs", "erf", "sin")
PLACES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("fang2021.eq24", "independent"): [{"variance": v, "m": m} for v in (0.25, 3.0) for m in (1, 2, 3, 7)],
    ("fang2021.rf_kernel", "fluctuation"): KERNELS,
    ("fang2021.ntk_kernels", "diagonal"): KERNELS,
    ("fang2021.ntk_kernels", "off_diagonal"): KERNELS,
    ("kearns2023.eq13", "random"): KERNELS,
    ("daniely2019.corollary3", "exact_mean"): list(functions((*CLOSED, "tanh"))),
    ("daniely2019.theorem4", "exact_mean"): list(functions((*CLOSED, "softplus"))),
    ("daniely2019.corollary3", "bound"): list(functions(("relu", "tanh"))),
    ("daniely2019.corollary3", "sgd"): list(functions(("abs",), steps=True)),
    ("daniely2019.theorem4", "bound"): list(functions(("sin", "softplus"))),
    ("daniely2019.theorem4", "lipschitz_loss"): list(functions(("erf",))),
    ("daniely2019.theorem4", "sgd"): list(functions(("relu",), steps=True)),
    ("daniely2019.theorem6", "monomials"): [
        {"d": d, "half_degree": j} for d, j in ((3, 1), (3, 8), (4, 5), (9, 8), (40, 2))
    ],
    ("daniely2019.bounded_distributions", "random_points"): [
        {"d": d, "m": m} for d, m in ((1, 1), (2, 1), (2, 2), (2, 3), (3, 2), (4, 6), (8, 2), (10, 3))
    ],
}
CELLS = [pytest.param(form, at, id=f"{form[0]}:{form[1]}-{i}") for form in PLACES for i, at in enumerate(PLACES[form])]


# -- drawn -----------------------------------------------------------------------------------------------------------


def a_kernel(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "correlation": float(rng.uniform(-1, 1)), "m": int(rng.integers(1, 6)),
        "activation": str(rng.choice(sorted(SIGMA))),
    }  # fmt: skip


def a_function(activations: tuple[str, ...], *, steps: bool = False) -> Callable[..., dict[str, Any]]:
    def draw(rng: np.random.Generator) -> dict[str, Any]:
        d, n, count = (int(k) for k in rng.integers((2, 1, 1), (5, 4, 3)))
        at: dict[str, Any] = {"centres": sphere(rng, count, d), "coefficients": rng.standard_normal(count)}
        at |= {"q": int(rng.integers(1, 4)), "activation": str(rng.choice(activations)), "points": sphere(rng, n, d)}
        return at | ({"steps": int(rng.integers(1, 50))} if steps else {})

    return draw


DRAWN: dict[tuple[str, str], Callable[[np.random.Generator], dict[str, Any]]] = {
    ("fang2021.eq24", "independent"): lambda rng: {
        "variance": float(rng.exponential()), "m": int(rng.integers(1, 10)),
    },
    ("daniely2019.corollary3", "exact_mean"): a_function((*CLOSED, "tanh")),
    ("daniely2019.theorem4", "exact_mean"): a_function((*CLOSED, "softplus")),
    ("daniely2019.corollary3", "bound"): a_function(CLOSED),
    ("daniely2019.corollary3", "sgd"): a_function(CLOSED, steps=True),
    ("daniely2019.theorem4", "bound"): a_function(CLOSED),
    ("daniely2019.theorem4", "lipschitz_loss"): a_function(CLOSED),
    ("daniely2019.theorem4", "sgd"): a_function(CLOSED, steps=True),
    ("daniely2019.theorem6", "monomials"): lambda rng: {
        "d": int(rng.integers(3, 30)), "half_degree": int(rng.integers(1, 7)),
    },
    ("daniely2019.bounded_distributions", "random_points"): lambda rng: {
        "d": int(rng.integers(1, 9)), "m": int(rng.integers(1, 9)),
    },
}  # fmt: skip
DRAWN |= {form: a_kernel for form in PLACES if PLACES[form] is KERNELS}


@pytest.mark.parametrize("form", sorted(DRAWN), ids=":".join)
def test_a_finite_form_is_right_within_its_allowance_at_drawn_small_sizes(form: tuple[str, str]) -> None:
    claim, quantile = theory.claim(form[0]), -special.ndtri(FALSE_ALARM / 2 / (WALK * len(DRAWN)))
    part = claim.part(form[1])
    for seed in range(WALK):
        at = DRAWN[form](np.random.default_rng([seed, *":".join(form).encode()]))
        truth, error = ORACLES[form](**at)
        stated = part.finite_allowance(**at) if part.finite_allowance else 0.0
        rounding = 2**12 * EPSILON * max(1.0, abs(truth))
        found = claim.predict_finite(part=form[1], **at)
        assert abs(found - truth) <= stated + quantile * error + rounding, (at, found, truth, error)


def test_no_finite_form_lacks_an_oracle() -> None:
    assert set(ORACLES) == set(PLACES) == set(DRAWN) == FORMS
    assert all(PLACES.values())


@pytest.mark.parametrize("form, at", CELLS)
def test_a_finite_form_is_right_within_its_allowance_at_its_smallest_sizes(
    form: tuple[str, str], at: dict[str, Any]
) -> None:
    claim = theory.claim(form[0])
    part = claim.part(form[1])
    truth, error = ORACLES[form](**at)
    stated = part.finite_allowance(**at) if part.finite_allowance else 0.0
    rounding = 2**12 * EPSILON * max(1.0, abs(truth))
    found = claim.predict_finite(part=form[1], **at)
    assert abs(found - truth) <= stated + STANDARD_ERRORS * error + rounding


def test_the_oracles_see_a_wrong_form() -> None:
    relu = {"correlation": 0.3, "activation": "relu", "m": 2}
    truth, error = ORACLES["fang2021.ntk_kernels", "diagonal"](**relu)
    wrong = theory.claim("fang2021.ntk_kernels").predict_finite(part="off_diagonal", **relu)
    assert abs(wrong - truth) > 2 * STANDARD_ERRORS * error
