"""The allowances of the routes that the quadratic-target checks share: each part with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Tolerance
from lazy_assay.theory.ghorbani2019._finite_range import features_allowance, mixture_allowance, tangent_allowance

Array = np.ndarray
EPSILON = float(np.finfo(float).eps)

# A risk is one minus a quadratic form from a solve; the solves here have condition numbers below 1/sqrt(eps).
SOLVED = Tolerance(rounding=EPSILON**0.5, sources={"rounding": "a solve with condition number below 1/√ε, in float64"})

# Samples per fitted coefficient. The midpoint of training and population risk is off at second order only, see below.
SAMPLES_PER_COEFFICIENT = 64


def samples_for(coefficients: int) -> int:
    """Inputs drawn for a fit by normal equations."""
    return SAMPLES_PER_COEFFICIENT * (coefficients + 2)


def tangent_dimension(d: int, N: int) -> int:
    """Dimension of the neural tangent class with quadratic activation: N d less its redundancy, plus the intercept."""
    n = min(N, d)
    return n * d - n * (n - 1) // 2 + 1


def fit_from_samples(coefficients: int) -> Tolerance:
    """What a finite sample leaves in the midpoint of training and population risk, as a share of ‖f*‖² (risk at most
    1).

    For Gaussian features with independent residuals it is p(p+1)/(2n(n−p−1)) exactly (Wishart moments). These features
    have heavier tails and residuals that depend on them. The factor 9 for that is a heuristic, not a bound: it is what
    degree-2 hypercontractivity (‖·‖_4 ≤ 3‖·‖_2) suggests for quadratic features, and ReLU and softplus are no
    polynomials. At 64 samples a coefficient the whole allowance is about 1e-3.
    """
    n, p = samples_for(coefficients), coefficients
    return Tolerance(
        discretisation=9 * p * (p + 1) / (2 * n * (n - p - 1)),
        sources={
            "discretisation": "finite sample, second order: p(p+1)/(2n(n−p−1)) exact for Gaussian "
            "features, times 9 for heavier tails (heuristic)"
        },
    )


def gram_rounding(W: Array) -> float:
    """Rounding of a least-squares solve over the tangent space of weights W (d, N): relative to ‖f*‖².

    The Gram matrix of the N·d features has condition number cond(W)² on its range; a backward-stable solve of that size
    loses a modest multiple (64) of size times condition number in machine epsilons.
    """
    values = np.linalg.svd(W, compute_uv=False)
    kept = values[values > values[0] * max(W.shape) * EPSILON]
    return float(64 * EPSILON * W.size * (kept[0] / kept[-1]) ** 2)


# The finite-size predictions state their accuracy themselves, with its range: theory/ghorbani2019/_finite_range.py.
STATED = "stated with the prediction, 0 where it is exact: order in 1/k derived, constant calibrated on other streams"


def random_features_prediction(values: Mapping[str, Any]) -> Tolerance:
    """What the deterministic equivalent states that it may be off by, from the smallest sizes that it admits on."""
    size = features_allowance(values["d"], values["N"], values["Gamma"], values.get("activation", "quadratic"))
    return Tolerance(finite_size=size, rounding=EPSILON**0.5, sources={"finite_size": STATED, **SOLVED.sources})


def both(first: Tolerance, second: Tolerance) -> Tolerance:
    """The parts of two allowances added up."""
    parts = {name: first.parts()[name] + second.parts()[name] for name in first.parts()}
    return Tolerance(**parts, sources={**first.sources, **second.sources})


def class_gram_rounding(values: Mapping[str, Any]) -> float:
    """Rounding of a least-squares solve over the tangent space in class moments, given W (d, N), Sigma, Delta.

    The Gram matrix of the N·d features has condition number cond(W)²·cond(Σ ± Δ) on its range; see `gram_rounding`.
    """
    Sigma, Delta = (np.diag(m) if m.ndim == 1 else m for m in (values["Sigma"], values["Delta"]))
    spectra = np.concatenate([np.linalg.eigvalsh(Sigma + sign * Delta) for sign in (1, -1)])
    return gram_rounding(values["W"]) * float(spectra.max() / spectra.min()) ** 2


def mixture_features_prediction(values: Mapping[str, Any]) -> Tolerance:
    """The same of Theorem 4's prediction."""
    size = mixture_allowance(**{name: values[name] for name in ("d", "N", "Sigma", "Delta", "Gamma", "activation")})
    return Tolerance(finite_size=size, rounding=EPSILON**0.5, sources={"finite_size": STATED, **SOLVED.sources})


def tangent_mixture_prediction(values: Mapping[str, Any]) -> Tolerance:
    """The same of the Padé form of Theorem 5's mean, at every d ≥ 2."""
    size = tangent_allowance(values["d"], values["N"], values["Delta"])
    return Tolerance(finite_size=size, sources={"finite_size": STATED})
