"""Proposition 1: the landscape of the quadratic network's risk. As printed it is false; the strict saddle property
holds.

Printed: for B ⪰ 0 and any sub-level set Ω(B₀) there are ε, δ > 0 such that λ_min(∇²L(x)) < −δ for any x ∈ Ω(B₀) with
‖∇L(x)‖ ≤ ε.

Erratum. Ω(B₀) contains the global minimisers: there ∇L = 0 and ∇²L ⪰ 0. Corrected, as in [13]: for any x ∈ Ω(B₀)
with ‖∇L(x)‖ ≤ ε either λ_min(∇²L(x)) < −δ, or x is close to the set of global minimisers (and L(x) − inf L is small).

L(W, c) = 2‖M‖_F² + e², M = B − WWᵀ, e = Tr M + b0 − c. Derivatives along (V, v), with D = VWᵀ + WVᵀ and e' = −2<W,V>
− v:
    L'  = −4<M, D> + 2 e e',
    L'' = 4‖D‖_F² − 8<M, VVᵀ> + 2 e'² − 4 e ‖V‖²        (M' = −D, M'' = −2VVᵀ, e'' = −2‖V‖²).

Critical points: e = 0 and MW = 0, so the columns of W span an invariant subspace of B on which WWᵀ = B: WWᵀ =
Σ_{i∈S} λ_i u_iu_iᵀ with |S| ≤ N.
* i ∈ S, j ∉ S with λ_j > λ_i: V = u_j v_iᵀ (v_i the right singular vector, Wv_i = √λ_i u_i) gives D = √λ_i(u_ju_iᵀ +
u_iu_jᵀ), ‖D‖² = 2λ_i, <M,VVᵀ> = λ_j, e' = 0:
  L'' = 8(λ_i − λ_j) < 0.
* |S| < N: W has a null vector v; V = u_j vᵀ gives D = 0 and L'' = −8λ_j < 0 for the largest λ_j left out.
So at unit ‖V‖ the least curvature of a critical point that is not global is at most −8 times the largest λ_j − λ_i
(or λ_j) that could be swapped in, bounded away from zero for a given B. That is the δ of the claim: `curvature`,
from the spectrum alone.

Certificates. Points come as float64, so they are rational numbers: gradient norm, curvature along a given direction
and excess risk are evaluated exactly in rational arithmetic. A point is *proved* to satisfy the corrected statement
by a direction with L'' < −δ‖(V,v)‖², or by L − inf L ≤ δ' exactly; the printed statement is *disproved* by an exact
global minimiser, where L'' = 4‖D‖² + 2e'² ≥ 0 for every (V, v), since M = B − WWᵀ is either 0 (N ≥ d) or the part of
B that Eckart–Young leaves out. Source: Ghorbani et al. 2019, section 2.3, Proposition 1.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import AlmostSure, Auxiliary, Claim, Erratum, Gravity, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import CONVENTION, DIMENSION, NEURONS, SEMIDEFINITE_TARGET, Array
from lazy_assay.theory.ghorbani2019._quadratic_target import spectrum as spectrum_of

least_curvature = sp.Symbol("lambda_min")
delta = sp.Symbol("delta", positive=True)


def curvature(N: int, spectrum: Array) -> float:
    """δ: every critical point that is not global has L'' ≤ −δ along a unit direction. `spectrum`: distinct,
    decreasing, ≥ 0.

    The least, over sets S of at most N eigenvalues that are not the N largest, of the best swap 8(max left out − min
    kept), or 8·(max left out) where a neuron is free. The worst S swaps neighbours: the least gap 8(λ_j − λ_{j+1})
    with j ≤ N, or 8λ_j for the smallest λ_j > 0 that N neurons could still fit.
    """
    values = np.asarray(spectrum, dtype=float)
    kept = min(N, int((values > 0).sum()))
    gaps = [
        values[j] - values[j + 1]
        for j in range(kept)
        if j + 1 < len(values) and values[j] > values[j + 1] and values[j + 1] > 0
    ]
    return float(8 * min([*gaps, values[kept - 1]]))


CLAIM = Claim(
    module=__name__,
    title="Strict saddles of the quadratic network",
    source=Source(paper=PAPER, locator="section 2.3, Proposition 1"),
    convention=CONVENTION + " Curvatures are those of L itself, not divided.",
    parts=(
        AlmostSure(
            sentence="A point with small gradient either has a direction of curvature below −δ or is nearly a "
            "global minimiser.",
            quantity=Quantity(
                symbol=least_curvature,
                meaning="curvature L''/‖(V, v)‖² along the certified direction",
                units="risk per squared weight",
                latex=r"\lambda_{\min}(\nabla^2 L)",
            ),
            statement=sp.StrictLessThan(least_curvature, -delta),
            latex=r"\lambda_{\min}(\nabla^2 L)<-\delta",
            parameters=(DIMENSION, NEURONS, SEMIDEFINITE_TARGET),
            auxiliary=(
                Auxiliary(
                    symbol=delta,
                    meaning="least curvature of a critical point that is not global",
                    value=lambda N, B: curvature(N, spectrum_of(B)),
                ),
            ),
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="Proposition 1",
                    printed="for any x ∈ Ω(B₀) with ‖∇L(x)‖₂ ≤ ε, we have λ_min(∇²L(x)) < −δ",
                    corrected="… either λ_min(∇²L(x)) < −δ, or x is near the set of global minimisers",
                    derivation=(
                        "Every non-empty sub-level set holds a global minimiser W = [√λ_1 u_1, …, √λ_N u_N], c "
                        "= b0 + Σ_{i>N} λ_i. There ∇L = 0 "
                        "and L is least, so ∇²L ⪰ 0: no ε, δ > 0 can do. A strict saddle property leaves out a "
                        "neighbourhood of the minimisers."
                    ),
                    evidence="certificates at exact global minimisers in rational arithmetic",
                    charitable=(
                        "Other definitions of a strict saddle leave out a neighbourhood of the minimisers; "
                        "the one that is printed does not."
                    ),
                ),
            ),
        ),
    ),
)
