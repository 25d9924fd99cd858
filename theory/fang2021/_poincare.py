"""Both sides of Poincaré's inequality for f(x) = Σ_k u_k σ(θ_kᵀx) at unit θ_k and X ~ N(0, I), by dual activations."""

import numpy as np
import sympy as sp

from lazy_assay.theory import Choice, Parameter, PointSet
from lazy_assay.theory._mathematics.dual_activations import dual_of_slope
from lazy_assay.theory._mathematics.two_layer import Array

DIRECTIONS = Parameter(
    "theta", sp.Symbol("Theta"), "unit hidden weights, one row a neuron", PointSet("m", "d", unit=True)
)
SIGMAS = ("linear", "tanh", "erf", "softplus", "relu")
OF_NEURONS = Parameter("activation", sp.Symbol("sigma"), "activation", Choice(SIGMAS))


def squared_slope(theta: Array, u: Array, activation: str) -> float:
    """E‖∇f(X)‖² = Σ_kl u_k u_l θ_kᵀθ_l E σ'(θ_kᵀX)σ'(θ_lᵀX)."""
    c = theta @ theta.T
    slopes = np.ones_like(c) if activation == "linear" else dual_of_slope(activation, np.clip(c, -1, 1))
    return float(u @ (c * slopes) @ u)


def slope_of_mean(theta: Array, u: Array, activation: str) -> float:
    """‖E∇f(X)‖²."""
    if activation == "linear":
        return squared_slope(theta, u, activation)
    return float(dual_of_slope(activation, 0.0)) * squared_slope(theta, u, "linear")
