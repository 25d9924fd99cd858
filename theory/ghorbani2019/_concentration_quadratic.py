"""The part `concentration` of Corollary 1: over draws of W the risk spreads by √V₂/d, V₂ in closed form.

With σ(x) = x² − 1: η = 2, θ = 1 in `_feature_spread`, and with g_k = d^{k−1}Tr Γ^k, h = ρg₂, q = d<B,Γ>²/‖B‖²,
q_k = d^k<B,Γ>Tr(BΓ^k)/‖B‖² and q' = d²Tr(BΓBΓ)/‖B‖²,

    V₂ = 2(hS² + 2ρ²g₃SK + ρ³g₄K²) + 8(ρq₂S + ρ²q₃K)/(1+h) + 8ρqq'/(1+h)² + 4h²q²/(1+h)⁴ + 2h²q²/(1+h)⁶,
    S = q(−2/(1+h)² + (4h + 2ρ²g₃)/(1+h)³) − 2ρq₂/(1+h)²,    K = −2q/(1+h)².

At Γ = I/d all g are 1, q = q₂ = q₃ = t, q' = 1: V₂ = 8ρt(1−t)/(1+ρ)² + t²ρ²[4 + (2+8ρ)/(1+ρ)²]/(1+ρ)⁴.
"""

from dataclasses import replace

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Decoy, Eq, Limit, Part, Quantity
from lazy_assay.theory.ghorbani2019._concentration import CONSTANT, at_size, features_share, inside, on_target
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, aspect, concentration, d, inner, overlap, rho
from lazy_assay.theory.ghorbani2019._random_features import in_the_eigenbasis

g3, g4, q2, q3, turned = sp.symbols("g_3 g_4 q_2 q_3 qprime", real=True)
damping = sp.Symbol("u", positive=True)
h, q, u = rho * concentration, overlap, damping
K = -2 * q * u**2
S = q * (-2 * u**2 + (4 * h + 2 * rho**2 * g3) * u**3) - 2 * rho * q2 * u**2
NEURONS_SPREAD = 2 * (h * S**2 + 2 * rho**2 * g3 * S * K + rho**3 * g4 * K**2) + 8 * u * (
    rho * q2 * S + rho**2 * q3 * K
)
STATEMENT = NEURONS_SPREAD + 8 * rho * q * turned * u**2 + 4 * (h * q * u**2) ** 2 + 2 * (h * q * u**3) ** 2
QUANTITY = Quantity(
    symbol=sp.Symbol("V_2", nonnegative=True),
    meaning="d² times the variance of the risk over draws of W",
    low=0,
    latex=r"d^2\operatorname{Var}(R)",
)


def _moment(k: int, Gamma: Array) -> float:
    """g_k."""
    n = len(Gamma)
    gamma = in_the_eigenbasis(np.ones(n), Gamma)[0]
    return float(n ** (k - 1) * (gamma**k).sum())


def _overlap(k: int, B: Array, Gamma: Array) -> float:
    """q_k."""
    gamma, target = in_the_eigenbasis(B, Gamma)
    n, diagonal = len(gamma), np.diagonal(target)
    return float(n**k * (diagonal @ gamma) * (diagonal @ gamma**k) / inner(B, B))


def _turned(B: Array, Gamma: Array) -> float:
    """q'."""
    gamma, target = in_the_eigenbasis(B, Gamma)
    return float(len(gamma) ** 2 * (gamma @ target**2 @ gamma) / inner(B, B))


AUXILIARY = (
    Auxiliary(
        symbol=damping,
        meaning="1/(1 + ρ d‖Γ‖_F²)",
        value=lambda rho, Gamma: 1 / (1 + rho * _moment(2, Gamma)),
        definition=Eq(damping, 1 / (1 + rho * concentration)),
        definition_latex=r"u=\frac{1}{1+\rho d\|\Gamma\|_F^2}",
        latex=r"u",
    ),
    Auxiliary(symbol=g3, meaning="d² Tr Γ³", value=lambda Gamma: _moment(3, Gamma)),
    Auxiliary(symbol=g4, meaning="d³ Tr Γ⁴", value=lambda Gamma: _moment(4, Gamma)),
    Auxiliary(symbol=q2, meaning="d²⟨B,Γ⟩Tr(BΓ²)/‖B‖_F²", value=lambda B, Gamma: _overlap(2, B, Gamma), latex=r"q_2"),
    Auxiliary(symbol=q3, meaning="d³⟨B,Γ⟩Tr(BΓ³)/‖B‖_F²", value=lambda B, Gamma: _overlap(3, B, Gamma), latex=r"q_3"),
    Auxiliary(symbol=turned, meaning="d² Tr(BΓBΓ)/‖B‖_F²", value=lambda B, Gamma: _turned(B, Gamma), latex=r"q'"),
)


def limit(rho: float, B: Array, Gamma: Array) -> float:
    """V₂, by the sums of `_feature_spread`."""
    return on_target(len(B), rho * len(B), B, Gamma, "quadratic")[1]


def finite(d: int, N: int, B: Array, Gamma: Array) -> float:
    """V₂ at ρ = N/d; at this d where the weights are flat."""
    inside(d, N, B, Gamma)
    return at_size(d, N, B, Gamma)[1]


def allowance(d: int, N: int, B: Array, Gamma: Array) -> float:
    """What `finite` may be off by."""
    return finite(d, N, B, Gamma) * features_share(d, N, B, Gamma)


def _without_pairs(rho: float, B: Array, Gamma: Array) -> float:
    g = _moment(2, Gamma)
    return limit(rho, B, Gamma) - 4 * (rho * g * _overlap(1, B, Gamma)) ** 2 / (1 + rho * g) ** 4


def _target_alone(rho: float, B: Array, Gamma: Array) -> float:
    shared = _overlap(1, B, Gamma)
    return 8 * rho * shared * (_turned(B, Gamma) - shared) / (1 + rho * _moment(2, Gamma)) ** 2


def of_corollary_1(whole: Part) -> Limit:
    """The part, with the parameters, letters and assumptions of `whole`."""
    return Limit(
        name="concentration",
        sentence="Over draws of the weights the risk concentrates: its standard deviation vanishes like 1/d.",
        quantity=QUANTITY,
        statement=Eq(QUANTITY.symbol, STATEMENT),
        rate=1 / d,
        parameters=whole.parameters,
        # Many products of them: letters, with what they stand for beside.
        auxiliary=(*(replace(item, latex=str(item.symbol)) for item in whole.auxiliary), *AUXILIARY),
        assumptions=whole.assumptions,
        published=limit,
        finite=finite,
        finite_allowance=allowance,
        limit_of=aspect,
        decoys=(
            Decoy(
                name="independent neurons",
                sentence="the Gram matrix's own noise, pair by pair, left out",
                published=_without_pairs,
            ),
            Decoy(
                name="the target alone",
                sentence="⟨w,Bw⟩ spreads beyond |w|², and nothing else does",
                published=_target_alone,
            ),
            Decoy(
                name=CONSTANT,
                sentence="a spread that stays as d grows",
                published=limit,
                finite=lambda d, N, B, Gamma: d**2 * limit(N / d, B, Gamma),
            ),
        ),
    )
