"""The infinite-width limit of μP for one hidden layer, linear: training moves the kernel at every width.

Network f(x) = (1/n) Σ_i a_i <w_i, x>, a_i ~ N(0, 1), w_i ~ N(0, I); one input of norm one and its label y; gradient
descent on ½(f − y)² with learning rate nη in every parameter (μP: 1/n in front, n in the rate). After each step

    U ← (1 + ηr)² U,   V ← (1 − ηr)² V,   r = y − f,    f = (U − V)/2,   k = (U + V)/2,

with U = V = 1 at the start: f is the output, k half the tangent kernel, which would stay 1 were training lazy.

Derivation. With g_i = <w_i, x> the gradients give a_i ← a_i + ηr g_i and g_i ← g_i + ηr a_i, hence u_i = (a_i + g_i)/√2
← (1 + ηr)u_i and v_i = (a_i − g_i)/√2 ← (1 − ηr)v_i. With U, V the means of u_i², v_i² that is the recursion, f = (1/n)
Σ a_i g_i and k = (1/2n) Σ (a_i² + g_i²). At the start u_i, v_i are independent standard Gaussians: U, V → 1.

Finite width: U, V start as independent χ²_n/n, and f and k are polynomials in them, of degree 3^steps. Their means are
taken by Gauss quadrature with the law of χ²_n/n as weight, of m nodes, exact up to the degree 2m − 1. The degrees are
why steps end at three: beyond, the mean exists and is made by draws that nobody will ever see.

Source: Yang and Hu 2021 (arXiv 2011.14522), the limit of μP with one hidden layer, here with a linear activation.
"""

import math
from functools import lru_cache

import numpy as np
import sympy as sp
from scipy.linalg import eigh_tridiagonal

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Growth, Integer, Limit, Parameter, Quantity, Real, Source

from . import PAPER

n = sp.Symbol("n", positive=True, integer=True)
eta, y = sp.Symbol("eta", positive=True), sp.Symbol("y", positive=True)
f, k = sp.Symbol("f", real=True), sp.Symbol("k", nonnegative=True)
U, V = sp.symbols("U V", nonnegative=True)

OUTPUT = Quantity(symbol=f, meaning="E f at the training input after the steps", units="units of y")
KERNEL = Quantity(symbol=k, meaning="E of half the tangent kernel there, 1 at the start", units="of the first", low=0)
WIDTH = Parameter("n", n, "hidden neurons", Integer(16))
RATE = Parameter("eta", eta, "η, learning rate over the width", Real(0, 0.3, closed_high=True))
LABEL = Parameter("y", y, "label", Real(0, 2, closed_high=True), "units of y")
STEPS = Parameter("steps", sp.Symbol("T", positive=True, integer=True), "steps of descent", Integer(1, 3))
Pair = tuple[np.ndarray, np.ndarray]


def trained(first: Pair, eta: float, y: float, steps: int) -> Pair:
    """U and V after the steps, elementwise."""
    up, down = first
    for _ in range(steps):
        moved = eta * (y - (up - down) / 2)
        up, down = up * (1 + moved) ** 2, down * (1 - moved) ** 2
    return up, down


def moments(eta: float, y: float, steps: int) -> tuple[float, float]:
    """Output and half the kernel in the limit, by their own recursion: p' = p(1 + m²) + 2mk, k' = k(1 + m²) + 2mp."""
    output, kernel = 0.0, 1.0
    for _ in range(steps):
        m = eta * (y - output)
        output, kernel = output * (1 + m * m) + 2 * m * kernel, kernel * (1 + m * m) + 2 * m * output
    return output, kernel


@lru_cache(maxsize=64)
def chi_square(n: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss's rule for the law of χ²_n/n: Laguerre's recurrence with α = n/2 − 1."""
    j = np.arange(nodes)
    off = np.sqrt(j[1:] * (j[1:] + n / 2 - 1))
    at, vectors = eigh_tridiagonal(2 * j + n / 2, off)
    return 2 * at / n, vectors[0] ** 2


def means(n: int, eta: float, y: float, steps: int) -> tuple[float, float]:
    """E f and E k at width n."""
    at, weights = chi_square(n, math.ceil((3**steps + 1) / 2))
    up, down = trained((at[:, None] + 0 * at, at[None, :] + 0 * at[:, None]), eta, y, steps)
    return float(weights @ ((up - down) / 2) @ weights), float(weights @ ((up + down) / 2) @ weights)


def _lazy(eta: float, y: float, steps: int) -> float:
    return y * (1 - (1 - 2 * eta) ** steps)


def _first_order(eta: float, y: float, steps: int) -> tuple[float, float]:
    output, kernel = 0.0, 1.0
    for _ in range(steps):
        m = eta * (y - output)
        output, kernel = output + 2 * m * kernel, kernel + 2 * m * output
    return output, kernel


def _one_layer(eta: float, y: float, steps: int) -> float:
    return y * (1 - (1 - eta) ** steps)


def _ended(which: int, symbol: sp.Symbol) -> Auxiliary:
    return Auxiliary(
        symbol=symbol,
        meaning=f"Π_t (1 {'+−'[which]} ηr_t)², r_t the residual before step t",
        value=lambda eta, y, steps: float(trained((np.ones(1), np.ones(1)), eta, y, steps)[which][0]),
    )


GROWTH = Growth(size="n", others=lambda n, ratio: {"eta": 0.2, "y": 1.5, "steps": 3})
CLAIM = Claim(
    module=__name__,
    title="μP's limit for a linear network",
    source=Source(paper=PAPER, locator="the limit of μP for one hidden layer, σ linear"),
    convention="One input of norm one; the learning rate is nη in both layers.",
    parts=(
        Limit(
            name="output",
            sentence="As the width grows the trained output tends to that of a recursion in which the kernel moves.",
            quantity=OUTPUT,
            statement=Eq(f, (U - V) / 2),
            rate=1 / n,
            growth=GROWTH,
            parameters=(WIDTH, RATE, LABEL, STEPS),
            auxiliary=(_ended(0, U), _ended(1, V)),
            published=lambda eta, y, steps: moments(eta, y, steps)[0],
            finite=lambda n, eta, y, steps: means(n, eta, y, steps)[0],
            limit_of=lambda n, eta, y, steps: {"eta": eta, "y": y, "steps": steps},
            decoys=(
                Decoy(name="lazy", sentence="the kernel of the start throughout: NTK", published=_lazy),
                Decoy(
                    name="first order in η",
                    sentence="the squares of the step dropped: gradient flow taken at its first order",
                    published=lambda eta, y, steps: _first_order(eta, y, steps)[0],
                ),
                Decoy(
                    name="one layer", sentence="a factor 2 lost: the hidden layer does not train", published=_one_layer
                ),
            ),
        ),
        Limit(
            name="kernel",
            sentence="Half the tangent kernel tends to a number other than the 1 of the start.",
            quantity=KERNEL,
            statement=Eq(k, (U + V) / 2),
            rate=1 / n,
            growth=GROWTH,
            parameters=(WIDTH, RATE, LABEL, STEPS),
            auxiliary=(_ended(0, U), _ended(1, V)),
            published=lambda eta, y, steps: moments(eta, y, steps)[1],
            finite=lambda n, eta, y, steps: means(n, eta, y, steps)[1],
            limit_of=lambda n, eta, y, steps: {"eta": eta, "y": y, "steps": steps},
            decoys=(
                Decoy(name="lazy", sentence="k = 1 at every time", published=lambda eta, y, steps: 1.0),
                Decoy(
                    name="first order in η",
                    sentence="the squares of the step dropped",
                    published=lambda eta, y, steps: _first_order(eta, y, steps)[1],
                ),
            ),
        ),
    ),
)
