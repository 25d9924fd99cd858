"""Every finite form of Ghorbani et al. at its smallest sizes, against the mean over W of the exact risk given W.

The oracles are in conftest.py. ASSAY_SMALL_SIZES sets how many
configurations the walk draws of each form (a few in CI, thousands by hand), ASSAY_SMALL_SIZES_REPORT a file that gets
one line a configuration.
"""

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from lazy_assay import theory
from lazy_assay.theory import Claim, InvalidParameterError, Part
from lazy_assay.theory._prediction import arguments

WALK = int(os.environ.get("ASSAY_SMALL_SIZES", "6"))
REPORT = os.environ.get("ASSAY_SMALL_SIZES_REPORT", "")
# Of a whole walk; shared evenly among its configurations.
FALSE_ALARM = 1e-6
# The ridge that keeps the oracle's solves stable, 1e-13 N of the mean diagonal, on a risk of at most 1.
SOLVED = 1e-5
EVEN = ("quadratic", "relu", "abs", "softplus", "hermite2_3")
ODD = ("erf", "tanh", "sigmoid", "sin")
CLAIMS = {name: theory.claim(f"ghorbani2019.{name}") for name in (
    "theorem1", "corollary1", "eq11", "optimal_features", "theorem2", "theorem3", "eq6", "theorem4", "eq16", "eq17",
    "theorem5", "theorem6",
)}  # fmt: skip


# -- drawn configurations ---------------------------------------------------------------------------------------------


def _full(matrix: np.ndarray) -> np.ndarray:
    return np.diag(matrix) if matrix.ndim == 1 else matrix


def _rotated(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    Q = np.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    return np.asarray((Q * values) @ Q.T)


def _spectrum(rng: np.random.Generator, d: int) -> np.ndarray:
    gamma = [
        np.ones(d), np.ones(d), np.linspace(0.2, 1.8, d), np.arange(1, d + 1.0) ** -0.5, 1 / np.arange(1, d + 1.0),
        rng.exponential(size=d) + 1e-3, 0.7 ** np.arange(d), np.where(np.arange(d) == 0, 1 + d / 4, 1.0),
    ][rng.integers(8)]  # fmt: skip
    return np.asarray(gamma / gamma.sum())


def _target(rng: np.random.Generator, d: int, gamma: np.ndarray) -> np.ndarray:
    e = rng.exponential(size=d) + 0.01
    ends = np.eye(d)[[0, -1]]
    signed = e * np.where(rng.random(d) < 0.5, -1, 1)
    traceless = e - e.mean() if d > 1 else e
    return np.asarray([np.ones(d), e, gamma, signed, traceless, *ends, _rotated(rng, signed)][rng.integers(8)])


def _difference(rng: np.random.Generator, d: int) -> np.ndarray:
    levels = rng.choice([2, 1.5, 1], size=d) * np.where(rng.random(d) < rng.choice([0, 0.4]), -1, 1)
    size = rng.choice([0.15, 0.3, 0.5, 0.74, 0.95]) / np.abs(levels).max()
    flat = np.full(d, size * np.abs(levels).max())
    return np.asarray([levels * size, flat, _rotated(rng, levels * size)][rng.integers(3)])


def configuration(rng: np.random.Generator, names: list[str], smallest: int) -> dict[str, Any]:
    """Values of every name in `names`, sizes from the smallest on, N from 1 to past d²."""
    d = round(np.exp(rng.uniform(np.log(smallest), np.log(20))))
    N = round(np.exp(rng.uniform(0, np.log(min(1.2 * d * d + 1, 60)))))
    gamma, Sigma = _spectrum(rng, d), [np.ones(d), np.linspace(0.6, 1.4, d)][rng.integers(2)]
    B = _target(rng, d, gamma)
    told = {"d": d, "N": N, "B": B, "Gamma": gamma, "activation": EVEN[rng.integers(5)]}
    if "Sigma" in names:
        told |= {"Sigma": Sigma, "Gamma": gamma / (gamma @ Sigma)}
    if "Delta" in names:
        root = np.sqrt(Sigma) if "Sigma" in names else np.ones(d)
        told["Delta"] = root[:, None] * _full(_difference(rng, d)) * root
    return {name: told[name] for name in names}


def definite(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "B": _full(values["B"]) @ _full(values["B"])}


# Part, oracle, smallest d, and what a semidefinite target needs.
FORMS = {
    "theorem1:": ("features", 1),
    "corollary1:limit": ("features", 1),
    "eq11:growing_rho": ("features", 1),
    "optimal_features:": ("at_the_best_covariance", 1),
    "theorem2:limit": ("tangent", 2),
    "eq6:ordering": ("tangent", 2),
    "theorem3:": ("rank_bounded", 1),
    "theorem4:": ("mixture_features", 1),
    "eq16:growing_rho": ("mixture_features", 1),
    "eq17:RF": ("in_regime_17", 1),
    "theorem5:limit": ("mixture_tangent", 2),
    "theorem6:": ("mixture_network", 1),
}
SEMIDEFINITE = ("optimal_features:", "eq6:ordering")


def part_of(form: str) -> tuple[Claim, Part]:
    name, _, part = form.partition(":")
    return CLAIMS[name], CLAIMS[name].part(part)


def predicted(form: str, values: dict[str, Any]) -> float:
    """The finite form at the values, through the claim's own validation."""
    claim, part = part_of(form)
    return part.call(claim.id, "finite-size prediction", part.finite, values)


def stated(part: Part, values: dict[str, Any]) -> float:
    formula = part.finite_allowance
    return 0.0 if formula is None else float(formula(**{name: values[name] for name in arguments(formula)}))


def drawn(form: str, seed: int, count: int) -> Iterator[tuple[np.random.Generator, Part, dict[str, Any], float | None]]:
    """Configurations of a form with what it answers, or None where it refuses."""
    _, part = part_of(form)
    rng = np.random.default_rng([seed, *form.encode()])
    assert part.finite
    names = {*arguments(part.finite), *arguments(part.finite_allowance or part.finite)}
    for _ in range(count):
        values = configuration(rng, sorted(names), FORMS[form][1])
        values = definite(values) if form in SEMIDEFINITE else values
        try:
            yield rng, part, values, predicted(form, {n: values[n] for n in arguments(part.finite)})
        except InvalidParameterError as refusal:
            if not any(character.isdigit() for character in str(refusal)):
                raise AssertionError(f"the refusal names no size: {refusal}") from None
            yield rng, part, values, None


def trials(form: str, values: dict[str, Any]) -> int:
    """Draws of W that a solve of the oracle's size allows."""
    tangent_class = values["d"] if FORMS[form][0] == "mixture_tangent" else 1
    return int(np.clip(1e6 / (values["N"] * tangent_class) ** 2, 200, 2000))


@pytest.mark.parametrize("form", FORMS)
def test_a_finite_form_is_within_its_stated_accuracy_or_refuses(oracle: SimpleNamespace, form: str) -> None:
    quantile, lines, answered = -ndtri(FALSE_ALARM / 2 / (WALK * len(FORMS))), [], 0
    for rng, part, values, told in drawn(form, 20261129, WALK):
        lines.append(f"{form} {values.get('d')} {values['N']} {values.get('activation', '')}")
        if told is None:
            lines[-1] += " refused"
            continue
        draws, allowed = getattr(oracle, FORMS[form][0])(rng, trials(form, values), **values), stated(part, values)
        error = draws.std() / np.sqrt(len(draws))
        lines[-1] += f" {told:.5f} {draws.mean():.5f} {error:.1e} {allowed:.1e}"
        assert abs(told - draws.mean()) <= allowed + quantile * error + SOLVED, (lines[-1], values)
        answered += 1
    assert answered
    if REPORT:
        with open(REPORT, "a") as report:
            report.write("\n".join(lines) + "\n")


@pytest.mark.parametrize("form", FORMS)
def test_a_risk_lies_between_zero_and_one_wherever_it_is_told(form: str) -> None:
    told = [answer for *_, answer in drawn(form, 7, max(40, WALK)) if answer is not None]
    assert told
    assert all(0 <= answer <= 1 + 1e-12 for answer in told)


@pytest.mark.parametrize("d, N", [(6, 2), (8, 2), (8, 8), (4, 4), (5, 12)])
def test_isotropic_quadratic_features_are_right_where_they_were_not(oracle: SimpleNamespace, d: int, N: int) -> None:
    risks = oracle.features(np.random.default_rng([d, N]), 4000, N, np.ones(d), np.ones(d) / d)
    told = CLAIMS["corollary1"].predict_finite(d=d, N=N, B=np.ones(d), Gamma=np.ones(d) / d)
    assert abs(told - risks.mean()) < 0.04 * 16 / d**2 + 5 * risks.std() / np.sqrt(4000)


@pytest.mark.parametrize("N, B", [(2, np.ones(3)), (5, np.array([1.0, -1.0, 0.5]))])
def test_a_refusal_says_from_which_size_on(N: int, B: np.ndarray) -> None:
    with pytest.raises(InvalidParameterError, match=r"finite size.*d ≥ 4"):
        CLAIMS["corollary1"].predict_finite(d=3, N=N, B=B, Gamma=np.ones(3) / 3)


@pytest.mark.parametrize("activation", EVEN)
def test_weights_of_one_direction_learn_what_it_sees(oracle: SimpleNamespace, activation: str) -> None:
    given: dict[str, Any] = {
        "d": 3,
        "B": np.array([1.0, 0.5, 0.2]),
        "Gamma": np.array([1.0, 0.0, 0.0]),
        "activation": activation,
    }
    risks = oracle.features(np.random.default_rng(3), 40_000, 1, given["B"], given["Gamma"], activation)
    told = CLAIMS["theorem1"].predict_finite(N=1, **given)
    assert told == pytest.approx(risks.mean(), abs=5 * risks.std() / 200 + 1e-6)


@pytest.mark.parametrize("activation", ["relu", "abs", "softplus", "hermite2_3"])
def test_more_neurons_along_one_direction_are_refused(activation: str) -> None:
    given: dict[str, Any] = {
        "d": 3,
        "B": np.array([1.0, 0.5, 0.2]),
        "Gamma": np.array([1.0, 0.0, 0.0]),
        "activation": activation,
    }
    with pytest.raises(InvalidParameterError, match="≥ 4"):
        CLAIMS["theorem1"].predict_finite(N=2, **given)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
@pytest.mark.parametrize("activation", ODD)
def test_odd_features_are_exact_at_every_size(d: int, activation: str) -> None:
    given: dict[str, Any] = {"d": d, "N": 3, "Gamma": np.ones(d) / d, "activation": activation}
    assert CLAIMS["theorem1"].predict_finite(B=np.ones(d), **given) == 1.0
    assert CLAIMS["theorem4"].predict_finite(Sigma=np.ones(d), Delta=np.ones(d) / 2, **given) == 1.0
