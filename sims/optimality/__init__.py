"""A certificate of optimality: how far a two-layer network is from the best there is, of any width, with a proof.

    >>> from lazy_assay import optimality_gap
    >>> found = optimality_gap(net, x, y, lambda_u=0.02, lambda_theta=0.002)
    >>> found.gap                 # φ(ρ) − inf φ ≤ gap
    >>> found.theta, found.u      # the neuron that promises most: add it, and train on

φ(ρ) = (1/n) Σ_i L(f(ρ, x_i), y_i) + ∫ (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖² dρ, f(ρ, x) = α∫ u σ(θᵀx) dρ, over all probability
measures ρ on neurons (Fang, Dong, Zhang 2021, Eqs. (15), (16)); a network of m neurons is ρ = (1/m) Σ_j δ_(u_j, θ_j).
In the parameters φ is not convex, and a network where its gradient vanishes may be far from optimal; in ρ it is convex.

For every q, L(v) ≥ q·v − L*(q), so that for every ρ'

    φ(ρ') ≥ −(1/n) Σ L*(q_i, y_i) + ∫ g_q dρ' ≥ −(1/n) Σ L*(q_i, y_i) + inf_w g_q(w),
    g_q(u, θ) = (α/n) Σ_i q_i·u σ(θᵀx_i) + (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖²,

and gap = φ(ρ) + (1/n) Σ L*(q_i, y_i) − inf g_q. With q_i = L'_1(f(ρ, x_i), y_i), g_q is g of Eq. (18), and this is ∫g
dρ − inf g. For bounded σ (tanh, sigmoid, erf) and λ_u, λ_θ > 0 the infimum is enclosed by branch and bound with
interval arithmetic, in the box that it must lie in (`bounded`); far from optimal networks another q, s L'_1 with s < 1,
gives the smaller gap. For σ of degree one (ReLU, leaky ReLU, |z|) it is 0 where max ‖a(θ)‖/‖θ‖ ≤ √(λ_uλ_θ), a(θ) =
(α/n) Σ q_i σ(θᵀx_i), and −∞ otherwise: q is L' scaled down until it is feasible, the largest ratio being enclosed
likewise (`directions`).

Everything is in real arithmetic at the float64 values given; roundings go into the bound. Assumed of the machine: IEEE
754 arithmetic rounding to nearest, exp, log and tanh within 4 units in the last place. In more than a few dimensions
branch and bound is stopped by its number of boxes: the gap is then still an upper bound, and `resolved` is False.
Refused, by name: what is neither bounded nor homogeneous (softplus: g may have no infimum), λ_u = 0, λ_θ = 0 (neurons
then may leave every box), a last layer with a bias, numbers whose products leave float64's range.

Weight decay of a plain network f = Σ_j v_jσ(w_jᵀx) of m neurons, (μ/2)(‖v‖² + ‖w‖²), is λ_u = μ/m, λ_θ = μ m, α = 1.
"""

from __future__ import annotations

from typing import Any

from lazy_assay.sims.optimality.errors import OptimalityError
from lazy_assay.sims.optimality.network import Neurons
from lazy_assay.sims.optimality.result import OptimalityGap

__all__ = ["Neurons", "OptimalityError", "OptimalityGap", "optimality_gap"]


def optimality_gap(
    network: Any,
    x: Any,
    y: Any,
    *,
    lambda_u: float,
    lambda_theta: float,
    loss: str = "squared",
    tolerance: float = 1e-7,
    boxes: int = 200_000,
) -> OptimalityGap:
    """An upper bound of φ(ρ) − inf φ of a two-layer network on data, and the neuron that would lower φ most.

    network: `Neurons`, or an nn.Sequential of Linear, Tanh, Sigmoid, ReLU or LeakyReLU, and Linear without a bias (α =
    1, u_j = m v_j; a bias of the first layer is a last entry of θ, and regularised with it). x (n, d); y (n,) or (n,
    k). loss: squared, L = ½‖v − y‖²; logistic, one output and y = ±1; cross_entropy, y rows of class probabilities.
    tolerance: to which the infimum of g is enclosed (a share, for homogeneous activations), with at most so many
    `boxes`. Raises OptimalityError, one line, for what no certificate is given for.
    """
    from lazy_assay.sims.optimality import certificate

    return certificate.gap(network, x, y, loss, lambda_u, lambda_theta, tolerance, boxes)
