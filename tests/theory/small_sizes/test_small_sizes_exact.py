"""The finite forms of Ghorbani et al. that are bounds, exact risks and variances, against plain numpy.

A form has its oracle in FORMS of test_small_sizes_ghorbani.py, or here; a test says when one has none.
ASSAY_SMALL_SIZES sets here too how many configurations are drawn of each form.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from lazy_assay import theory
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._prediction import arguments

WALK = int(os.environ.get("ASSAY_SMALL_SIZES", "6"))
FALSE_ALARM = 1e-6
DRAWS = 4_000
Array = np.ndarray
# A truth, and its standard error.
Oracle = Callable[[np.random.Generator, dict[str, Any]], tuple[float, float]]


def averaged(draws: Array) -> tuple[float, float]:
    return float(draws.mean()), float(draws.std(ddof=1) / np.sqrt(len(draws)))


def frames(rng: np.random.Generator, count: int, d: int) -> Array:
    return np.linalg.qr(rng.standard_normal((count, d, d)))[0]


def difference(rng: np.random.Generator, d: int) -> Array:
    """A classes' difference, whitened, of norm below one."""
    values = rng.choice([2, 1.5, 1], size=d) * rng.choice([-1, 1], size=d, p=[0.3, 0.7])
    values = values * rng.choice([0.2, 0.5, 0.9]) / 2
    Q = frames(rng, 1, d)[0]
    return np.asarray(values if rng.random() < 0.5 else (Q * values) @ Q.T)


def full(matrix: Array) -> Array:
    return np.diag(matrix) if matrix.ndim == 1 else matrix


# -- the Bayes error ---------------------------------------------------------------------------------------------------


def classes(rng: np.random.Generator) -> dict[str, Any]:
    d = int(rng.integers(1, 7))
    root = np.sqrt(rng.uniform(0.5, 2, d))
    return {"Sigma": root**2, "Delta": root[:, None] * full(difference(rng, d)) * root}


def posterior_variances(rng: np.random.Generator, at: dict[str, Any]) -> Array:
    """Var(y | x) at draws of x from either class: half from each, so that each mean is over the mixture."""
    Sigma, Delta, found = np.diag(at["Sigma"]), at["Delta"], []
    roots = {y: np.linalg.cholesky(Sigma + y * Delta) for y in (-1, 1)}
    for y in (-1, 1):
        x = rng.standard_normal((DRAWS, len(Sigma))) @ roots[y].T
        log = {z: -(np.linalg.solve(L, x.T) ** 2).sum(0) / 2 - np.log(np.diag(L)).sum() for z, L in roots.items()}
        found.append(1 / np.cosh((log[1] - log[-1]) / 2) ** 2)
    return np.asarray(np.mean(found, axis=0))


def bayes(rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    return averaged(posterior_variances(rng, at))


def bayes_gap(rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    """The best of all quadratic forms of x, less the Bayes error."""
    inverse = np.diag(at["Sigma"] ** -0.5)
    squares = np.linalg.eigvalsh(inverse @ at["Delta"] @ inverse) ** 2
    mean, error = bayes(rng, at)
    return float(1 / (1 + (squares / (1 + squares)).sum() / 2) - mean), error


# -- tangent model and network -----------------------------------------------------------------------------------------


def sizes(rng: np.random.Generator) -> dict[str, Any]:
    d = int(rng.integers(2, 8))
    return {"d": d, "N": int(rng.integers(1, d + 3))}


def semidefinite(rng: np.random.Generator) -> dict[str, Any]:
    given = sizes(rng)
    B = full(difference(rng, given["d"]))
    return given | {"B": B @ B}


def tangent_risks(rng: np.random.Generator, d: int, N: int, B: Array) -> Array:
    left = frames(rng, DRAWS, d)[:, :, : max(d - N, 0)]
    return np.asarray(((left.mT @ B @ left) ** 2).sum(axis=(1, 2)) / (B**2).sum())


def worst_tangent(rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    """Of spectra at random and the flat one, the largest mean."""
    targets = [np.diag(rng.exponential(size=at["d"])) for _ in range(3)] + [np.eye(at["d"])]
    return max(averaged(tangent_risks(rng, at["d"], at["N"], B)) for B in targets)


def gap(rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    values = np.sort(np.linalg.eigvalsh(at["B"]) ** 2)[::-1]
    mean, error = averaged(tangent_risks(rng, **at))
    return mean - float(values[at["N"] :].sum() / values.sum()), error


def balanced(rng: np.random.Generator) -> dict[str, Any]:
    d = 2 * int(rng.integers(2, 5))
    Delta = np.repeat([1.0, -1.0], d // 2) * rng.choice([0.1, 0.4, 0.7])
    return {"d": d, "N": int(rng.integers(1, d)), "Delta": Delta}


def network(rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    squares = np.sort(full(at["Delta"]).diagonal() ** 2)[::-1][: at["N"]]
    return float(1 / (1 + (squares / (1 + squares)).sum() / 2)), 0.0


def weights(rng: np.random.Generator) -> dict[str, Any]:
    d = int(rng.integers(2, 6))
    given = classes(rng) | {"W": rng.standard_normal((d, int(rng.integers(1, d + 2))))}
    root = np.sqrt(rng.uniform(0.5, 2, d))
    return given | {"Sigma": root**2, "Delta": root[:, None] * full(difference(rng, d)) * root}


def at_weights(rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    """The best of 1, x_i <w_a, x> for every i and a, from fourth moments of both classes."""
    d, N = at["W"].shape
    forms = [np.outer(np.eye(d)[i], at["W"][:, a]) for a in range(N) for i in range(d)]
    forms = [(A + A.T) / 2 for A in forms]
    K, v = np.zeros((len(forms) + 1,) * 2), np.zeros(len(forms) + 1)
    for y in (-1, 1):
        C = np.diag(at["Sigma"]) + y * at["Delta"]
        means = np.array([1.0] + [np.trace(A @ C) for A in forms])
        K[1:, 1:] += np.array([[2 * np.trace(A @ C @ B @ C) for B in forms] for A in forms]) / 2
        K += np.outer(means, means) / 2
        v += y * means / 2
    return float(1 - v @ np.linalg.lstsq(K, v, rcond=1e-11)[0]), 1e-9


# -- how far risks spread over draws of the weights --------------------------------------------------------------------


def seen(rng: np.random.Generator, d: int) -> Array:
    gamma = [np.ones(d), np.linspace(0.2, 1.8, d), rng.uniform(0.3, 1.7, d), 1 / np.arange(1, d + 1)][rng.integers(4)]
    return np.asarray(gamma / gamma.sum())


def spread_of(name: str) -> Callable[[np.random.Generator], dict[str, Any]]:
    def draw(rng: np.random.Generator) -> dict[str, Any]:
        # The tangent model's oracle is dear.
        d = int(rng.choice([12, 16] if name == "theorem5" else [16, 25, 26, 32]))
        N, e = int(d * rng.choice([0.1, 0.25, 0.5, 1.0])) + 1, rng.exponential(size=d)
        levels = rng.choice([2, 1.5, 1], size=d) * rng.choice([-1, 1], size=d, p=[0.1, 0.9])
        told = {"d": d, "N": N, "Gamma": seen(rng, d), "Sigma": np.ones(d), "Delta": levels / np.sqrt(d) / 1.5}
        told["B"] = [np.ones(d), e, rng.uniform(0.5, 1.5, d), e - e.mean(), np.eye(d)[0]][rng.integers(5)]
        told["activation"] = str(rng.choice(["quadratic", "relu", "abs", "hermite2_3", "softplus"]))
        formula = theory.claim(f"ghorbani2019.{name}").part("concentration").finite
        assert formula
        return {key: told[key] for key in arguments(formula)}

    return draw


SPREADS = {
    "theorem1": ("features", 1), "corollary1": ("features", 2),
    "theorem4": ("mixture_features", 1), "theorem5": ("mixture_tangent", 2),
}  # fmt: skip


def variance(oracle: SimpleNamespace, name: str, rng: np.random.Generator, at: dict[str, Any]) -> tuple[float, float]:
    """d to its power times the variance, with its standard error from the draws' own fourth moment."""
    simulate, power = SPREADS[name]
    draws = getattr(oracle, simulate)(rng, 100 if name == "theorem5" else 300, **at)
    centred = (draws - draws.mean()) ** 2
    scale = float(at["d"]) ** power
    return scale * draws.var(ddof=1), scale * centred.std(ddof=1) / np.sqrt(len(draws))


# -- the walk ----------------------------------------------------------------------------------------------------------

EXACT: dict[str, tuple[Callable[[np.random.Generator], dict[str, Any]], Oracle]] = {
    "bayes:RF": (classes, bayes),
    "bayes:NT": (classes, bayes),
    "bayes:NN": (classes, bayes),
    "bayes:limit": (classes, bayes),
    "bayes:gap": (classes, bayes_gap),
    "eq6:gap": (semidefinite, gap),
    "eq17:both_signs": (balanced, network),
    "theorem2:cauchy_schwarz": (sizes, worst_tangent),
    "theorem5:given_weights": (weights, at_weights),
}
QUANTILE = float(-ndtri(FALSE_ALARM / 2 / (WALK * (len(EXACT) + len(SPREADS)))))


def said(form: str, at: dict[str, Any]) -> tuple[float, float] | None:
    """What the form says and by how much it may be off; None where it refuses."""
    name, _, label = form.partition(":")
    claim = theory.claim(f"ghorbani2019.{name}")
    part = claim.part(label)
    try:
        told = claim.predict_finite(part=label, **at)
    except InvalidParameterError as refusal:
        if not re.search(r"\d", str(refusal)):
            raise AssertionError(f"the refusal names no size: {refusal}") from None
        return None
    return told, float(part.finite_allowance(**at)) if part.finite_allowance else 0.0


def test_no_finite_form_of_the_paper_lacks_an_oracle() -> None:
    walked = re.findall(
        r'^    "(\w+:\w*)": \("', Path(__file__).with_name("test_small_sizes_ghorbani.py").read_text(), re.M
    )
    found = {
        f"{claim.id.partition('.')[2]}:{part.name}"
        for claim in theory.claims()
        for part in claim.parts
        if claim.id.startswith("ghorbani2019.") and part.finite is not None
    }
    assert found == {*walked, *EXACT, *(f"{name}:concentration" for name in SPREADS)}


@pytest.mark.parametrize("form", EXACT)
def test_an_exact_form_is_what_is_drawn(form: str) -> None:
    draw, oracle = EXACT[form]
    for seed in range(WALK):
        rng = np.random.default_rng([seed, *form.encode()])
        at = draw(rng)
        told = said(form, at)
        assert told
        truth, error = oracle(rng, at)
        assert abs(told[0] - truth) <= told[1] + QUANTILE * error + 1e-9, at


@pytest.mark.parametrize("name", SPREADS)
def test_a_spread_is_within_its_stated_accuracy_or_refused(oracle: SimpleNamespace, name: str) -> None:
    answered = refused = 0
    for seed in range(2 * WALK):
        rng = np.random.default_rng([seed, *name.encode(), 4])
        at = spread_of(name)(rng)
        told = said(f"{name}:concentration", at)
        if told is None:
            refused += 1
            continue
        answered += 1
        measured, error = variance(oracle, name, rng, at)
        assert abs(measured - told[0]) <= told[1] + QUANTILE * error + 1e-12, (at, told, measured, error)
    assert answered
    assert refused


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"N": 1}, "N = d/4"), ({"Gamma": np.array([4] + [28 / 31] * 31) / 32}, "at most 2.5"),
        ({"B": np.eye(32)[0]}, "at least 0.35"), ({"B": np.arange(32) - 15.5}, "at least 0.35"), ({"N": 65}, "N = 2 d"),
    ],
)  # fmt: skip
def test_a_spread_is_refused_where_it_was_not_calibrated(change: dict[str, Any], reason: str) -> None:
    given = {"d": 32, "N": 16, "B": np.ones(32), "Gamma": np.ones(32) / 32} | change
    for id, more in (("corollary1", {}), ("theorem1", {"activation": "relu"})):
        with pytest.raises(InvalidParameterError, match=reason):
            theory.claim(f"ghorbani2019.{id}").predict_finite(part="concentration", **given, **more)


def test_cubes_of_products_are_most_of_the_spread_of_the_third_hermite_polynomial(oracle: SimpleNamespace) -> None:
    at: dict[str, Any] = {"d": 25, "N": 25, "B": np.ones(25), "Gamma": np.ones(25) / 25, "activation": "hermite2_3"}
    told = theory.claim("ghorbani2019.theorem1").predict_finite(part="concentration", **at)
    measured, error = variance(oracle, "theorem1", np.random.default_rng(8), at)
    # Without them it was 0.28 of what is measured.
    assert told == pytest.approx(measured, rel=0.5, abs=3 * error)
    assert told > 0.6 * measured - 3 * error
