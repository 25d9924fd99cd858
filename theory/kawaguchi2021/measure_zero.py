"""Section 6.1: the zero set of φ is a null set, so that almost every w has full rank.

    φ real analytic and φ ≢ 0   ⟹   {w : rank [h_X(w), 1_n] < n} = {w : φ(w) = 0} has Lebesgue measure zero

(Mityagin 2015). A draw from any law with a density then has rank n with probability one: every draw is certified.

The activation matters. ReLU is not analytic, and its φ vanishes on open sets: wherever few units are active the rank
drops, and nearby weights have the same active units. On the *same* weights ReLU is certified exactly deficient
(integer arithmetic: float64 weights are dyadic) where softplus is certified full: the negative control.

Erratum. φ is printed twice. Section 5.1: φ = det([h, 1_n][h, 1_n]ᵀ). Section 6.1: φ = det(h hᵀ), "where we then
observe … {w : rank(h_X(w)) ≠ n} = {w : φ(w) = 0}", and "this condition is defined as assumption 1". They are
different functions, and Assumption 1 (with the ones) does not give φ ≢ 0 for the second: with m_H = n − 1 units, h
has at most n − 1 columns, so det(h hᵀ) ≡ 0 and its zero set is everything, while [h, 1_n] has rank n for almost all
weights (`assumption1:structure`). Full rank of [h, 1_n] is also what the convergence proof needs, for the last layer
has a bias. The converse holds: rank h = n implies rank [h, 1_n] = n. Corrected: section 6.1 with [h, 1_n] for h
throughout.

Both directions of "if φ ≢ 0 then null" are confronted: the control above, and an architecture with φ ≡ 0 (m_H = n − 2),
where *no* weights have full rank. Source: Kawaguchi and Sun 2021, sections 5.1 and 6.1.
"""

from lazy_assay.theory import AlmostSure, Claim, Eq, Erratum, Gravity, Source
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021.assumption1 import RANK, SAMPLES, n, rank

CLAIM = Claim(
    module=__name__,
    title="The zero set of φ is null",
    source=Source(paper=PAPER, locator="section 6.1"),
    convention="φ = det([h, 1_n][h, 1_n]ᵀ), as in Assumption 1.",
    parts=(
        AlmostSure(
            sentence="Every draw of the weights of a softplus network gives [h_X(w), 1_n] rank n.",
            quantity=RANK,
            statement=Eq(rank, n),
            parameters=(SAMPLES,),
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="section 6.1",
                    printed="φ(w) = det(h_X(w) h_X(w)ᵀ), and full rank of h_X(w) for almost every w under Assumption 1",
                    corrected="φ(w) = det([h_X(w), 1_n][h_X(w), 1_n]ᵀ), and full rank of [h_X(w), 1_n]",
                    derivation=(
                        "With m_H = n − 1 Assumption 1 holds (n distinct projections t_k, kinks at t_1 … t_{n−1}), but "
                        "h_X has n − 1 columns: rank h_X ≤ n − 1 and det(h_X h_Xᵀ) vanishes identically."
                    ),
                    evidence="at m_H = n − 1, on the same weights: [h, 1_n] certified full, h certified deficient",
                    charitable=(
                        "Where m_H ≥ n some h_X has rank n and both versions hold; under Assumption 1 alone, "
                        "with its column of ones, m_H = n − 1 is admitted."
                    ),
                ),
            ),
        ),
    ),
)
