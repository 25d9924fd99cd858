"""What training leaves above the infimum, for the quadratic network (section 2.3) and by the noise of SGD: derived.

**Time**, for f = Σ<w_i, x>² + c on f* = <x, Bx>, unit step size a unit of time. The flow is Ẇ = 4 W E with
E = 2(B − WᵀW) + t I: it multiplies W from the right, and neither the scalar nor WᵀW moves its row space, so that space
is span(W₀ e^{8Bt}). In B's eigenbasis it is that of the rows (I, T), T_ij = e^{−8(λ_i−λ_j)t} (W₁⁻¹W₂)_ij, from the
leading eigenvectors i ≤ N to the left-out ones j, W₁ and W₂ Gaussian blocks. The best form in it, PBP, has squared norm
Tr(G⁻¹H)², G = I + TTᵀ and H = Λ₁ + TΛ₂Tᵀ. `_subspace` is the mean of what is missing over draws of W₁ and W₂ (on a
stream of its own) with three standard errors of a mean of SEEDS: entries of W₁⁻¹W₂ are Cauchy, so seeds differ.
Within the space each fitted direction grows as m' = 16 m (λ_i − m) from m₀ = v χ², v the variance of W₀'s entries and
χ² of (N−d)₊+1 degrees of freedom (the squared distance of a Gaussian column from the span of the others): `_growth`. A
start above λ_i has fallen to λ_i/(1 − e^{−16λ_i t}) at the latest.
The offset, `r` times as fast as W, closes the mode in which it trades with Tr WᵀW: with curvatures 16λ_i and 2gg',
g = (2√λ_i, √r), the smallest root of 1 − 2r/μ + n/2 = 0, for μ below all 16λ_i: μ = 4r/(n+2). At first c is off by at
most the larger of its goal (the trace that N neurons leave) and its share r/(r + 4 Tr W₀ᵀW₀) of the first trace, which
c and W remove at once; c off by δ costs δ²/n: `_offset`.

**Noise**, at batch b and step size ε. Near a minimiser the excess is (ε/4) Tr S/b, S the covariance of one sample's
gradient (theory/ghorbani2019/theorem3.py), to leading order in ε. The next orders come from the noise of the step
itself: as for least mean squares (Widrow) the excess is multiplied by 1/(1 − x), x = ε E|∇f|²/b, and rates by (1 − x).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lazy_assay.checks import Tolerance

if TYPE_CHECKING:
    from lazy_assay.checks import Outcome

Array = np.ndarray
SEEDS, DRAWS = 4, 32
QUANTILES = (np.arange(64) + 0.5) / 64


def network_gap(N: int, B: Array, time: float, variance: float, offset_rate: float) -> float:
    """Mean excess risk after gradient-flow time, over ‖f*‖²; B ⪰ 0 diagonal, W₀'s entries of this variance."""
    values = np.sort(B)[::-1]
    offset = _offset(values, N, time, variance, offset_rate)
    return float((_subspace(values, N, time) + _growth(values, N, time, variance) + offset) / (values @ values))


def _subspace(values: Array, N: int, time: float) -> float:
    if len(values) <= N:
        return 0.0
    kept, left = values[:N], values[N:]
    q = np.exp(-8 * (kept[:, None] - left) * time)
    rng = np.random.default_rng([N, len(values)])
    missed = []
    for _ in range(DRAWS):
        W = rng.standard_normal((N, len(values)))
        T = q * np.linalg.solve(W[:, :N], W[:, N:])
        fitted = np.linalg.solve(np.eye(N) + T @ T.T, np.diag(kept) + (T * left) @ T.T)
        missed.append(float(kept @ kept - (fitted * fitted.T).sum()))
    # A missing part that is rounding is none.
    return max(float(np.mean(missed) + 3 * np.std(missed) / math.sqrt(SEEDS)), 0.0)


def _growth(values: Array, N: int, time: float, variance: float) -> float:
    from scipy.stats import chi2

    fitted = values[:N, None]
    starts = variance * chi2.ppf(QUANTILES, max(N - len(values), 0) + 1)[None, :]
    decay = np.exp(-16 * fitted * time)
    ratio = np.maximum(fitted / starts - 1, 0) * decay
    below = fitted * ratio / (1 + ratio)
    above = fitted * decay / -np.expm1(-16 * fitted * time)
    return float((below**2).mean(axis=1).sum() + (above**2).sum())


def _offset(values: Array, N: int, time: float, variance: float, offset_rate: float) -> float:
    n, start, left = min(N, len(values)), variance * N * len(values), values[N:].sum()
    jump = (values.sum() - start) * offset_rate / (offset_rate + 4 * start)
    off = max(jump, left) if jump > 0 else left - jump
    return float(off**2 / n * np.exp(-8 * offset_rate / (n + 2) * time))


def noise_share(outcome: Outcome) -> float:
    """x = ε E|∇f|²/b; at one the noise of the steps no longer settles."""
    return outcome.step_size * outcome.energy / outcome.batch if outcome.batch else 0.0


def noise_floor(outcome: Outcome, noise_trace: float | None = None) -> float:
    """(ε/4)(Tr S/b)/(1 − x); infinite for x ≥ 1."""
    if not outcome.batch:
        return 0.0
    x = noise_share(outcome)
    trace = outcome.noise_trace if noise_trace is None else noise_trace
    return float("inf") if x >= 1 else outcome.step_size / 4 * trace / outcome.batch / (1 - x)


def network_noise_trace(N: int, B: Array, offset_rate: float) -> float:
    """Tr S over ‖f*‖² at the minimiser: s(32T(d+6) + 8r), s the sum of the left-out squares, T of the fitted values."""
    values = np.sort(B)[::-1]
    left, fitted = float((values[N:] ** 2).sum()), float(values[:N].sum())
    return left * (32 * fitted * (len(values) + 6) + 8 * offset_rate) / (2 * float(values @ values))


def measured(outcome: Outcome) -> Tolerance:
    """What descent of the same time leaves without noise, by making it; the floor from measured moments."""
    return Tolerance(
        optimisation=max(float(outcome.left_without_noise.mean()), 0.0),
        discretisation=noise_floor(outcome),
        sources={
            "optimisation": "descent on the population's risk for as long, (1−x) times the steps, made",
            "discretisation": "(ε/4)(Tr S/b)/(1−x), moments of the gradient measured at the final state: SGD's floor",
        },
    )
