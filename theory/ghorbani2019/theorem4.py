"""Theorem 4: the risk of random features on the mixture of two Gaussians, for any activation and any covariances.

    R_RF → (1 + ζ₁λ₂²ψ)/(1 + (ζ₁ + ζ₂)λ₂²ψ),    ζ₁ = d·Tr(ΣΓΣΓ)/2,  ζ₂ = d·Tr(ΔΓ)²/4,
    −λ̃ = −ρ/ψ + ∫ λ₁² t/(1 + λ₁² t ψ) D(dt),

with λ_k = E[σ(G) He_k(G)] (monic Hermite polynomials), λ̃ = E[σ(G)²] − λ₁², D the spectral law of d·Γ^{1/2}ΣΓ^{1/2}, σ
centred: λ₀ = 0.

Derivation. Given W, R = 1 − vᵀK⁻¹v with K = E φφᵀ, v = E yφ, φ_i = σ(⟨w_i, x⟩). Write K = K⊥ + vvᵀ; Sherman–Morrison
gives R = 1/(1 + vᵀK⊥⁻¹v). ⟨w,x⟩ has variance q ∓ D in the two classes, q = ⟨w,Σw⟩ → 1, D = ⟨w,Δw⟩ → Tr(ΔΓ) = O(1/√d),
and d E σ(√q G)/dq = λ₂/2 at q = 1, so v → −(λ₂/2)Tr(ΔΓ)·1. K⊥ is Theorem 1's Gram matrix: a degree-1 part and a ridge,
K₀ with 1ᵀK₀⁻¹1 = dψ, and from degree 2 the rank one (λ₂²/2)Tr(ΣΓΣΓ)11ᵀ. Hence vᵀK⊥⁻¹v = ζ₂λ₂²ψ/(1 + ζ₁λ₂²ψ), and (15)
follows as printed.

Odd activations have λ₂ = 0 and v = 0: the risk is 1 for every W.

Finite size: `_mixture_equivalent`, derived there and in `_mixture_feature_law`; heuristic where they say so. Where it
holds, and how well: `_finite_range`, calibrated on configurations and streams of its own. Exact for odd σ and for
polynomial σ whose features span what they can. The 1/d coefficient for x² − 1, Σ = I, Γ = I/d is
`_mixture_equivalent.one_over_d_coefficient`.

Convention: y = ±1, Σ(1) = Σ − Δ for y = +1 (the sign of Δ does not matter).
Source: Ghorbani et al. 2019, section 3.1, Theorem 4, Eqs. (14), (15).
"""

from dataclasses import replace

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Limit, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._concentration import of_theorem_4
from lazy_assay.theory.ghorbani2019._finite_range import MIXTURE_RANGE, mixture_allowance
from lazy_assay.theory.ghorbani2019._mixture import (
    B2,
    CONVENTION,
    DELTA,
    EXISTS,
    GAMMA,
    M1,
    M2,
    NORMALISED,
    RF_RISK,
    SIGMA,
    ZETA_1,
    ZETA_2,
    whitened,
    whitened_weights,
    zeta1,
    zeta2,
    zeta_1,
    zeta_2,
)  # fmt: skip
from lazy_assay.theory.ghorbani2019._mixture_equivalent import finite_mixture_risk, in_joint_basis
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    DIMENSION,
    NEURONS,
    RHO,
    Array,
    activation_parameter,
    aspect,
    d,
    inner,
)
from lazy_assay.theory.ghorbani2019.theorem1 import (
    A1,
    EQUATION_9,
    HERMITE_1,
    HERMITE_2,
    RIDGE,
    constants,
    lambda_2,
    psi,
    solved,
)

RIGHT_HAND_SIDE = (1 + zeta_1 * lambda_2**2 * psi) / (1 + (zeta_1 + zeta_2) * lambda_2**2 * psi)
# Eq. (14) is Eq. (9) with t_i the eigenvalues of d·Γ^{1/2}ΣΓ^{1/2}.
EQUATION_14 = EQUATION_9


def gain(rho: float, Sigma: Array, Gamma: Array, activation: str, ridge_less: float = 0.0) -> float:
    """λ₂²ψ; `ridge_less` is taken off λ̃ (for decoys)."""
    tilde = whitened_weights(Sigma, Gamma)
    return solved(rho, tilde, activation, ridge_less) * constants(activation)[1] ** 2


def limit_risk(rho: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
    """Eq. (15) without its o(1)."""
    whitened(Sigma, Delta)
    return ratio(gain(rho, Sigma, Gamma, activation), zeta1(Sigma, Gamma), zeta2(Delta, Gamma))


def ratio(gain: float, first: float, second: float) -> float:
    """(1 + ζ₁λ₂²ψ)/(1 + (ζ₁ + ζ₂)λ₂²ψ)."""
    return (1 + first * gain) / (1 + (first + second) * gain)


def finite_risk(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
    """E R_RF,N at this d and N."""
    gamma, turned = in_joint_basis(whitened_weights(Sigma, Gamma), whitened(Sigma, Delta))
    return finite_mixture_risk(N, gamma, turned, activation)


def _variance_for_ridge(rho: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
    shifted = gain(rho, Sigma, Gamma, activation, -(constants(activation)[0] ** 2))
    return ratio(shifted, zeta1(Sigma, Gamma), zeta2(Delta, Gamma))


def _with_zetas(first: float, second: float) -> Decoy:
    """Eq. (15) with ζ₁, ζ₂ multiplied."""
    names = "ζ₁ without its 1/2" if first != 1 else "ζ₂ with 1/2 for 1/4"

    def published(rho: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
        return ratio(gain(rho, Sigma, Gamma, activation), first * zeta1(Sigma, Gamma), second * zeta2(Delta, Gamma))

    return Decoy(name=names, sentence="a factor 2 lost in a trace", published=published)


def _isotropic(rho: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
    """Anisotropy of Γ^{1/2}ΣΓ^{1/2} forgotten: ζ₁ = 1/2."""
    return ratio(gain(rho, Sigma, Gamma, activation), 0.5 * inner(Gamma, Sigma) ** 2, zeta2(Delta, Gamma))


def _trace_of_square(rho: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
    """Tr(Δ²)/d in place of Tr(ΔΓ)²·d: the energy of Δ, not its mean, as the signal."""
    return ratio(gain(rho, Sigma, Gamma, activation), zeta1(Sigma, Gamma), inner(Delta, Delta) / 4)


PSI = Auxiliary(
    symbol=psi, meaning="effective ridge, the root of Eq. (14)", definition=EQUATION_14,
    value=lambda rho, Sigma, Gamma, activation: solved(rho, whitened_weights(Sigma, Gamma), activation),
    definition_latex=(
        r"-\tilde\lambda=-\frac{\rho}{\psi}+\int\frac{\lambda_1^2 t}{1"
        r"+\lambda_1^2 t\psi}\,\mathcal{D}(\mathrm{d}t)"
    ),
)  # fmt: skip
PARAMETERS = (RHO, DIMENSION, NEURONS, SIGMA, DELTA, GAMMA, activation_parameter(tuple(ACTIVATIONS)))
ASSUMPTIONS = (A1, EXISTS, M1, M2, B2, MIXTURE_RANGE)
CLAIM = Claim(
    module=__name__,
    title="Risk of random features, mixture of Gaussians",
    source=Source(paper=PAPER, locator="section 3.1, Theorem 4, Eqs. (14), (15)"),
    convention=CONVENTION + " σ is centred: λ₀ = 0. Hermite polynomials are monic (λ₂ = 2 for x² − 1).",
    parts=(
        Limit(
            sentence="Random features tell the classes apart by ⟨Γ,Δ⟩ alone, one direction seen through a ridge.",
            quantity=RF_RISK,
            statement=Eq(RF_RISK.symbol, RIGHT_HAND_SIDE),
            latex=r"R_{\mathrm{RF},N}(\mathbb{P}_{\Sigma,\Delta})=\frac{1+\zeta_1(d)\lambda_2^2\psi}{1+\left(\zeta_1(d)+\zeta_2(d)\right)\lambda_2^2\psi}+o_{d,\mathbb{P}}(1)",
            rate=1 / d,
            parameters=PARAMETERS,
            relations=(NORMALISED,),
            auxiliary=(PSI, HERMITE_1, HERMITE_2, RIDGE, ZETA_1, ZETA_2),
            assumptions=ASSUMPTIONS,
            published=limit_risk,
            finite=finite_risk,
            finite_allowance=mixture_allowance,
            limit_of=aspect,
            decoys=(
                _with_zetas(2, 1),
                _with_zetas(1, 2),
                Decoy(
                    name="λ₁² kept in the ridge",
                    sentence="λ̃ = E[σ²]: the linear part counted twice",
                    published=_variance_for_ridge,
                ),
                Decoy(
                    name="ζ₁ of isotropic weights",
                    sentence="ζ₁ = 1/2, its value at Σ = I, Γ = I/d",
                    published=_isotropic,
                ),
                Decoy(
                    name="‖Δ‖² for Tr(ΔΓ)²",
                    sentence="ζ₂ = ‖Δ‖_F²/4: all of Δ, not its trace",
                    published=_trace_of_square,
                ),
                Decoy(
                    name="N for d",
                    sentence="ρ read as d/N",
                    published=lambda rho, Sigma, Delta, Gamma, activation: limit_risk(
                        1 / rho, Sigma, Delta, Gamma, activation
                    ),
                ),
            ),
        ),
    ),
)
# The o_{d,P}(1) of the same statement, with its letters: see `_concentration`.
CLAIM = replace(CLAIM, parts=(*CLAIM.parts, of_theorem_4(CLAIM.parts[0])))
