"""Certifies the strict saddle property in rational arithmetic, and disproves the printed sentence at global minimisers.

float64 numbers are rational, so nothing is lost on the way in: gradients, curvatures and risks below are exact.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import numpy as np

from lazy_assay.checks import (
    Case,
    Certificate,
    Certificates,
    Check,
    Context,
    Expected,
    Route,
    Scalar,
    Setting,
    Subject,
    Verdict,
)
from lazy_assay.sims.quadratic import network
from lazy_assay.theory.ghorbani2019.proposition1 import CLAIM, curvature

Matrix = list[list[Fraction]]
DESCENT = Route(name="gradient descent", simulate=network.stationary_points)
# Eigenvalues that are squares of dyadic numbers, so that exact critical points are float64 numbers too.
SPECTRA = {"d3": (4.0, 1.0, 0.25), "d4": (4.0, 2.25, 1.0, 0.25)}


def exact(values: np.ndarray) -> Matrix:
    """A float64 matrix as the rational matrix that it is."""
    return [[Fraction(float(x)) for x in row] for row in np.atleast_2d(values)]


def product(A: Matrix, B: Matrix) -> Matrix:
    """AB."""
    columns = list(zip(*B, strict=True))
    return [[sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns] for row in A]


def dot(A: Matrix, B: Matrix) -> Fraction:
    """<A, B>."""
    return sum((a * b for left, right in zip(A, B, strict=True) for a, b in zip(left, right, strict=True)), Fraction(0))


def transposed(A: Matrix) -> Matrix:
    """Aᵀ."""
    return [list(column) for column in zip(*A, strict=True)]


class Point:
    """L at (W, c), exactly: risk, squared gradient norm, curvature along a direction. W (d, N); b0 = 0."""

    def __init__(self, W: np.ndarray, c: float, spectrum: tuple[float, ...]) -> None:
        self.W, self.c = exact(W), Fraction(c)
        gram = product(self.W, transposed(self.W))
        d = len(spectrum)
        self.M = [[Fraction(spectrum[i]) * (i == j) - gram[i][j] for j in range(d)] for i in range(d)]
        self.e = sum((self.M[i][i] for i in range(d)), Fraction(0)) - self.c

    @property
    def risk(self) -> Fraction:
        """L(W, c)."""
        return 2 * dot(self.M, self.M) + self.e**2

    @property
    def squared_gradient(self) -> Fraction:
        """‖∇L‖²: ∇_W = −8MW − 4eW, ∇_c = −2e."""
        pull = product(self.M, self.W)
        gradient = [
            [-8 * p - 4 * self.e * w for p, w in zip(left, right, strict=True)]
            for left, right in zip(pull, self.W, strict=True)
        ]
        return dot(gradient, gradient) + 4 * self.e**2

    def curvature(self, V: np.ndarray, v: float) -> Fraction:
        """L''/‖(V, v)‖² along (V, v): 4‖D‖² − 8<M, VVᵀ> + 2e'² − 4e‖V‖²."""
        direction, shift = exact(V), Fraction(v)
        half = product(direction, transposed(self.W))
        D = [
            [x + y for x, y in zip(left, right, strict=True)]
            for left, right in zip(half, transposed(half), strict=True)
        ]
        slope = -2 * dot(self.W, direction) - shift
        length = dot(direction, direction)
        square = product(direction, transposed(direction))
        second = 4 * dot(D, D) - 8 * dot(self.M, square) + 2 * slope**2 - 4 * self.e * length
        return second / (length + shift**2)


def steepest_direction(W: np.ndarray, c: float, spectrum: tuple[float, ...]) -> tuple[np.ndarray, float]:
    """A float64 guess at the direction of least curvature, from the Hessian's lowest eigenvector; certified
    afterwards."""
    d, N = W.shape
    M = np.diag(spectrum) - W @ W.T
    e = np.trace(M) - c
    basis = np.eye(d * N + 1)
    directions = basis[:, :-1].reshape(-1, d, N)
    D = np.einsum("kij,lj->kil", directions, W)
    D = D + D.transpose(0, 2, 1)
    slope = -2 * np.einsum("kij,ij->k", directions, W) - basis[:, -1]
    hessian = 4 * np.einsum("kij,lij->kl", D, D) - 8 * np.einsum("kij,im,lmj->kl", directions, M, directions)
    hessian += 2 * np.outer(slope, slope) - 4 * e * np.einsum("kij,lij->kl", directions, directions)
    lowest = np.linalg.eigh((hessian + hessian.T) / 2)[1][:, 0]
    return lowest[:-1].reshape(d, N), float(lowest[-1])


def certify(
    context: Context, point: Point, W: np.ndarray, c: float, spectrum: tuple[float, ...], N: int
) -> Certificate:
    """The corrected statement at a point with small gradient: a direction of curvature below −δ/2, or risk near the
    infimum."""
    delta = Fraction(curvature(N, np.array(spectrum)))
    infimum = 2 * sum((Fraction(x) ** 2 for x in spectrum[N:]), Fraction(0))
    if point.risk - infimum <= delta**2 / 64:
        return Certificate(
            outcome=Verdict.AGREES,
            reason="proved: nearly a global minimiser",
            quantity=float(point.risk - infimum),
            threshold=float(delta**2 / 64),
        )
    # Without the property: curvature of the same size, upwards.
    lowest = context.planted(point.curvature(*steepest_direction(W, c, spectrum)), abs)
    if lowest < -delta / 2:
        return Certificate(
            outcome=Verdict.AGREES,
            reason="proved: curvature below −δ/2",
            quantity=float(lowest),
            threshold=float(-delta / 2),
        )
    return Certificate(
        outcome=Verdict.UNDECIDED, reason="no direction found", quantity=float(lowest), threshold=float(-delta / 2)
    )


def critical_points(context: Context) -> Iterator[Case]:
    """Every exact critical point of small networks (each set of eigenpairs, each perturbed), and where descent ends."""
    for name, spectrum in SPECTRA.items():
        for N in (1, 2, 3):
            for chosen in subsets(len(spectrum), N):
                yield from at_critical_point(context, name, spectrum, N, chosen)
            yield from after_descent(context, name, spectrum, N)


def subsets(d: int, N: int) -> list[tuple[int, ...]]:
    """Sets of at most N of d indices."""
    return [chosen for size in range(min(N, d) + 1) for chosen in combinations(range(d), size)]


def at_critical_point(
    context: Context, name: str, spectrum: tuple[float, ...], N: int, chosen: tuple[int, ...]
) -> Iterator[Case]:
    """WWᵀ = Σ over `chosen` of λ_i e_ie_iᵀ, c = the trace left: exactly critical. Then the same, moved by 2⁻²⁰."""
    W = np.zeros((len(spectrum), N))
    for column, index in enumerate(chosen):
        W[index, column] = spectrum[index] ** 0.5
    c = sum(spectrum) - sum(spectrum[i] for i in chosen)
    configuration: dict[str, Scalar] = {"spectrum": name, "N": N, "eigenpairs": " ".join(map(str, chosen)) or "none"}
    point = Point(W, c, spectrum)
    assert point.squared_gradient == 0
    if chosen == tuple(range(min(N, len(spectrum)))):
        yield configuration, Subject.AS_PRINTED, "as printed", printed_at_minimiser(point, W, c, spectrum)
    yield configuration, Subject.CLAIM, "critical point", certify(context, point, W, c, spectrum, N)
    rng = np.random.default_rng([context.key("perturb", name), N, len(chosen)])
    moved = W + 2.0**-20 * rng.standard_normal(W.shape)
    near = Point(moved, c, spectrum)
    yield (
        {**configuration, "moved": 2.0**-20},
        Subject.CLAIM,
        "near a critical point",
        certify(context, near, moved, c, spectrum, N),
    )


def printed_at_minimiser(point: Point, W: np.ndarray, c: float, spectrum: tuple[float, ...]) -> Certificate:
    """At a global minimiser no direction has negative curvature: the printed sentence is disproved."""
    lowest = point.curvature(*steepest_direction(W, c, spectrum))
    infimum = 2 * sum((Fraction(x) ** 2 for x in spectrum[W.shape[1] :]), Fraction(0))
    disproved = point.risk == infimum and point.squared_gradient == 0
    return Certificate(
        outcome=Verdict.DISAGREES if disproved else Verdict.UNDECIDED,
        reason="disproved: gradient zero and L = inf L exactly, so the Hessian is positive semidefinite",
        quantity=float(lowest),
        threshold=0.0,
    )


def after_descent(context: Context, name: str, spectrum: tuple[float, ...], N: int) -> Iterator[Case]:
    """Points that gradient descent comes near from random starts, stopped early and late."""
    d = len(spectrum)
    for steps in (50, 2000):
        values = {"d": d, "N": N, "B": np.array(spectrum), "steps": steps, "step_size": 0.005, "initial_scale": 1.0}
        configuration: dict[str, Scalar] = {"spectrum": name, "N": N, "steps": steps}
        ends = context.draws(DESCENT, Setting(configuration, values), stage="descent", batch=0, trials=8)
        for start, row in enumerate(ends):
            W, c = row[:-1].reshape(d, N), float(row[-1])
            point = Point(W, c, spectrum)
            if point.squared_gradient <= Fraction(1, 100):
                yield (
                    {**configuration, "start": start},
                    Subject.CLAIM,
                    "after descent",
                    certify(context, point, W, c, spectrum, N),
                )


CHECK = Check(
    claim=CLAIM,
    procedures=(Certificates(cases=critical_points, route="rational arithmetic"),),
    expected={
        "": Expected(
            status="confirmed",
            reason="the corrected statement; the printed one fails at global minimisers",
            date="2026-11-22",
            as_printed="refuted",
        )
    },
)
