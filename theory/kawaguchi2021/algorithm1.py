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

Controls, each of which leaves the loss above ε.
* Without the expressivity condition (a quarter of the units, deficient by proof) the last layer cannot interpolate.
* With weight decay λ in the second phase the limit is that of L + (λ/2)‖W‖². For L = ‖AW − Y‖²/s, A = [h_X, 1] of rank
  n, μ_j and r_j the eigenvalues of AAᵀ and the parts of Y along its eigenvectors, the residual along each is λs/(λs +
  2μ_j) of r_j (set the gradient (2/s)Aᵀ(AW − Y) + λW to zero), so that L → Σ_j (λs/(λs + 2μ_j))² r_j²/s > 0. The bias
  decays too, as in torch. λ is chosen so that this is a tenth; at the paper's 10⁻⁵ it is some 10⁻⁸ here: wrong in
  principle, and of no account.
* The guarantee is one of limits. Units that are almost off have full rank, proved, and a limit of 0; R is so large that
  hundreds of steps of 1/L_H change the mean and no more.
* The switch itself: from copied units the base algorithm stays above ε, at a rank that is deficient by proof.

Errata. (a) The experiments of section 7.2 say "with guarantee". Their second phase has a constant learning rate 0.01, a
momentum of 0.9 and a weight decay of 10⁻⁵. Theorem 1 (i) is for η = 1/L_H without momentum. The bound of (ii) holds for
every η ≥ 0 (`theorem1_sgd` shows that Σ η² < ∞ is not needed): for a constant rate it leaves G²η/2, so it guarantees a
neighbourhood of the minimum; it says nothing of momentum. With weight decay no global minimum of L is approached
(above). With augmentation drawn anew the loss is no longer one of n fixed points. (b) Section 7.2 sets δ = δ_0 ε with
ε ~ N(0, I_d): that perturbs the last layer too; Algorithm 1 has δ ∈ R^{d_{1:H}}. What is simulated here is Algorithm 1.
Remark. If batch normalisation takes the statistics of mini-batches in the second phase, the last layer does not read
h_X: its features are another function of the same weights at each step, and the gradient is a biased one. Theorem 1
speaks of f_X = h_X W + b with h_X of the whole training set; it has to be computed once and kept.
Source: Kawaguchi and Sun 2021, section 4, Algorithm 1; section 7.2.
"""

import sympy as sp

from lazy_assay.theory import Claim, Erratum, Existence, Gravity, Quantity, Remark, Source
from lazy_assay.theory.kawaguchi2021 import PAPER

GUARANTEE = Erratum(
    gravity=Gravity.CONDITION,
    locator="section 7.2, experimental setting; Tables 1 and 2, “with guarantee”",
    printed="A(base) with guarantee",
    reading="the second phase of the experiments (mini-batches of 64, learning rate 0.01, momentum 0.9, weight decay "
    "10⁻⁵, with and without augmentation) has the guarantee of Theorem 1",
    corrected="guaranteed with η = 1/L_H, whole batches and no momentum, or by steps without momentum whose Σ η²/Σ η "
    "tends to 0; without weight decay and on fixed points either way",
    derivation="Part (i) is for η = 1/L_H. The bound of part (ii) holds for all η ≥ 0 (`theorem1_sgd`), so it says "
    "something of a constant rate too: within G²η/2 of the minimum, not to it. With weight decay λ > 0 and the squared "
    "loss the last layer tends to the minimum of L + (λ/2)‖W‖², where L = Σ_j (λs/(λs + 2μ_j))² r_j²/s > 0. Augmented "
    "points are not the n points of h_X.",
    charitable="“With guarantee” may name Algorithm 1, whose second phase has one for suitable steps, and not these "
    "runs; what weight decay costs at 10⁻⁵ is some 10⁻⁸, and what the constant rate costs is what part (ii) allows. In "
    "principle the columns have no guarantee of the global minimum; in practice little hangs on it.",
    evidence="the control with weight decay follows the closed form to a limit above ε, at weights where the rank is "
    "certified; at 10⁻⁵ the limit is some 10⁻⁸",
)
STATISTICS = Remark(
    locator="section 3, last paragraph, with section 7.2 (mini-batches of 64, batch normalisation)",
    sentence="Which statistics batch normalisation takes in the second phase is not told. With those of a mini-batch "
    "the features are another function of the same weights, and the gradient is no unbiased estimate of that of L(W) = "
    "mean ℓ(h_X W + b); with h_X computed once from the whole training set at w^τ, and kept, it is (the tests show "
    "both).",
)
PERTURBED = Erratum(
    gravity=Gravity.MISPRINT,
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
            errata=(GUARANTEE, PERTURBED),
            remarks=(STATISTICS,),
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
