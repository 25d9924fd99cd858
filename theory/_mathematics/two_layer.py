"""Two-layer networks f(x) = (α/m) Σ_j u_j h(θ_j, x) with h(θ, x) = σ(θᵀx) and one output: features, kernels, letters.

Our convention, where the paper leaves one open: u_j and the entries of θ_j are N(0, 1) (σ² = 1 in the paper), inputs of
limits are unit vectors, the squared loss is L(v, y) = ½(v − y)² under the mean over the n points.

    k_m^u(x, x') = (1/m) Σ_j σ(θ_jᵀx) σ(θ_jᵀx'),
    k_m^θ(x, x') = (1/m) Σ_j u_j² σ'(θ_jᵀx) σ'(θ_jᵀx') <x, x'>.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Choice, Integer, Parameter, PointSet, Quantity, Real, Vector
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS, dual, dual_of_slope, named

Array = np.ndarray
CONVENTION = (
    "h(θ, x) = σ(θᵀx); u_j and the entries of θ_j are N(0, 1); L(v, y) = ½(v − y)² under the mean over the n points."
)

alpha = sp.Symbol("alpha", positive=True)
m = sp.Symbol("m", positive=True, integer=True)
n = sp.Symbol("n", positive=True, integer=True)
c = sp.Symbol("c", real=True)
sigma = sp.Symbol("sigma")
lam = sp.Symbol("lambda", positive=True)

ACTIVATION = Parameter("activation", sigma, "activation", Choice(tuple(ACTIVATIONS)))
# A tangent model wants slopes that are no step functions in the data, for descent is compared in rounding.
SCALE = Parameter("alpha", alpha, "scaling of the output", Real(0))
WIDTH = Parameter("m", m, "number of hidden units", Integer(1))
CORRELATION = Parameter(
    "correlation", c, "product of two unit inputs", Real(-1, 1, closed_low=True, closed_high=True), latex=(r"x^\top x'")
)
THETA = Parameter(
    "theta", sp.Symbol("Theta", commutative=False), "hidden weights, one row a neuron, (m, d)", PointSet("m", "d")
)
U = Parameter("u", sp.Symbol("u", commutative=False), "output weights, one a neuron", Vector("m"))
POINTS = Parameter(
    "points", sp.Symbol("X", commutative=False), "training inputs, one a row, (n, d)", PointSet("n", "d", unit=True)
)
LABELS = Parameter("labels", sp.Symbol("y", commutative=False), "training targets", Vector("n"))
CENTRES = Parameter(
    "centres",
    sp.Symbol("Z", commutative=False),
    "inputs at which outputs are read off and summed, one a row",
    PointSet("c", "d", unit=True),
)
REGULARISATION = Parameter("lambda_", lam, "strength λ of the L2 regulariser", Real(0))
OUTPUT = Quantity(symbol=sp.Symbol("f"), meaning="output, summed over the inputs Z", units="output", latex=r"f(x)")


def features(theta: Array, x: Array, activation: str) -> Array:
    """h(θ_j, x_i), shape (inputs, m)."""
    return np.asarray(named(activation).value(x @ theta.T))


def slopes(theta: Array, x: Array, activation: str) -> Array:
    """σ'(θ_jᵀx_i), shape (inputs, m)."""
    return np.asarray(named(activation).slope(x @ theta.T))


def kernel_u(theta: Array, x: Array, z: Array, activation: str) -> Array:
    """k_m^u, which is k_m of random features too; shape (inputs x, inputs z)."""
    return np.asarray(features(theta, x, activation) @ features(theta, z, activation).T / len(theta))


def kernel_theta(theta: Array, u: Array, x: Array, z: Array, activation: str) -> Array:
    """k_m^θ for one output, shape (inputs x, inputs z)."""
    S, T = slopes(theta, x, activation), slopes(theta, z, activation)
    return np.asarray((S * u**2) @ T.T / len(theta) * (x @ z.T))


def output(theta: Array, u: Array, alpha: float, x: Array, activation: str) -> Array:
    """f([u, θ], x), shape (inputs,)."""
    return np.asarray(alpha / len(theta) * features(theta, x, activation) @ u)


def limiting_kernel_u(x: Array, z: Array, activation: str) -> Array:
    """k_∞^u at unit inputs."""
    return dual(activation, x @ z.T)


def limiting_kernel_theta(x: Array, z: Array, activation: str) -> Array:
    """k_∞^θ at unit inputs, for one output and σ² = 1."""
    return np.asarray((x @ z.T) * dual_of_slope(activation, x @ z.T))
