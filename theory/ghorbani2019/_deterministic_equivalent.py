"""The random-features risk at finite d and N: Theorem 1 of Ghorbani et al. with its o(1) replaced by a number.

The risk is b'(I - P) b for the projection P on the span of N i.i.d. feature vectors phi, given by their law
(`_feature_law`): mean m, covariance C. Derivation; H marks what is heuristic.

1. An orthogonal map of the N rows that sends (1, .., 1) / sqrt N to e_1 leaves N - 1 centred rows and one row
   g = sqrt N m + z. The centred rows leave, H as if Gaussian, the deterministic equivalent Q = kappa (C + kappa)^(-1)
   of the projection residual P, with Tr C (C + kappa)^(-1) = N - 1; g then removes its own share:
       R |b|^2 = b'Qb - [N (b'Qm)^2 + (b'Sb + N F) / (1 - h)] / [N m'Qm + (N - 1) kappa (1 + eps)],    S = QCQ,
   1 - h = 1 - Tr C^2 (C + kappa)^(-2) / (N - 1), which makes the m = 0 case exact for C proportional to I.
   b'Sb / (1 - h) is E (b'Pz)^2. F is what P's fluctuation adds to the covariance with g: subtracting x g from b, x the
   regression coefficient, changes no residual and leaves b* = b - x sqrt N m of mean covariance 0, and Var b*'Pm =
   F / (1 - h),
   F = [(b*'Sb*)(m'Sm) + (b*'Sm)^2] / ((N - 1) kappa^2): q(1-q)/D for C ~ I in D dimensions, as Haar moments give.
2. In truth the last denominator is N / (1' K^(-1) 1), K the Gram matrix of the rows, whose diagonal matters as
   1 / (phi' Q phi) feature by feature. H: Divide each feature by n, n^2 = phi' Q phi / E[phi' Q phi] = 1 + delta, which
   changes no span; to second order in delta, m becomes (1 + 3/8 Var delta) m - Cov(phi, delta) / 2. delta fluctuates
   through nu_0 (all that matters for x^2 - 1 at small N), through |w| where sigma is not homogeneous, and, for
   anisotropic Gamma, through theta' Q_1 theta and theta' Q_2 theta. Its effect is O(1/d) for anisotropic Gamma,
   O(1/d^2) for x^2 - 1.
3. The rows are not Gaussian: E e^3 does not vanish for e = phi_i' Q phi_j, i != j, because degree 1 squared
   correlates with degree 2. A third-order expansion of K^(-1) puts e^3 into 1' K^(-1) 1; hence, H, to leading order
       eps = N E e^3 / (N kappa)^3,
       E e^3 = 6 (E nu_1^2)^2 E nu_2^2 (sum_i q_i gamma_i^2)^2 q_2 + 8 (E nu_2^2 Tr Gamma^2 q_2)^3:
   an O(1/d) effect for sigma with a linear part, O(1/d^2) without.

What is left at fixed rho falls faster than 1/d, as measured (benchmarks/calibrate_random_features.py), not proved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._diagonal_feature_law import diagonal_law
from lazy_assay.theory.ghorbani2019._effective_dimension import solve_effective_dimension
from lazy_assay.theory.ghorbani2019._exact_risks import one_isotropic_neuron, one_neuron, spans
from lazy_assay.theory.ghorbani2019._feature_law import FeatureLaw
from lazy_assay.theory.ghorbani2019._isotropic_feature_law import isotropic_law
from lazy_assay.theory.ghorbani2019._random_features import in_the_eigenbasis

Array = NDArray[np.float64]

# Variances that differ by less than this, relative to the largest, count as equal.
_SAME = 1e-10


def finite_risk(d: int, N: int, B: Array, Gamma: Array, activation: str) -> float:
    """E R_RF,N(f*) / ||f*||^2 at this d and N, f*(x) = <x, B x> - Tr B, sigma centred at E sigma(G).

    B, Gamma: symmetric (d, d), or (d,) for a diagonal matrix; Tr Gamma = 1. Exact for N = 1, for odd sigma - lambda_0
    (the risk is 1), and for a polynomial sigma whose N features span all they can; an approximation otherwise (module
    docstring), which `_finite_range` says where to trust, and how far. The law of (Gamma, activation) is cached: 20 ms
    at d = 100 the first time, 2 ms after.

    Raises:
        ValueError: N < 1, d is not the size of B and Gamma, or they are not symmetric, or B is zero.
        KeyError: the activation has no such name.
    """
    gamma, target = in_the_eigenbasis(B, Gamma)
    if len(gamma) != d:
        raise ValueError(f"B and Gamma act on {len(gamma)} dimensions, d is {d}")
    if N < 1:
        raise ValueError(f"N must be at least 1, got {N}")
    target = target / np.abs(target).max()
    # The weights see the range of Gamma alone; what f* has elsewhere has mean zero given what they see.
    seen = gamma > len(gamma) * np.finfo(float).eps * gamma.max()
    inside = target[np.ix_(seen, seen)]
    reachable = float((inside**2).sum() / (target**2).sum())
    return 1 - reachable * (1 - _risk(N, gamma[seen], inside, activation)) if reachable else 1.0


def _risk(N: int, gamma: Array, target: Array, activation: str) -> float:
    """E R for weights of variances gamma > 0, shape (k,), sum 1, and B in that basis, (k, k)."""
    k = len(gamma)
    if np.ptp(gamma) <= _SAME * gamma.max():
        # Cauchy-Schwarz bounds the ratio by 1; rounding may not.
        trace_ratio = float(np.trace(target)) ** 2 / (k * float((target**2).sum()))
        return finite_risk_isotropic(k, N, min(1.0, trace_ratio), activation)
    if (known := _known_risk(N, k, activation)) is not None:
        return known
    if N == 1:
        return one_neuron(gamma, target, activation)
    law = diagonal_law(gamma, activation)
    if law.rank < N:
        return 0.0
    block_target = np.concatenate([np.diagonal(target), [0.0, 0.0]])
    left = _projected_risk(law, N, block_target, 2 * target[np.triu_indices(k, 1)] ** 2)
    return within(left / float((target**2).sum()))


def finite_risk_isotropic(d: int, N: int, trace_ratio: float, activation: str) -> float:
    """`finite_risk` for Gamma = I/d, at a cost independent of d; trace_ratio = Tr(B)^2 / (d |B|_F^2) is all of B it
    needs.

    Raises:
        ValueError: N < 1 or trace_ratio outside [0, 1].
        KeyError: the activation has no such name.
    """
    if not 0 <= trace_ratio <= 1:
        raise ValueError(f"Tr(B)^2 / (d |B|^2) lies in [0, 1], got {trace_ratio}")
    if N < 1:
        raise ValueError(f"N must be at least 1, got {N}")
    if (known := _known_risk(N, d, activation)) is not None:
        return known
    if N == 1:
        return one_isotropic_neuron(d, trace_ratio, activation)
    law = isotropic_law(d, activation)
    return within(_projected_risk(law, N, np.array([trace_ratio**0.5, 0.0, 0.0]), np.array([1 - trace_ratio])))


def one_over_d_coefficient(rho: float, t: float) -> float:
    """c in E R_RF,N / ||f*||^2 = Eq. (12) + c / d + O(1/d^2), for sigma = x^2 - 1, Gamma = I/d, t = Tr(B)^2 / (d
    |B|^2).

    From step 1 of the module docstring; steps 2 and 3 are O(1/d^2) here. Degree 2 has d^2/2 traceless directions of
    variance 2/d^2, weight 1 - t, where Q = 1 - 2 rho / d, and the trace direction of mean 1/sqrt d, weight t. nu_0
    has mean -sqrt2 / d, variance 1/d and Q = 1/(1 + rho). The equation for kappa gives (N-1) kappa = 1 - (1 + 2
    rho)/d + 1/(d (1 + rho)), so that Y = (N-1) kappa + N Q (E nu_0)^2 = 1 - rho (1 + 2 rho) / (d (1 + rho)), and the
    trace direction's risk is t Y / (rho + Y).
    """
    return -2 * rho * (1 - t) - t * rho**2 * (1 + 2 * rho) / (1 + rho) ** 3


def _known_risk(N: int, k: int, activation: str) -> float | None:
    """The cases with nothing to compute, for weights that see k dimensions, which hold all of B."""
    if ACTIVATIONS[activation].odd:
        return 1.0
    return 0.0 if spans(N, activation, k) else None


def within(risk: float) -> float:
    """A risk lies in [0, 1] for every W, so that the nearer end is nearer to the mean than what lies beyond it."""
    return min(max(risk, 0.0), 1.0)


@dataclass(frozen=True, eq=False)
class _Residual:
    """Q = kappa (C + kappa)^(-1) on each part of the feature space."""

    kappa: float
    block: Array  # (K,), along the block's axes
    pairs: Array  # (P,)
    degree1: Array  # (L,)
    degree2: Array  # (L,): of theta_i, averaged over the other index
    degree3: float
    degree0: float
    explained: float  # Tr C^2 (C + kappa)^(-2) / (N - 1)


def _projected_risk(law: FeatureLaw, N: int, block_target: Array, pair_energy: Array) -> float:
    """R |b|^2 for the block target b and the squared pair targets; N >= 2."""
    Q = _residual(law, N)
    mean = _with_constant_norm(law, Q, N)
    m, b = law.axes.T @ mean, law.axes.T @ block_target
    unseen = b @ (Q.block * b) + pair_energy @ Q.pairs
    leaked = b @ (Q.block**2 * law.block * b) + pair_energy @ (Q.pairs**2 * law.pairs)
    norm = N * (m @ (Q.block * m)) + (N - 1) * Q.kappa * (1 + _skewness(law, Q, N))
    S, across = Q.block**2 * law.block, float(b @ (Q.block * m))
    rest = b - N * across / norm * m
    own = rest @ (S * rest) + pair_energy @ (Q.pairs**2 * law.pairs)
    spread = (own * (m @ (S * m)) + (rest @ (S * m)) ** 2) / ((N - 1) * Q.kappa**2)
    learned = N * across**2 + (leaked + N * spread) / (1 - Q.explained)
    return float(unseen - learned / norm)


@dataclass(frozen=True, eq=False)
class Reach:
    """What the features leave of a coordinate b, E |(I - P) b|^2, and the fitted E P b in the block and the pairs."""

    left: float
    block: Array  # (K,)
    pairs: Array  # (P,)


def reach(law: FeatureLaw, N: int, index: int, covariance: Array | float = 0.0, variance: float = 0.0) -> Reach:
    """Steps 1 to 3 for b the block's coordinate of that index, which may be correlated with the pairs; N >= 2.

    covariance, (P,), and variance: of b with the pairs, and what b has in them beyond law.block. The two enter the
    resolvent by a Schur complement and not kappa: a coordinate that the pairs determine adds no dimension.
    """
    Q = _residual(law, N)
    m, b = law.axes.T @ _with_constant_norm(law, Q, N), law.axes[index]
    kappa, c = Q.kappa, covariance * np.ones_like(law.pairs)
    schur = float(c @ (c * Q.pairs)) / kappa - variance
    solved = Q.block * b / kappa
    gain = 1 / (1 - schur * float(b @ solved))
    solved = gain * solved
    own, across = float(b @ solved), float(m @ solved)
    solved_mean = Q.block * m / kappa + schur * across * (Q.block * b) / kappa
    in_pairs = c * Q.pairs / kappa
    norm = N * kappa * float(m @ solved_mean) + (N - 1) * kappa * (1 + _skewness(law, Q, N))
    share = N * kappa * across / norm
    # (C + kappa)^(-1) of b and m, pairs included; S = kappa^2 times it less kappa its square.
    images = np.array([np.append(solved, in_pairs * own), np.append(solved_mean, in_pairs * float(b @ solved_mean))])
    S = kappa**2 * (np.array([[own, across], [across, m @ solved_mean]]) - kappa * images @ images.T)
    rest = np.array([1.0, -share])
    spread = (float(rest @ S @ rest) * S[1, 1] + float(rest @ S[:, 1]) ** 2) / ((N - 1) * kappa**2)
    learned = N * (kappa * across) ** 2 + (S[0, 0] + N * spread) / (1 - Q.explained)
    return Reach(
        left=kappa * own - learned / norm,
        block=law.axes @ (b - kappa * (solved - share * solved_mean)),
        pairs=kappa * in_pairs * (own - share * float(b @ solved_mean)),
    )


def _residual(law: FeatureLaw, N: int) -> _Residual:
    values, multiplicities = law.eigenvalues()
    kappa = 1 / solve_effective_dimension(N - 1, values, multiplicities, law.rest)
    (a, b), (_, c) = np.moveaxis(law.degree1, 0, 2)
    block = kappa / (kappa + law.block)
    return _Residual(
        kappa=kappa,
        block=block,
        pairs=kappa / (kappa + law.pairs),
        degree1=kappa * (c + kappa) / ((a + kappa) * (c + kappa) - b**2),
        degree2=(kappa / (kappa + law.degree2)) @ law.share,
        degree3=kappa / (kappa + law.degree3),
        degree0=float(law.axes[-2] ** 2 @ block),
        explained=float(multiplicities @ (values / (values + kappa)) ** 2) / (N - 1),
    )


def _with_constant_norm(law: FeatureLaw, Q: _Residual, N: int) -> Array:
    """E[phi / n] with n^2 = phi' Q phi / E[phi' Q phi] (step 2), shape (K,)."""
    # theta' Q_2 theta is linearised around E t. Where all energies sum to 1, what Q leaves alone does not fluctuate.
    weights = np.concatenate([Q.degree1, 2 * Q.degree2 - Q.degree2 @ law.share, [Q.degree0, Q.degree3]]) - 1
    scale = (N - 1) * Q.kappa + float((law.axes.T @ law.mean) ** 2 @ Q.block)
    weights = weights / scale
    variance = float(weights @ law.energy_covariance @ weights)
    return np.asarray((1 + 3 / 8 * variance) * law.mean - law.energy_with_block @ weights / 2)


def _skewness(law: FeatureLaw, Q: _Residual, N: int) -> float:
    """eps of step 3."""
    energy1, energy2 = law.energies
    q2 = float(Q.degree2 @ law.share)
    third = 6 * energy1**2 * energy2 * float(Q.degree1 @ law.overlap) ** 2 * q2 + 8 * (energy2 * law.p2 * q2) ** 3
    return N * third / (N * Q.kappa) ** 3
