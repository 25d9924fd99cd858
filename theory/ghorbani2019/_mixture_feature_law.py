"""The law of a random feature under the mixture of two Gaussians: `_feature_law` with a class label.

Whitened, x | y = +-1 ~ N(0, I -+ Delta). In the class +- a neuron sigma_c(<w, x>) has in degree k the component
mu_k(r) theta^(x k) of a Gaussian of variance q -+ D, q = |w|^2 = s, D = w' Delta w = s tau, in the metric
(I -+ Delta)^(x k). The half sum and half difference of the two classes' features are orthogonal coordinates. With m0(q)
= E sigma_c(sqrt q G):

* y: [m0(s - D) - m0(s + D)] / 2 = E[y sigma_c], the coordinate along the function y; the constant: half the sum. Both,
  divided by the norm, are linear in tau through its mean plus and minus one standard deviation (D is of order 1/sqrt d
  and fluctuates by 1/d).
* degree 1: mu_1 theta in the metric mean of (1 -+ tau)^(-1) mu_1(sqrt(s (1 -+ tau)))^2 (I -+ Delta), of
  which the diagonal is kept: a factor 1 + r1 Delta_ii.
* degree 2: likewise with (I -+ Delta)^(x 2): on theta_i^2 the matrix M_ij = delta_ij (1 + 2 r2 Delta_ii) + Delta_ij^2,
  on theta_i theta_j the factor 1 + Delta_ii Delta_jj + Delta_ij^2 + r2 (Delta_ii + Delta_jj). r1, r2 measure how much
  more of a feature one class sees (r2 = 0 for x^2 - 1). The metric's other off-diagonal elements, none where Gamma and
  Delta commute, are for first-order perturbation: `OffDiagonal.beyond`.
* higher degrees: no metric, which would matter to relative order 1/d^2.

In degrees above 0 an amplitude is the root mean square over the two classes, at the root mean square of tau, so that
energies add up to the feature's own mean square, by which it is divided.

y is correlated with theta_i theta_j, i < j, through Delta_ij: `OffDiagonal`.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._activations import Activation
from lazy_assay.theory.ghorbani2019._feature_law import FeatureLaw, eigen, remaining_dimension3, remaining_energy
from lazy_assay.theory.ghorbani2019._mixture_amplitudes import Amplitudes, amplitudes
from lazy_assay.theory.ghorbani2019._mixture_moments import IsotropicMoments, Moments, moments_of

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OffDiagonal:
    """What a Delta that is not diagonal where Gamma is adds to the law."""

    covariance: Array  # (P,): of y with the pairs
    variance: float  # of y within the pairs
    Delta: Array  # (d, d)
    skew: float  # r2

    def beyond(self, squares: Array, pairs: Array) -> float:
        """<a, E a>, E what the metric's diagonal and M leave out, a the matrix of those coordinates (d,), (P,)."""
        d = len(squares)
        a = np.zeros((d, d))
        a[np.triu_indices(d, 1)] = pairs / sqrt(2)
        off, D, delta = a + a.T, self.Delta, np.diagonal(self.Delta)
        a = off + np.diag(squares)
        whole = float(((a @ D) * (D @ a)).sum()) + 2 * self.skew * float(((a @ a) * D).sum())
        kept = float(squares @ (D**2 + 2 * self.skew * np.diag(delta)) @ squares)
        factor = np.outer(delta, delta) + D**2 + self.skew * np.add.outer(delta, delta)
        return whole - kept - float((off**2 * factor).sum())


@dataclass(frozen=True, eq=False)
class MixtureLaw:
    """`features` with y as the third last coordinate of the block, less its variance in the pairs if `off_diagonal`."""

    features: FeatureLaw
    off_diagonal: OffDiagonal | None


def mean_square_tilt(moments: Moments, Delta: Array, f: Array) -> float:
    """E[f tau^2]; Delta (d,), or (d, d) where the moments are not the isotropic ones."""
    delta = (Delta if Delta.ndim == 1 else np.diagonal(Delta))[:, None]
    if Delta.ndim == 1:
        return float(moments.second(f, delta, delta)[0, 0])
    identity = np.eye(len(Delta))
    weights = np.outer(delta, delta) + 2 * Delta**2 * (1 - identity)
    return float((weights * moments.second(f, identity, identity)).sum())


def mean_tilt(moments: Moments, Delta: Array, f: Array) -> float:
    """E[f tau], tau = w' Delta w / |w|^2."""
    delta = Delta if Delta.ndim == 1 else np.diagonal(Delta)
    return float(moments.first(f, delta[:, None])[0])


@dataclass(frozen=True, eq=False)
class _Block:
    """Coordinates and energies f0(s) + f1(s) (A't): rows (f0, f1, A), A of shape (d, k)."""

    moments: Moments
    rows: tuple[tuple[Array, Array, Array], ...]

    def mean(self) -> Array:
        """(K,)."""
        return np.concatenate([self.moments.scalar(f0) + self.moments.first(f1, A) for f0, f1, A in self.rows])

    def covariance(self, other: "_Block") -> Array:
        """(K, K')."""
        m = self.moments
        table = [
            [
                m.scalar(f0 * g0)
                + m.first(f1 * g0, A)[:, None]
                + m.first(f0 * g1, B)[None, :]
                + m.second(f1 * g1, A, B)
                for g0, g1, B in other.rows
            ]
            for f0, f1, A in self.rows
        ]
        return np.asarray(np.block(table) - np.outer(self.mean(), other.mean()))


def mixture_law(gamma: Array, Delta: Array, sigma: Activation) -> MixtureLaw:
    """The law for weights of variances gamma (d,), sum 1, and Delta (d, d) in the same basis, or (d,) if diagonal.

    For isotropic gamma, Delta must be diagonal (rotate first); the cost is then O(d).
    """
    moments = moments_of(gamma)
    delta = Delta if Delta.ndim == 1 else np.diagonal(Delta).copy()
    one = np.ones_like(moments.s)
    tau, size = mean_tilt(moments, Delta, one), sqrt(max(mean_square_tilt(moments, Delta, one), 0.0))
    amplitude = amplitudes(sigma, moments.s, tau, size)
    if isinstance(moments, IsotropicMoments):
        shapes, pairs, pair_count = _exchangeable(moments, delta, amplitude)
        off_diagonal = None
    else:
        shapes, pairs, off_diagonal = _one_by_one(moments, delta, Delta, amplitude)
        pair_count = np.ones_like(pairs)
    zero, none = np.zeros_like(moments.s), np.zeros((len(gamma), 1))
    p2, p4 = float((gamma**2).sum()), float((gamma**4).sum())
    c3, c4 = sqrt(3 * p2 / (1 + 2 * p2)), p2 / sqrt(p2**2 / 3 + 2 * p4 / 3) * p2
    f, tilt = amplitude.degree, delta[:, None]
    coordinates = _Block(
        moments,
        (
            (zero, f[2], shapes),
            (amplitude.value - tau * amplitude.slope, amplitude.slope, tilt),
            (amplitude.constant - tau * amplitude.constant_slope, amplitude.constant_slope, tilt),
            (c4 * f[4], zero, none),
        ),
    )
    each = np.ones((len(gamma), 1)) if isinstance(moments, IsotropicMoments) else np.eye(len(gamma))
    energies = _Block(
        moments,
        (
            (zero, f[1] ** 2, each),
            (zero, f[2] ** 2, each),
            (amplitude.constant**2, zero, none),
            (f[3] ** 2, zero, none),
        ),
    )
    features = _assemble(moments, gamma, coordinates, energies, pairs, pair_count, amplitude, (c3, p2), delta, sigma)
    return MixtureLaw(features, off_diagonal)


def _exchangeable(moments: IsotropicMoments, delta: Array, amplitude: Amplitudes) -> tuple[Array, Array, Array]:
    """Isotropic weights. The root of the metric, g, matters along g and g delta, where means and y live; elsewhere its
    mean
    does, since it varies by O(1/d) only. Returns the two (or one) directions, and the other eigenvalues of degree 2."""
    d, skew = moments.d, amplitude.skew[2]
    root = np.sqrt(1 + delta**2 + 2 * skew * delta)
    values, columns = np.linalg.eigh(np.stack([root, root * delta]) @ np.stack([root, root * delta]).T)
    axes = np.stack([root, root * delta], axis=1) @ columns[:, values > 1e-12 * values[-1]]
    axes = axes / np.linalg.norm(axes, axis=0)
    unit = 2 * moments.scalar(amplitude.degree[2] ** 2) / (d * (d + 2))
    total = float(delta.sum())
    between = 1 + ((total**2 - delta @ delta) / (d * max(d - 1, 1))) + 2 * skew * total / d
    squares = (d + delta @ delta + 2 * skew * total - axes.shape[1]) / max(d - axes.shape[1], 1)
    counts = np.array([d * (d - 1) / 2, max(d - axes.shape[1], 0)])
    return root[:, None] * axes, unit * np.array([between, squares]), counts


def _one_by_one(
    moments: Moments, delta: Array, Delta: Array, amplitude: Amplitudes
) -> tuple[Array, Array, OffDiagonal | None]:
    """The root of the metric on theta_i^2 (d, d), the pairs' eigenvalues (P,), and how Delta couples them to y."""
    d, skew, f = len(delta), amplitude.skew[2], amplitude.degree[2]
    full = np.diag(delta) if Delta.ndim == 1 else Delta
    metric = full**2 + np.diag(1 + 2 * skew * delta)
    factor = 1 + np.outer(delta, delta) + (full**2) * (1 - np.eye(d)) + skew * np.add.outer(delta, delta)
    values, axes = np.linalg.eigh(metric)
    upper, identity = np.triu_indices(d, 1), np.eye(d)
    pairs = (2 * factor * moments.second(f**2, identity, identity))[upper]
    off_diagonal = None
    if full[upper].any():
        mixed = moments.second(amplitude.slope * f, identity, identity)
        own = moments.second(amplitude.slope**2, identity, identity)
        covariance = 2 * sqrt(2) * full * np.sqrt(factor) * mixed
        off_diagonal = OffDiagonal(covariance[upper], float((4 * full**2 * own)[upper].sum()), full, skew)
    return (axes * np.sqrt(np.maximum(values, 0))) @ axes.T, pairs, off_diagonal


def _assemble(
    moments: Moments,
    gamma: Array,
    coordinates: _Block,
    energies: _Block,
    pairs: Array,
    pair_count: Array,
    amplitude: Amplitudes,
    constants: tuple[float, float],
    delta: Array,
    sigma: Activation,
) -> FeatureLaw:
    (c3, p2), f, d = constants, amplitude.degree, len(gamma)
    grouped = isinstance(moments, IsotropicMoments)
    each = np.ones((d, 1)) / d if grouped else np.eye(d)
    tilt = 1 + amplitude.skew[1] * (np.array([delta.mean()]) if grouped else delta)
    first = np.array([moments.first(h, each) for h in (f[1] ** 2, f[1] * f[3], f[3] ** 2)])
    degree1 = np.array([[first[0] * tilt, c3 * first[1]], [c3 * first[1], c3**2 * first[2]]])
    count1 = np.array([float(d)]) if grouped else np.ones(d)
    block, axes = eigen(coordinates.covariance(coordinates))
    mean = coordinates.mean()
    energy3, dimension3 = (1 - c3**2) * moments.scalar(f[3] ** 2), remaining_dimension3(1 / p2)
    spent = block.sum() + mean @ mean + pairs @ pair_count + np.trace(degree1) @ count1 + energy3
    second = moments.second(f[2] ** 2, each, each)
    degree2 = pairs[:1, None] if grouped else 2 * second - np.diag(4 / 3 * np.diagonal(second))
    return FeatureLaw(
        p2=p2,
        mean=mean,
        axes=axes,
        block=block,
        pairs=pairs,
        pair_multiplicity=pair_count,
        degree1=np.moveaxis(degree1, 2, 0),
        degree1_multiplicity=count1,
        overlap=np.array([p2]) if grouped else gamma**2,
        degree3=energy3 / dimension3,
        degree3_multiplicity=dimension3,
        energies=(moments.scalar(f[1] ** 2), moments.scalar(f[2] ** 2)),
        rest=remaining_energy(sigma, 1 - float(spent)),
        energy_with_block=coordinates.covariance(energies),
        energy_covariance=energies.covariance(energies),
        degree2=degree2,
        share=np.ones(1) if grouped else moments.first(np.ones_like(moments.s), each),
    )
