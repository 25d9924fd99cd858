"""How far the finite-size predictions are off at small sizes, over the scale of their stated accuracy.

    python benchmarks/calibrate_small_sizes.py [features | mixture | tangent] [cells]      about 1 CPU second a cell

Draws configurations from d = 4 on (the tangent model from d = 2) with spectra from flat to geometric, B and Delta of
several kinds and N from 1 to the end of the range, simulates the exact risk given W, and prints for each activation the
largest (|error| - 3 standard errors) over the scale of `theory.ghorbani2019._finite_range`: what its constants, 1.25
times such maxima, must cover. The streams are this benchmark's own.
"""

import sys

import calibrate_random_features
import numpy as np
from calibrate_mixture import simulate as simulate_mixture
from calibrate_random_features import simulate as simulate_features
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019 import _finite_range as stated
from lazy_assay.theory.ghorbani2019._deterministic_equivalent import finite_risk
from lazy_assay.theory.ghorbani2019._tangent_mixture import exact_given_weights, mean_risk
from lazy_assay.theory.ghorbani2019.theorem4 import finite_risk as finite_mixture_risk

calibrate_random_features.CELL_FLOPS = 2e9
Array = NDArray[np.float64]
Worst = dict[str, tuple[float, str]]


def spectrum(rng: np.random.Generator, d: int) -> tuple[str, Array]:
    """A named spectrum of Gamma, of sum 1."""
    kinds = {
        "flat": np.ones(d),
        "linear": np.linspace(0.2, 1.8, d),
        "root": np.arange(1, d + 1.0) ** -0.5,
        "exponential": rng.exponential(size=d),
        "geometric": 0.8 ** np.arange(d),
    }
    kind = str(rng.choice(list(kinds)))
    return kind, kinds[kind] / kinds[kind].sum()


def differences(rng: np.random.Generator, d: int) -> Array:
    """Delta, (d, d): levels of one or of both signs, along the axes or rotated."""
    levels = rng.choice([2, 1.5, 1], size=d) * np.where(rng.random(d) < rng.choice([0, 0.4]), -1, 1)
    Q = np.linalg.qr(rng.standard_normal((d, d)))[0] if rng.random() < 0.3 else np.eye(d)
    Delta = (Q * levels) @ Q.T * rng.choice([0.2, 0.35, 0.5, 0.65, 0.75]) / np.abs(levels).max()
    return np.asarray((Delta + Delta.T) / 2)


def note(worst: Worst, name: str, excess: float, scale: float, what: str) -> None:
    """Keep the largest ratio of a name."""
    if scale > 0 and excess / scale > worst.get(name, (-np.inf, ""))[0]:
        worst[name] = excess / scale, what


def features(cells: int) -> Worst:
    """Theorem 1: six kinds of targets on the same draws."""
    rng, worst = np.random.default_rng(11), Worst()
    for cell in range(cells):
        activation, d = str(rng.choice(list(stated.FEATURES))), int(rng.integers(4, 33))
        kind, gamma = spectrum(rng, d)
        N = round(np.exp(rng.uniform(np.log(2), np.log(d * d / 2))))
        if not stated.features_hold(d, N, gamma, activation):
            continue
        e, axes = rng.exponential(size=d), np.eye(d)
        targets = np.stack([np.ones(d), e, gamma, e * rng.choice([-1, 1], size=d), axes[0], axes[-1]])
        means, errors, _ = simulate_features(d, N, targets, gamma, activation, [cell, 12])
        scale = stated.features_allowance(d, N, gamma, activation) / stated.FEATURES[activation]
        for B, mean, se in zip(targets, means, errors, strict=True):
            excess = abs(finite_risk(d, N, B, gamma, activation) - mean) - 3 * se
            note(worst, activation, excess, scale, f"{kind} d={d} N={N}")
    return worst


def mixture(cells: int) -> Worst:
    """Theorem 4, whitened."""
    rng, worst = np.random.default_rng(13), Worst()
    for cell in range(cells):
        activation, d = str(rng.choice(list(stated.MIXTURE))), int(rng.integers(4, 33))
        kind, gamma = spectrum(rng, d)
        N, Delta = round(np.exp(rng.uniform(0, np.log(d * d / 2)))), differences(rng, d)
        case = np.ones(d), Delta, gamma, activation
        if not stated.mixture_holds(d, N, *case):
            continue
        mean, se = simulate_mixture(N, gamma, Delta, activation, [cell, 14], 300)
        scale = stated.mixture_allowance(d, N, *case) / stated.MIXTURE[activation]
        note(worst, activation, abs(finite_mixture_risk(d, N, *case) - mean) - 3 * se, scale, f"{kind} d={d} N={N}")
    return worst


def tangent(cells: int) -> Worst:
    """Theorem 5."""
    rng, worst = np.random.default_rng(15), Worst()
    for _ in range(cells):
        d = int(rng.integers(2, 17))
        N, delta = int(rng.integers(1, d)), rng.uniform(-1, 1, size=d) * rng.choice([0.4, 0.7, 0.95])
        risks = [exact_given_weights(rng.standard_normal((d, N)), np.ones(d), delta) for _ in range(300)]
        excess = abs(mean_risk(d, N, delta) - np.mean(risks)) - 3 * np.std(risks) / np.sqrt(len(risks))
        scale = stated.tangent_allowance(d, N, delta) / stated.TANGENT
        note(worst, "tangent model", float(excess), scale, f"d={d} N={N}")
    return worst


if __name__ == "__main__":
    told = dict(zip(("what", "cells"), sys.argv[1:], strict=False))
    chosen = {"features": features, "mixture": mixture, "tangent": tangent}
    for model, measured in chosen.items():
        if told.get("what", model) == model:
            for label, (ratio, where) in sorted(measured(int(told.get("cells", "200"))).items()):
                print(f"{model:9} {label:14} {ratio:+.3f}  ({where})", flush=True)
