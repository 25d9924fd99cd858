"""The law that noisy descent comes to: p ∝ exp(−g(ρ, ·)/λ_p) with ρ = p, for inputs on a line and one output.

f(ρ, x) = α ∫ u σ(θx) dρ, half the squared loss, r = (λ_u/2)u² + (λ_θ/2)θ², λ_u, λ_θ > 0, σ bounded. Given f at all n
inputs, g(u, θ) = u a(θ) + r, a(θ) = (α/n) Σ (f_i − y_i)σ(θx_i), is quadratic in u: u | θ ~ N(−a(θ)/λ_u, λ_p/λ_u), and
p(θ) ∝ exp((a²/λ_u − λ_θθ²)/(2λ_p)). What is left is to find f in Rⁿ. With c = αuσ(θx) in Rⁿ, κ = 1/(nλ_p) and K(ζ) =
log ∫ exp(ζᵀc − r/λ_p), it is f = y − ζ/κ at the minimum of the strictly convex ‖ζ‖²/2κ − yᵀζ + K(ζ): one law, no other.

Width. m particles in continuous time have the Gibbs law of exp(−mφ/λ_p). Its data term is a Gaussian integral over iζ,
so that one particle's law is that of tilts ζ + iη/√m, η ~ N(0, H⁻¹), H = I/κ + Cov(c), and to first order

    E_m ψ = E ψ + (1/m)[−½ H⁻¹:κ(ψ, c, c) + ½ Cov(ψ, c) H⁻¹ (κ(c, c, c):H⁻¹)],        κ third joint cumulants.

Step. Descent with steps η on U = mφ at temperature λ_p leaves, to first order in η, the law of U + η(−¼|∇U|² + ½λ_pΔU)
alone: with L = −∇U·∇ + λ_pΔ a step's mean is ψ + ηLψ + η²Bψ + …, B = ½∂_iU∂_jU∂_ij − λ_p∂_iU∂_iΔ + ½λ_p²ΔΔ, the
density's factor 1 + ηχ has Lχ = −(λ_p/2π)∂_ij(π∂_ijU), and χ = |∇U|²/4λ_p − ½ΔU solves it. For many particles the force
of the correction on others has mean ½E Lc = 0, and what is left is g + ηq, q = −¼‖∇g‖² + ½λ_pΔg:

    dE ψ/dη = −Cov(ψ, q)/λ_p − κ Cov(ψ, c)·df/dη,        df/dη = −(I + κ Cov(c))⁻¹ Cov(c, q)/λ_p.

What is next in either is of the order of its square, relatively.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics.dual_activations import named

Array = np.ndarray
# σ'' of bounded activations.
BENDS: Mapping[str, Callable[[Array], Array]] = {
    "tanh": lambda z: -2 * np.tanh(z) * (1 - np.tanh(z) ** 2),
    "erf": lambda z: -4 / np.sqrt(np.pi) * z * np.exp(-z * z),
    "sigmoid": lambda z: named("sigmoid").slope(z) * (1 - 2 * named("sigmoid").value(z)),
}
# Grid: standard deviations of θ under r that it reaches, nodes in one of them and in one unit of θx, and nodes in all.
REACH, PER_DEVIATION, PER_UNIT, MOST = 12.0, 8.0, 8.0, 40_000
# What f may be off by, of the scale of labels; steps that Newton's method has for it; the shortest of them.
CONVERGED, ROUNDS, EPSILON = 1e-12, 100, 1e-9
# A moment ψ = Σ_k coefficient_k(θ)·u^k, by its coefficients on the grid.
Polynomial = tuple[Array, ...]


@dataclass(frozen=True)
class Setting:
    """Inputs and labels (n,), α, σ by name, λ_u, λ_θ, λ_p."""

    inputs: Array
    labels: Array
    alpha: float
    activation: str
    lambda_u: float
    lambda_theta: float
    temperature: float

    @property
    def grid(self) -> Array:
        """Values of θ, (G,)."""
        deviation = np.sqrt(self.temperature / self.lambda_theta)
        step = min(deviation / PER_DEVIATION, 1 / (PER_UNIT * max(1e-3, float(np.abs(self.inputs).max()))))
        nodes = int(np.ceil(REACH * deviation / step))
        if 2 * nodes > MOST:
            raise InvalidParameterError(
                f"θ spreads over {deviation:.3g}: a grid of {2 * nodes} values, {MOST} are made"
            )
        return np.asarray(np.arange(-nodes, nodes + 1) * step)


@dataclass(frozen=True)
class Law:
    """Weights p (G,) of θ on the grid, mean (G,) and variance of u given θ, c/u = ασ(θx) (G, n), and f = E c."""

    at: Setting
    theta: Array
    p: Array
    mean: Array
    variance: float
    scaled: Array
    f: Array

    def expectation(self, psi: Polynomial) -> float:
        """E ψ."""
        return float(self._over_u(psi).sum())

    def with_features(self, psi: Polynomial) -> Array:
        """E ψc, (n,)."""
        return np.asarray(self._over_u((np.zeros_like(self.theta), *psi)) @ self.scaled)

    def with_pairs(self, psi: Polynomial) -> Array:
        """E ψccᵀ, (n, n)."""
        weights = self._over_u((np.zeros_like(self.theta), np.zeros_like(self.theta), *psi))
        return np.asarray((self.scaled * weights[:, None]).T @ self.scaled)

    def _over_u(self, psi: Polynomial) -> Array:
        """p(θ)E[ψ | θ]."""
        powers = [np.ones_like(self.mean), self.mean]
        for k in range(2, len(psi)):
            powers.append(self.mean * powers[-1] + (k - 1) * self.variance * powers[-2])
        total = sum((each * power for each, power in zip(psi, powers, strict=False)), np.zeros_like(self.p))
        return np.asarray(self.p * total)

    @property
    def one(self) -> Polynomial:
        """ψ = 1."""
        return (np.ones_like(self.theta),)

    @property
    def covariance(self) -> Array:
        """Cov(c), (n, n)."""
        return np.asarray(self.with_pairs(self.one) - np.outer(self.f, self.f))

    @property
    def kappa(self) -> float:
        """κ = 1/(nλ_p)."""
        return 1 / (len(self.f) * self.at.temperature)

    @property
    def force(self) -> tuple[Array, Array, Array]:
        """a(θ) and its two derivatives on the grid."""
        at, pull = self.at, (self.f - self.at.labels) / len(self.f)
        z = np.outer(self.theta, at.inputs)
        slope, bend = at.alpha * named(at.activation).slope(z), at.alpha * BENDS[at.activation](z)
        return self.scaled @ pull, slope @ (pull * at.inputs), bend @ (pull * at.inputs**2)


def given(at: Setting, f: Array) -> Law:
    """The law exp(−g/λ_p) of a particle where f at the inputs is given; its own f is another, off the fixed point."""
    theta = at.grid
    scaled = at.alpha * named(at.activation).value(np.outer(theta, at.inputs))
    a = scaled @ ((f - at.labels) / len(f))
    logs = (a**2 / at.lambda_u - at.lambda_theta * theta**2) / (2 * at.temperature)
    p = np.exp(logs - logs.max())
    p, mean = p / p.sum(), -a / at.lambda_u
    return Law(at, theta, p, mean, at.temperature / at.lambda_u, scaled, (p * mean) @ scaled)


@lru_cache(maxsize=64)
def _solved(inputs: tuple[float, ...], labels: tuple[float, ...], *others: Any) -> Law:
    """By Newton's method, damped, on the convex function of ζ."""
    at = Setting(np.array(inputs), np.array(labels), *others)
    kappa, zeta = 1 / (len(labels) * at.temperature), np.zeros(len(labels))

    def slope(zeta: Array) -> tuple[Array, Law]:
        now = given(at, at.labels - zeta / kappa)
        return now.f - at.labels + zeta / kappa, now

    left, now = slope(zeta)
    for _ in range(ROUNDS):
        move = np.linalg.solve(np.eye(len(zeta)) / kappa + now.covariance, -left)
        share, (new, there) = 1.0, slope(zeta + move)
        # A strictly convex function falls all along the move, unless its slope has turned by the end of it.
        while move @ new > -(move @ left) and share > EPSILON:
            share /= 2
            new, there = slope(zeta + share * move)
        zeta, left, now = zeta + share * move, new, there
        if float(np.abs(left).max()) <= CONVERGED * (1 + float(np.abs(at.labels).max())):
            return now
    raise InvalidParameterError(f"temperature: no fixed point in {ROUNDS} steps, {np.abs(left).max():.2g} is left")


def stationary(at: Setting) -> Law:
    """The law whose f is its own. Raises InvalidParameterError where none is found."""
    others = (at.alpha, at.activation, at.lambda_u, at.lambda_theta, at.temperature)
    return _solved(tuple(at.inputs.tolist()), tuple(at.labels.tolist()), *others)


def polynomial(now: Law, moment: str) -> Polynomial:
    """ψ by name: uu u², tt θ², ut uθ, f αuσ(θx_1), square and fourth powers of u + a(θ)/λ_u."""
    nothing, one, b = np.zeros_like(now.theta), np.ones_like(now.theta), -now.mean
    known: dict[str, Polynomial] = {
        "uu": (nothing, nothing, one),
        "tt": (now.theta**2,),
        "ut": (nothing, now.theta),
        "f": (nothing, now.scaled[:, 0]),
        "square": (b**2, 2 * b, one),
        "fourth": (b**4, 4 * b**3, 6 * b**2, 4 * b, one),
    }
    return known[moment]


def product(first: Polynomial, second: Polynomial) -> Polynomial:
    """ψ_1ψ_2."""
    found = [np.zeros_like(first[0]) for _ in range(len(first) + len(second) - 1)]
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            found[i + j] = found[i + j] + a * b
    return tuple(found)


def of_step(now: Law, psi: Polynomial, responding: bool = True) -> float:
    """dE ψ/dη; `responding` where ψ does not move with f."""
    at, (a, rise, bend), T = now.at, now.force, now.at.temperature
    pulled = at.lambda_theta * now.theta
    q: Polynomial = (
        -(a**2 + pulled**2) / 4 + T / 2 * (at.lambda_u + at.lambda_theta),
        -(at.lambda_u * a + pulled * rise) / 2 + T / 2 * bend,
        -(at.lambda_u**2 + rise**2) / 4,
    )
    mean = now.expectation(q)
    direct = -(now.expectation(product(psi, q)) - now.expectation(psi) * mean) / T
    if not responding:
        return direct
    moved = np.linalg.solve(np.eye(len(now.f)) + now.kappa * now.covariance, -(now.with_features(q) - mean * now.f) / T)
    return direct - now.kappa * float(_with_c(now, psi) @ moved)


def _with_c(now: Law, psi: Polynomial) -> Array:
    """Cov(ψ, c)."""
    return np.asarray(now.with_features(psi) - now.expectation(psi) * now.f)


def of_width(now: Law, psi: Polynomial) -> float:
    """m(E_m ψ − E ψ) to first order, in continuous time."""
    f, whole, first, second = now.f, now.expectation(psi), now.with_features(psi), now.with_pairs(now.one)
    weights = now.p * (now.mean**3 + 3 * now.mean * now.variance)
    c = now.scaled
    third = np.einsum("g,gi,gj,gk->ijk", weights, c, c, c) + 2 * np.einsum("i,j,k->ijk", f, f, f)
    third = third - sum(np.einsum(way, second, f) for way in ("ij,k->ijk", "ik,j->ijk", "jk,i->ijk"))
    H = np.linalg.inv(np.eye(len(f)) / now.kappa + now.covariance)
    bent = now.with_pairs(psi) - whole * second - np.outer(first, f) - np.outer(f, first) + 2 * whole * np.outer(f, f)
    return float(-np.sum(H * bent) / 2 + (first - whole * f) @ H @ np.einsum("ijk,jk->i", third, H) / 2)


# -- a moment by its name, in the limit, and what finite sizes leave ---------------------------------------------------


def limit(now: Law, moment: str) -> float:
    """E ψ as m → ∞, η → 0."""
    return now.expectation(polynomial(now, moment))


def at_step(now: Law, moment: str) -> float:
    """dE ψ/dη. Powers of r = u + a/λ_u have means λ_p/λ_u and the like at every f, so that they do not move with it."""
    return of_step(now, polynomial(now, moment), responding=moment not in POWERS)


def by_width(now: Law, moment: str, m: int) -> float:
    """E_m ψ − E ψ, to first order in 1/m; of powers of r as it is, E(1 + s/mλ_u)^k − 1 of them, s = (α²/n) Σ h².

    For r of m particles is normal of variance (λ_p/λ_u)(1 + s/mλ_u) given θ.
    """
    if moment not in POWERS:
        return of_width(now, polynomial(now, moment)) / m
    s = np.square(now.scaled).sum(1) / len(now.f)
    return limit(now, moment) * float(now.p @ ((1 + s / (m * now.at.lambda_u)) ** POWERS[moment] - 1))


# How many factors of a variance are in E r², E r⁴.
POWERS = {"square": 1, "fourth": 2}


def finite(now: Law, moment: str, m: int, step_size: float) -> float:
    """E ψ at width m and step size η, to first order in 1/m and in η."""
    return limit(now, moment) + step_size * at_step(now, moment) + by_width(now, moment, m)


def stiffness(now: Law) -> float:
    """Largest curvature of mφ where particles move together: max(λ_u, λ_θ) + λ_max((α²/n) E[hhᵀ + u²h'²xxᵀ])."""
    at, z = now.at, np.outer(now.theta, now.at.inputs)
    moved = at.alpha * named(at.activation).slope(z) * at.inputs * np.sqrt(now.mean**2 + now.variance)[:, None]
    together = sum((each * now.p[:, None]).T @ each for each in (now.scaled, moved)) / len(now.f)
    return float(np.linalg.eigvalsh(together)[-1] + max(at.lambda_u, at.lambda_theta))


def second_order(now: Law, moment: str, m: int, step_size: float) -> float:
    """What is next: squares of relative corrections, and corrections of what the width leaves.

    Twice the square of the larger relative correction of E u² and E θ², in units of the moment's size; and of the
    correction in 1/m twice that share, plus η times the curvature of particles that move together: it comes of that.
    """
    spread, wide = limit(now, "uu"), limit(now, "tt")
    relative = max(
        (abs(by_width(now, name, m)) + step_size * abs(at_step(now, name))) / limit(now, name) for name in ("uu", "tt")
    )
    sizes = {"uu": spread, "tt": wide, "ut": (spread * wide) ** 0.5, "f": now.at.alpha * spread**0.5}
    size = sizes[moment] if moment in sizes else limit(now, moment)
    share = 2 * relative + step_size * stiffness(now)
    return 2 * relative**2 * size + share * abs(by_width(now, moment, m))
