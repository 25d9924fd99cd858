"""Section 1: R-boundedness. D on the sphere is R-bounded if E<u, x>² ≤ R²/d for all unit u: R² = d‖E xxᵀ‖.

`isotropic`. On the sphere and on the cube {±1/√d}^d E xxᵀ = I/d, by symmetry: d E<u, x>² = 1 for every u, so R = 1.

`every_distribution`. R² ≤ d by Cauchy–Schwarz, with equality for a single point, and nowhere else but at ±one point.

`random_points`. D uniform on m uniform points: R² is the largest eigenvalue of (d/m)Σ x_i x_iᵀ, which tends to the
Marchenko–Pastur edge (1 + √(d/m))² for d, m → ∞ at a fixed ratio; the gap is of order d^(−2/3). The mean at finite
size: `_largest_eigenvalue`, exact for d ≤ 2 or m ≤ 3, within a fifth of the edge's width elsewhere.

The paper lists the sphere, the cube and "the uniform distribution on Ω(d) random points" as "O(1)-bounded or even
(1 + o(1))-bounded". Of the mixed list that is right: the first two are 1-bounded, Ω(d) points O(1)-bounded, with R →
1 + √(d/m), and (1 + o(1))-bounded where m/d → ∞, as at section 3.3's m = d^c, c > 1.

Source: Daniely 2020, section 1 ("Bounded distributions"), section 3.3.
"""

import math

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Limit,
    Parameter,
    Quantity,
    Real,
    Source,
    in_proportion,
)
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._approximation import boundedness
from lazy_assay.theory.daniely2019._largest_eigenvalue import allowance, gaussian_edge, is_exact, mean_of_square
from lazy_assay.theory.daniely2019._parameters import DIMENSION, POINTS

d, m = sp.symbols("d m", integer=True, positive=True)
rho = sp.Symbol("rho", positive=True)
square = sp.Symbol("R2", positive=True)
along = sp.Symbol("r", nonnegative=True)
largest = sp.Symbol("lambda_1", positive=True)
SQUARE = Quantity(symbol=square, meaning="R² = d‖E xxᵀ‖", low=1, latex=r"R^2")


def edge(rho: float) -> float:
    """(1 + √(1/ρ))² with ρ = m/d: the Marchenko–Pastur edge."""
    return float((1 + 1 / math.sqrt(rho)) ** 2)


def _without_rows(d: int, m: int) -> float:
    """The Gaussian edge, rows not normalised, where the mean is an expansion; elsewhere the mean itself."""
    return mean_of_square(d, m) if is_exact(d, m) else gaussian_edge(d, m)


ISOTROPIC = Identity(
    name="isotropic",
    sentence="The sphere and the cube are 1-bounded exactly: d E<u, x>² = 1 in every direction.",
    quantity=Quantity(
        symbol=along, meaning="d E<u, x>², u a unit vector", low=0, latex=r"d\,\mathbb{E}\langle u,x\rangle^2"
    ),
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
    latex=r"R^2\leq d",
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
    latex=r"R^2=d\,\lambda_1(\mathbb{E}xx^\top)",
    parameters=(POINTS, DIMENSION),
    auxiliary=(
        Auxiliary(
            symbol=largest,
            meaning="‖E xxᵀ‖",
            value=lambda points: boundedness(points) ** 2 / points.shape[1],
            latex=r"\lambda_1(\mathbb{E}xx^\top)",
        ),
    ),
    published=lambda points, d: boundedness(points) ** 2,
    decoys=(Decoy(name="trace", sentence="d·Tr E xxᵀ = d", published=lambda d: float(d)),),
)
RANDOM = Limit(
    name="random_points",
    sentence="For m uniform points R² tends to (1 + √(d/m))²: O(1), and 1 + o(1) where m/d grows.",
    quantity=SQUARE,
    statement=Eq(square, (1 + 1 / sp.sqrt(rho)) ** 2),
    latex=r"R^2=\left(1+\sqrt{1/\rho}\right)^2",
    rate=d ** sp.Rational(-2, 3),
    parameters=(
        Parameter("rho", rho, "points per dimension, m/d", Real(low=0), latex=r"\rho"),
        DIMENSION,
        Parameter("m", m, "random points that D is uniform on", Integer(1)),
    ),
    published=edge,
    finite=mean_of_square,
    finite_allowance=allowance,
    limit_of=lambda d, m: {"rho": m / d},
    growth=in_proportion("m"),
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
)
CLAIM = Claim(
    module=__name__,
    title="Bounded distributions",
    source=Source(paper=PAPER, locator="section 1, Bounded distributions; section 3.3"),
    convention="Squares: R² = d‖E xxᵀ‖, the least R that serves.",
    parts=(ISOTROPIC, EVERY, OF_POINTS, RANDOM),
)
