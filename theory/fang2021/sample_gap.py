"""Section VI: a distribution that takes a kernel method Ω(d²) samples, and feature selection O(d) or fewer.

"in [52] a simple d-dimensional distribution was constructed, for which MF needs O(d) samples to learn. However, kernel
methods (including NTK) require at least Ω(d²) samples". The paper does not print the law of [52]; here x is uniform on
{±1}^d and y = φ_12(x), φ_ij(x) = x_i x_j.

`kernels`. The C(d,2) functions φ_ij are orthonormal in L²(x). Whatever the kernel, its regularisation and the labels, a
kernel method's output lies in the span of the n sections k(·, x_a). Let P be the projection of L² to it: Σ_{i<j}
‖Pφ_ij‖² = Σ_{i<j} <φ_ij, Pφ_ij> ≤ tr P ≤ n (Bessel). So the share of a product that is explained, averaged over pairs,
is at most n/C(d,2), at every draw of the points.
`error`. If k(πx, πx') = k(x, x') for permutations π of the coordinates (tangent kernels of fully connected networks
with rotation-invariant initial weights), the law of ‖Pφ_ij‖² is the same for every pair, and its mean is that average:
E‖f̂ − φ_12‖² ≥ 1 − E‖Pφ_12‖² ≥ 1 − n/C(d,2), for every regularisation. An error ε takes n ≥ (1 − ε) d(d−1)/2 samples:
Ω(d²). A kernel that knows the pair (the control) is not bound by it.
Attained, but for points that coincide up to sign: the sections of k = Σ_{i<j} φ_ij(x)φ_ij(x') = (<x, x'>² − d)/2 lie in
the span of the φ_ij, so Σ‖Pφ_ij‖² is their rank, and interpolation of least norm *is* P. That O(d) samples were enough,
an error below 1 − n/C(d,2) at n of order d, is what both bounds exclude; 1 − n/d would be weaker, not wrong.

`selection`, ours, is the other side of the sentence in the features, and no trained network: what decay of both layers
is equivalent to by [58] and [52] is an ℓ1 norm (`l1_equivalence`), so the least ‖c‖_1 of Σ c_kψ_k through the data,
against the least ‖c‖_2, over the p = d(d+1)/2 functions ψ: the x_i and the φ_ij. Here the features are given; a
network has to find them. c is 1-sparse, so n of order log p, that is log d, is enough for ℓ1: the O(d) of the sentence
is an upper bound, and nothing here says that it is needed.
Source: Fang, Dong, Zhang 2021, section VI, last paragraph, on [52].
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Bound,
    Choice,
    Claim,
    Decoy,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory.fang2021 import PAPER

n, d = sp.symbols("n d", positive=True, integer=True)
SAMPLES = Parameter("n", n, "number of samples", Integer(1))
DIMENSION = Parameter("d", d, "dimension", Integer(2))
KERNEL = Parameter(
    "kernel",
    sp.Symbol("k"),
    "kernel: Σ φ_ij(x)φ_ij(x'); the relu tangent kernel of both layers; exp(<x, x'>/d); one that prefers φ_12",
    Choice(("quadratic", "tangent", "exponential", "aligned")),
)
RIDGE = Parameter(
    "lambda_", sp.Symbol("lambda", nonnegative=True), "ridge added to the Gram matrix", Real(0, closed_low=True)
)
INVARIANT = Assumption(
    name="invariant",
    sentence="k(πx, πx') = k(x, x') for every permutation π of the coordinates",
    holds=lambda kernel: kernel != "aligned",
)
S, ERROR = sp.Symbol("S"), sp.Symbol("E")


def share(n: int, d: int) -> float:
    """n/C(d,2)."""
    return 2 * n / (d * (d - 1))


def up_to_degree_two(n: int, d: int) -> float:
    """n over the number of all functions of degree at most two, 1 + d + C(d,2)."""
    return 2 * n / (d * (d + 1) + 2)


CLAIM = Claim(
    module=__name__,
    title="Kernel methods need of order d² samples for a product of two coordinates",
    source=Source(paper=PAPER, locator="section VI, last paragraph, on [52]"),
    convention="x uniform on {±1}^d, y = x_1 x_2; ‖·‖ in L² of that law, of which y has norm 1; samples independent.",
    parts=(
        Bound(
            name="kernels",
            sentence="Of products of two coordinates n sections of any kernel explain, averaged over pairs, a share of "
            "at most n/C(d,2).",
            quantity=Quantity(
                symbol=S,
                meaning="mean over pairs of ‖Pφ_ij‖²",
                units="share",
                low=0,
                high=1,
                latex=r"\mathbb{E}\|P\phi_{ij}\|^2",
            ),
            statement=sp.Le(S, 2 * n / (d * (d - 1))),
            latex=r"\mathbb{E}\|P\phi_{ij}\|^2\leq\frac{2n}{d(d-1)}",
            parameters=(SAMPLES, DIMENSION, KERNEL),
            published=share,
            side="below",
            decoys=(
                Decoy(name="ordered pairs", sentence="n/(d(d − 1))", published=lambda n, d: share(n, d) / 2),
                Decoy(name="degree two", sentence="n/(1 + d + C(d,2))", published=up_to_degree_two),
                Decoy(name="d² functions", sentence="n/d²", published=lambda n, d: n / d**2),
            ),
        ),
        Bound(
            name="error",
            companion="kernels",
            sentence="Kernel regression of x_1 x_2 has an expected squared error of at least 1 − n/C(d,2), whatever "
            "the ridge.",
            quantity=Quantity(
                symbol=ERROR,
                meaning="E‖f̂ − φ_12‖² over samples",
                units="squared output",
                low=0,
                latex=r"\mathbb{E}\|\hat f-\phi_{12}\|^2",
            ),
            statement=sp.Ge(ERROR, 1 - 2 * n / (d * (d - 1))),
            latex=r"\mathbb{E}\|\hat f-\phi_{12}\|^2\geq1-\frac{2n}{d(d-1)}",
            parameters=(SAMPLES, DIMENSION, KERNEL, RIDGE),
            assumptions=(INVARIANT,),
            published=lambda n, d: 1 - share(n, d),
            side="above",
            decoys=(
                Decoy(name="ordered pairs", sentence="1 − n/(d(d − 1))", published=lambda n, d: 1 - share(n, d) / 2),
                Decoy(
                    name="degree two",
                    sentence="1 − n/(1 + d + C(d,2))",
                    published=lambda n, d: 1 - up_to_degree_two(n, d),
                ),
                Decoy(name="d² functions", sentence="1 − n/d²", published=lambda n, d: 1 - n / d**2),
            ),
        ),
        Observation(
            name="selection",
            sentence="At n = 2d samples the coefficients of least ℓ1 norm have a smaller test error than those of "
            "least ℓ2 norm in the same features, by more than half the variance of y.",
            quantity=Quantity(symbol=sp.Symbol("G"), meaning="‖f̂ − φ_12‖²", units="squared output", low=0),
            ours=True,
        ),
    ),
)
