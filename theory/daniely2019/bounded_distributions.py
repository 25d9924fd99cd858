"""Section 1: R-boundedness. D on the sphere is R-bounded if E<u, x>² ≤ R²/d for all unit u: R² = d‖E xxᵀ‖.

`isotropic`. On the sphere and on the cube {±1/√d}^d E xxᵀ = I/d, by symmetry: d E<u, x>² = 1 for every u, so R = 1.

`every_distribution`. R² ≤ d by Cauchy–Schwarz, with equality for a single point, and nowhere else but at ±one point.

`random_points`. D uniform on m uniform points: R² is the largest eigenvalue of (d/m)Σ x_i x_iᵀ, which tends to the
Marchenko–Pastur edge (1 + √(d/m))² for d, m → ∞ at a fixed ratio. At finite size, three corrections (heuristic in
their combination, each known). For Gaussian rows g_i Johnstone's centring in Ma's form, mean of the edge μ + σ E[TW₁],

    mμ = (√(m−½) + √(d−½))²,    mσ = (√(m−½) + √(d−½))(1/√(m−½) + 1/√(d−½))^(1/3),    E[TW₁] = −1.2065335745820,

whose error is of order d^(−4/3). The rows of the sphere are g_i√d/‖g_i‖: they lack the weights w_i = ‖g_i‖²/d of
variance v = 2/d. For weights of law w, z(g) = −1/g + E[w/(1 + γwg)], γ = d/m, has its edge at z'(g) = 0; to second
order in w − 1, E[w/(1+γwg)] = 1/(1+γg) − vγg/(1+γg)³, and at the unperturbed edge −g = 1/(γ+√γ), 1 + γg = 1/(1+√γ):
weights push the edge out by v√γ(1+√γ)². So

    E R² ≈ μ + σ E[TW₁] − (2/d)√γ(1+√γ)²,

for γ = d/m; the gap to the published edge is of order d^(−2/3). What is left is the row correction's own finite-size
correction, of relative order d^(−2/3): `next_order` has the form (1 + √γ)^(4/3)d^(−2/3) that simulations show, with a
calibrated constant (heuristic: no derivation).

Erratum. The paper calls "the uniform distribution on Ω(d) random points" O(1)- "or even (1 + o(1))-bounded", and
section 3.3 says so of m = d^c points, c > 1. At m = d/γ points R² → (1+√γ)² > 1: O(1), but 1 + o(1) only if m/d → ∞,
as with c > 1.

Source: Daniely 2020, section 1 ("Bounded distributions"), section 3.3.
"""

import math

import numpy as np
import sympy as sp

from theory import (
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Erratum,
    Identity,
    Integer,
    Limit,
    Parameter,
    Quantity,
    Real,
    Source,
)
from theory._claim import Eq
from theory.daniely2019 import PAPER
from theory.daniely2019._approximation import boundedness
from theory.daniely2019._parameters import DIMENSION, POINTS

d, m = sp.symbols("d m", integer=True, positive=True)
rho = sp.Symbol("rho", positive=True)
square = sp.Symbol("R2", positive=True)
along = sp.Symbol("r", nonnegative=True)
largest = sp.Symbol("lambda_1", positive=True)
SQUARE = Quantity(symbol=square, meaning="R² = d‖E xxᵀ‖")
# The mean of the Tracy–Widom law of order 1 (Bornemann 2010, table 2).
TRACY_WIDOM = sp.Rational(-12065335745820, 10**13)


def edge(rho: float) -> float:
    """(1 + √(1/ρ))² with ρ = m/d: the Marchenko–Pastur edge."""
    return float((1 + 1 / math.sqrt(rho)) ** 2)


def mean_of_square(d: int, m: int) -> float:
    """E R² of m uniform points of the sphere in R^d, with the corrections of orders d^(−2/3) and 1/d."""
    gamma, sums = d / m, float(np.sqrt(m - 0.5) + np.sqrt(d - 0.5))
    width = sums * float((m - 0.5) ** -0.5 + (d - 0.5) ** -0.5) ** (1 / 3)
    return float((sums**2 + width * float(TRACY_WIDOM)) / m - 2 / d * gamma**0.5 * (1 + gamma**0.5) ** 2)


def _without_rows(d: int, m: int) -> float:
    """The Gaussian edge: rows not normalised."""
    gamma = d / m
    return float(mean_of_square(d, m) + 2 / d * gamma**0.5 * (1 + gamma**0.5) ** 2)


def next_order(d: int, m: int) -> float:
    """What the row correction may be off by; form and constant 5/2 calibrated (docstring of the module)."""
    gamma = d / m
    row = 2 / d * gamma**0.5 * (1 + gamma**0.5) ** 2
    return float(row * -np.expm1(-2.5 * (1 + gamma**0.5) ** (4 / 3) * d ** (-2 / 3)))


ISOTROPIC = Identity(
    name="isotropic",
    sentence="The sphere and the cube are 1-bounded exactly: d E<u, x>² = 1 in every direction.",
    quantity=Quantity(symbol=along, meaning="d E<u, x>², u a unit vector"),
    statement=Eq(along, sp.Integer(1)),
    parameters=(
        Parameter("distribution", sp.Symbol("D"), "distribution of x", Choice(("sphere", "cube"))),
        DIMENSION,
        Parameter("tilt", sp.Symbol("tau"), "u is along (1, 2^−τ, …, d^−τ)", Integer(0)),
    ),
    published=lambda: 1.0,
    decoys=(
        Decoy(name="one degree lost", sentence="1 − 1/d", published=lambda d: 1 - 1 / d),
        Decoy(name="1/d", sentence="R²/d² in the definition", published=lambda d: 1 / d),
    ),
)
EVERY = Bound(
    name="every_distribution",
    sentence="Every distribution on the sphere is √d-bounded, and a single point is no better.",
    quantity=SQUARE,
    statement=sp.Le(square, d),
    parameters=(DIMENSION, Parameter("m", m, "random points that D is uniform on", Integer(1))),
    published=lambda d: float(d),
    side="below",
    decoys=(
        Decoy(name="root", sentence="R² ≤ √d", published=lambda d: float(np.sqrt(d))),
        Decoy(name="d − 1", sentence="R² ≤ d − 1", published=lambda d: float(d - 1)),
    ),
)
OF_POINTS = Identity(
    name="given_points",
    ours=True,
    sentence="R² of a D on given points is d times the largest eigenvalue of their second moment.",
    quantity=SQUARE,
    statement=Eq(square, d * largest),
    parameters=(POINTS, DIMENSION),
    auxiliary=(
        Auxiliary(
            symbol=largest,
            meaning="‖E xxᵀ‖",
            value=lambda points: boundedness(points) ** 2 / points.shape[1],
        ),
    ),
    published=lambda points, d: boundedness(points) ** 2,
    decoys=(Decoy(name="trace", sentence="d·Tr E xxᵀ = d", published=lambda d: float(d)),),
)
RANDOM = Limit(
    name="random_points",
    sentence="For m uniform points R² tends to (1 + √(d/m))²: 1 + o(1) only where m/d grows.",
    quantity=SQUARE,
    statement=Eq(square, (1 + 1 / sp.sqrt(rho)) ** 2),
    printed_statement=Eq(square, sp.Integer(1)),
    rate=d ** sp.Rational(-2, 3),
    parameters=(
        Parameter("rho", rho, "points per dimension, m/d", Real(low=0)),
        DIMENSION,
        Parameter("m", m, "random points that D is uniform on", Integer(1)),
    ),
    published=edge,
    finite=mean_of_square,
    printed=lambda rho: 1.0,
    limit_of=lambda d, m: {"rho": m / d},
    count="m",
    decoys=(
        Decoy(
            name="d/m for its root",
            sentence="(1 + d/m)²",
            published=lambda rho: (1 + 1 / rho) ** 2,
        ),
        Decoy(
            name="no fluctuation",
            sentence="the edge itself at finite size",
            published=edge,
            finite=lambda d, m: edge(m / d),
        ),
        Decoy(
            name="rows not normalised",
            sentence="Gaussian rows in place of points of the sphere",
            published=edge,
            finite=_without_rows,
        ),
    ),
    errata=(
        Erratum(
            locator="section 1, Bounded distributions",
            printed="O(1)-bounded or even (1 + o(1))-bounded … the uniform distribution on Ω(d) random points",
            corrected="R → 1 + √(d/m): O(1) for Ω(d) points, and 1 + o(1) only if m/d → ∞",
            derivation="The largest eigenvalue of (d/m)Σ x_i x_iᵀ tends to the Marchenko–Pastur edge (1 + √(d/m))²; at "
            "m = d that is R² = 4.",
            evidence="largest eigenvalues of random points, d = 20 … 200",
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Bounded distributions",
    source=Source(paper=PAPER, locator="section 1, Bounded distributions; section 3.3"),
    convention="Squares: R² = d‖E xxᵀ‖, the least R that serves.",
    parts=(ISOTROPIC, EVERY, OF_POINTS, RANDOM),
)
