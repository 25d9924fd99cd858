"""Both sides of Poincaré's inequality for f(x) = Σ_k u_k σ(θ_kᵀx) at unit θ_k and X ~ N(0, I), by dual activations."""

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Choice, Parameter, PointSet
from lazy_assay.theory._mathematics.dual_activations import dual_of_slope
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory._mathematics.two_layer import Array, m

DIRECTIONS = Parameter(
    "theta", sp.Symbol("Theta"), "unit hidden weights, one row a neuron", PointSet("m", "d", unit=True)
)
d = sp.Symbol("d", positive=True, integer=True)
rows, outer, products = letter("Theta", m, d), letter("u", m, 1), letter("S", m, m)
# Σ_kl u_k u_l θ_kᵀθ_l S_kl.
SQUARED_SLOPE = entry(outer.T * sp.HadamardProduct(rows * rows.T, products) * outer)
SIGMAS = ("linear", "tanh", "erf", "softplus", "relu")
OF_NEURONS = Parameter("activation", sp.Symbol("sigma"), "activation", Choice(SIGMAS))


def squared_slope(theta: Array, u: Array, activation: str) -> float:
    """E‖∇f(X)‖² = Σ_kl u_k u_l θ_kᵀθ_l E σ'(θ_kᵀX)σ'(θ_lᵀX)."""
    return float(u @ (theta @ theta.T * slope_products(theta, activation)) @ u)


def slope_products(theta: Array, activation: str) -> Array:
    """E σ'(θ_kᵀX)σ'(θ_lᵀX), (m, m)."""
    c = np.clip(theta @ theta.T, -1, 1)
    return np.ones_like(c) if activation == "linear" else dual_of_slope(activation, c)


def slope_of_mean(theta: Array, u: Array, activation: str) -> float:
    """‖E∇f(X)‖²."""
    if activation == "linear":
        return squared_slope(theta, u, activation)
    return float(dual_of_slope(activation, 0.0)) * squared_slope(theta, u, "linear")


SLOPES = (
    Auxiliary(symbol=rows, meaning="hidden weights", value=lambda theta: theta, latex=r"\Theta"),
    Auxiliary(symbol=outer, meaning="output weights", value=lambda u: u[:, None], latex=r"u"),
    Auxiliary(
        symbol=products,
        meaning="E σ'(θ_kᵀX)σ'(θ_lᵀX), dual activations of slopes",
        value=slope_products,
        latex=r"S",
    ),
)
