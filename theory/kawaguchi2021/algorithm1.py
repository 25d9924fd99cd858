"""Algorithm 1: the two-phase modification of a base algorithm, and what its second phase needs.

First phase: the base algorithm. At τ every parameter but the last layer's is perturbed, w_(1:H) ← w_(1:H) + δ, δ_h ~
N(0, σ_h² I). Second phase: the base algorithm with a learning rate that preserves rank K(w^k) ≥ rank K(w^τ): by
training the last layer only, or lazily on all layers.

* `global_minimum`. There are base algorithms, networks and times for which w^t comes within ε of the infimum of the
  loss over all layers. A witness is verified by itself: the loss is nonnegative, so L(w^t) ≤ ε is enough. Beside it
  stands why: [h_X, 1] has rank n at w^τ, proved; then L(W) = mean ℓ([h_X, 1] W, y_i) attains every output, and its
  infimum over the last layer alone is that over all layers.
* `perturbation`. Gradient descent keeps equal neurons equal: from a start whose last hidden units are copies of one
  another [h_X, 1] is deficient when the first phase ends, proved; after the perturbation its rank is n, proved.
* `rank`. Training all layers, the rank of K is kept at each step by the step size: [h_X, 1] has rank n at each point of
  the trajectory that is looked at, proved, and K ⪰ [h_X, 1][h_X, 1]ᵀ ⊗ I.

Controls, each of which leaves the loss above ε. Without the expressivity condition (a quarter of the units, deficient
by proof) the last layer cannot interpolate. With weight decay λ in the second phase the limit is that of L + (λ/2)‖W‖²:
for the squared loss and A = [h_X, 1] of rank n, with the eigenvalues μ_j of AAᵀ/n and r_j the parts of the error at W =
0 along them, L → mean_j (λ/(λ + 2μ_j))² r_j² > 0. And the guarantee is one of limits: units that are almost off (h ~
10⁻⁴³) have full rank, proved, and an R of some 10⁴³; thousands of steps of 1/L_H change nothing but the mean.

Errata. (a) The experiments of section 7.2 say "with guarantee". Their second phase has a constant learning rate 0.01, a
momentum of 0.9 and a weight decay of 10⁻⁵. Theorem 1 (i) is for η = 1/L_H without momentum, (ii) for Σ η² < ∞; and with
weight decay no global minimum of L is approached (above). (b) With batch normalisation and mini-batches of 64 the last
layer does not read h_X: statistics are those of the mini-batch, another function of the last layer at each step.
Theorem 1 speaks of f_X = h_X W + b with h_X of the whole training set; it has to be computed once and kept. (c) Section
7.2 sets δ = δ_0 ε with ε ~ N(0, I_d): that perturbs the last layer too; Algorithm 1 has δ ∈ R^{d_{1:H}}. What is
simulated here is Algorithm 1.
Source: Kawaguchi and Sun 2021, section 4, Algorithm 1; section 7.2.
"""

import sympy as sp

from theory import Claim, Erratum, Existence, Quantity, Source
from theory.kawaguchi2021 import PAPER

GUARANTEE = Erratum(
    locator="section 7.2, experimental setting; Tables 1 and 2, “with guarantee”",
    printed="second phase learning rate 0.01 on the last layer, momentum 0.9, weight decay 10⁻⁵: “with guarantee”",
    corrected="guaranteed with η = 1/L_H, without momentum, or with Σ η_t² < ∞; without weight decay either way",
    derivation="Theorem 1 (i) and (ii) are for those step sizes. With weight decay λ > 0 and the squared loss the last "
    "layer tends to the minimum of L + (λ/2)‖W‖², where L is the mean of (λ/(λ + 2μ_j))² r_j² > 0, μ_j the eigenvalues "
    "of [h_X, 1][h_X, 1]ᵀ/n.",
    evidence="the control with weight decay stays at that number, above ε, at weights where the rank is certified",
)
STATISTICS = Erratum(
    locator="section 3, last paragraph, against section 7.2 (mini-batches of 64, batch normalisation)",
    printed="h_X may depend on all data points; the second phase trains the last layer on mini-batches",
    corrected="… on the rows of one h_X, computed from the whole training set at w^τ and kept",
    derivation="The norms' statistics of a mini-batch make its features another function of the same weights: the "
    "gradient is not that of L(W) = mean ℓ(h_X W + b), and it is no unbiased estimate of it.",
    evidence="in the tests: rows of h_X against those of mini-batches, and kept rows that do not move",
)
PERTURBED = Erratum(
    locator="section 7.2, choice of τ and δ, against Algorithm 1, line 5",
    printed="δ = δ_0 ε, where ε ~ N(0, I_d)",
    corrected="δ = δ_0 ε, where ε ~ N(0, I) in the d_{1:H} parameters of all layers but the last",
    derivation="d counts the parameters of all H + 1 layers; Algorithm 1 perturbs w_(1:H) only.",
    evidence="by the two definitions; simulated as Algorithm 1 has it",
)
CLAIM = Claim(
    module=__name__,
    title="Two-phase training",
    source=Source(paper=PAPER, locator="section 4, Algorithm 1; section 7.2"),
    convention="Squared loss, mean over n points of the sum over outputs, divided by its value for zero outputs.",
    parts=(
        Existence(
            name="global_minimum",
            sentence="Around each of several base algorithms, two-phase training comes within ε of the global minimum.",
            quantity=Quantity(
                symbol=sp.Symbol("L_t"), meaning="training loss of w^t", units="share of the loss of zero outputs"
            ),
            errata=(GUARANTEE, STATISTICS, PERTURBED),
        ),
        Existence(
            name="perturbation",
            sentence="Where the first phase ends at a deficient rank, the perturbation makes it full.",
            quantity=Quantity(symbol=sp.Symbol("r"), meaning="rank of [h_X, 1] that is proved", units="rank"),
        ),
        Existence(
            name="rank",
            sentence="The second phase can train all layers while its step size keeps the rank of the tangent kernel.",
            quantity=Quantity(symbol=sp.Symbol("r"), meaning="rank of [h_X, 1] that is proved", units="rank"),
        ),
    ),
)
