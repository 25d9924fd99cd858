"""Theorem 6: the least risk of a quadratic network with N neurons on the mixture.

    R_NN → 2/(2 + Σ_{i≤N∧d} λ_i(Δ̃)²),    λ_1 ≥ λ_2 ≥ … the singular values of Δ̃ = Σ^{-1/2}ΔΣ^{-1/2}.

Exactly, at every d, N and Σ:

    inf R = 1/(1 + ½ Σ_{i≤N∧d} λ_i²/(1 + λ_i²)).

Derivation. The class is {c + ⟨x, Ax⟩ : A symmetric of rank ≤ N}; whitening, x = Σ^{1/2}z, keeps ranks, so let Σ = I. As
in `_tangent_mixture`, R(A) at the best offset and scale is 1/(1 + X(A)), X(A) = ⟨A,Δ⟩²/(2‖A‖² + 2Tr AΔAΔ). Let A = UaUᵀ
with U (d, N) orthonormal: X depends on the compression M = UᵀΔU alone, and over all symmetric a, in M's eigenbasis,
where a ↦ a + MaM is a_ij ↦ (1 + μ_iμ_j)a_ij, the supremum is ½Σ f(μ_i), f(μ) = μ²/(1+μ²). By Cauchy's interlacing
theorem the p positive μ's are at most Δ's p largest eigenvalues and the N − p others at least its N − p smallest; f
increases in |μ|, so Σ f(μ_i) ≤ Σ f over some N eigenvalues of Δ, at most the N largest in modulus. Equality at U made
of those eigenvectors. The theorem's own form drops λ⁴ = O(1/d²) a term.

A network trained by SGD is not covered by the theorem; the paper says so, and "expect[s] a similar result". Part
`training`: gradient descent on the population risk gets there for definite Δ. For Δ of both signs it does not always:
where every a_i < 0 all functions nearby have M ⪯ 0, so the best of those is a local minimum, and other sign counts
work alike (2a_i² − |w_i|² is conserved by the flow, so signs freeze for large starts).
Convention: y = ±1; any signs of the second layer, and an offset. Source: Ghorbani et al. 2019, section 3.3, Theorem 6.
"""

import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Erratum, Gravity, Limit, Observation, Quantity, Source
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._mixture import (
    CONVENTION,
    DELTA,
    EXISTS,
    M1,
    M2,
    NN_RISK,
    SIGMA,
    strengths,
    whitened,
)
from lazy_assay.theory.ghorbani2019._quadratic_target import DIMENSION, NEURONS, Array, N, d, spectrum

i = sp.Symbol("i", integer=True, nonnegative=True)
singular_values = letter("s", d, 1)
# Σ_{i≤N∧d} λ_i², indices from 0.
top = sp.Sum(singular_values[i, 0] ** 2, (i, 0, sp.Min(N, d) - 1))


def top_energy(N: int, Sigma: Array, Delta: Array) -> float:
    """Σ_{i≤N∧d} λ_i(Δ̃)²."""
    return float((strengths(Sigma, Delta)[:N] ** 2).sum())


def limit(N: int, Sigma: Array, Delta: Array) -> float:
    """2/(2 + Σ_{i≤N} λ_i²)."""
    return 2 / (2 + top_energy(N, Sigma, Delta))


def infimum(N: int, Sigma: Array, Delta: Array) -> float:
    """1/(1 + ½Σ_{i≤N} λ_i²/(1 + λ_i²)): exact."""
    square = strengths(Sigma, Delta)[:N] ** 2
    return 1 / (1 + float((square / (1 + square)).sum()) / 2)


def _largest_signed(N: int, Sigma: Array, Delta: Array) -> float:
    """Singular values read as eigenvalues: the N largest, with sign."""
    return 2 / (2 + float((spectrum(whitened(Sigma, Delta))[:N] ** 2).sum()))


CLAIM = Claim(
    module=__name__,
    title="The least risk of a quadratic network, mixture of Gaussians",
    source=Source(paper=PAPER, locator="section 3.3, Theorem 6"),
    convention=CONVENTION,
    parts=(
        Limit(
            sentence="The best network of N neurons learns the N directions in which the classes differ most.",
            quantity=NN_RISK,
            statement=Eq(NN_RISK.symbol, 2 / (2 + top)),
            latex=(
                r"R_{\mathrm{NN},N}(\mathbb{P}_{\Sigma,\Delta})=\frac{2}{2"
                r"+\sum_{i=1}^{N\wedge d}\lambda_i(\tilde\Delta)^2}+o_d(1)"
            ),
            rate=1 / d,
            parameters=(DIMENSION, NEURONS, SIGMA, DELTA),
            auxiliary=(
                Auxiliary(
                    symbol=singular_values,
                    meaning="singular values of Δ̃, largest first",
                    value=lambda Sigma, Delta: strengths(Sigma, Delta)[:, None],
                    latex=r"\lambda",
                ),
            ),
            assumptions=(EXISTS, M1, M2),
            published=limit,
            finite=infimum,
            limit_of=lambda d, N: {},
            errata=(
                Erratum(
                    gravity=Gravity.MISPRINT,
                    locator="Theorem 6, the line under its formula",
                    printed="λ₁(Δ̃) ≥ λ₁(Δ̃) ≥ ⋯ ≥ λ_d(Δ̃)",
                    corrected="λ₁(Δ̃) ≥ λ₂(Δ̃) ≥ ⋯ ≥ λ_d(Δ̃)",
                    derivation="A misprint of the index: the singular values are ordered.",
                    evidence="by inspection",
                ),
            ),
            decoys=(
                Decoy(
                    name="one neuron fewer",
                    sentence="the sum up to N − 1",
                    published=lambda N, Sigma, Delta: limit(N - 1, Sigma, Delta),
                ),
                Decoy(
                    name="a factor 2 lost",
                    sentence="1/(1 + Σ λ²)",
                    published=lambda N, Sigma, Delta: 1 / (1 + top_energy(N, Sigma, Delta)),
                ),
                Decoy(
                    name="largest with sign",
                    sentence="the N largest eigenvalues of Δ̃, negative ones last",
                    published=_largest_signed,
                ),
                Decoy(
                    name="shared evenly",
                    sentence="N/d of ‖Δ̃‖_F², as a random set of directions would see",
                    published=lambda N, Sigma, Delta: (
                        2 / (2 + min(N / len(Delta), 1.0) * top_energy(len(Delta), Sigma, Delta))
                    ),
                ),
            ),
        ),
        Observation(
            name="training",
            ours=True,
            sentence="Population gradient descent reaches the least risk for definite Δ; with eigenvalues of both "
            "signs some runs end in local minima above it (d = 5, N = 2).",
            quantity=Quantity(
                symbol=NN_RISK.symbol, meaning="population risk where gradient descent ends", units=NN_RISK.units
            ),
        ),
    ),
)
