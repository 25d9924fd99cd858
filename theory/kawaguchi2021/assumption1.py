"""Assumption 1, the expressivity condition: some weights give the features at the n samples full row rank.

    There is w_(1:H) with φ(w_(1:H)) ≠ 0,    φ(w) = det([h_X(w), 1_n][h_X(w), 1_n]ᵀ).

h_X(w) (n, m_H) is the last hidden layer's output, 1_n a column of ones. For any real A, det(AAᵀ) ≠ 0 iff rank A = n
(Cauchy–Binet: det(AAᵀ) is the sum of the squared n × n minors), so the condition says rank [h_X(w), 1_n] = n for
some w. If h_X is real analytic in w so is φ, and one such w makes it almost every w (`measure_zero`): hence the
kind.

Two parts. `drawn_weights`: at weights drawn from a law with a density the rank is n. Certified network by network,
the pre-activation ResNet of section 7 among them, never judged by a float tolerance. `structure`: where the last hidden
layer is fully connected with softplus (or ReLU) and a bias, the condition has an exact form,

    Assumption 1 holds  ⟺  m_H ≥ n − 1 and some weights of the earlier layers make the n penultimate rows distinct,

proved in the docstring of `sims.rank`: units with kinks at the n − 1 smallest of n distinct projections make
[1_n, h_X] lower triangular in the limit of large weights.

Erratum, section 7.1: "the expressivity condition was numerically verified" by `numpy.linalg.matrix_rank`, default
options. That function counts singular values above S_max·max(n, m)·2⁻⁵² of a matrix of rounded features. It proves
nothing about the exact matrix, and errs both ways: smooth networks (small ζ, narrow layers, small weights) have
exact rank n and singular values far below that tolerance; and features computed in float32, as torch does by
default, carry errors of 2⁻²⁴ that fill the missing directions of an exactly deficient matrix and lie far above the
tolerance of the float64 matrix that they are cast to. Confronted with certificates in both directions. (In float64
and at ζ = 100 its answer "full" was right in every case seen here: the paper's conclusion stands, its method does
not carry it.)

Section 5.1 calls the condition "time-independent": it is, φ ≢ 0 does not depend on w. "Verified by a single random
w" is right too: one certified w suffices. Source: Kawaguchi and Sun 2021, section 5.1, Assumption 1; section 7.1.
"""

import sympy as sp

from lazy_assay.theory import AlmostSure, Claim, Eq, Erratum, Gravity, Integer, Parameter, Quantity, Source
from lazy_assay.theory.kawaguchi2021 import PAPER

rank = sp.Symbol("rank", integer=True, nonnegative=True)
n, last = sp.symbols("n m_H", integer=True, positive=True)
SAMPLES = Parameter("n", n, "number of samples", Integer(1))
LAST_WIDTH = Parameter("m_H", last, "units of the last hidden layer", Integer(1), latex=r"m_H")
RANK = Quantity(
    symbol=rank,
    meaning="certified rank of [h_X(w), 1_n]",
    units="rows",
    latex=r"\operatorname{rank}([h_X^{(H)}(w_{(1:H)}),\mathbf{1}_n])",
)

NUMPY = Erratum(
    gravity=Gravity.CONDITION,
    locator="section 7.1",
    printed="The condition of rank([h, 1_n]) = n was checked by using numpy.linalg.matrix_rank in NumPy version 1.18.1 "
    "with the default option",
    reading="what that function returns for the features as torch computes them verifies Assumption 1",
    corrected="it is evidence, and right wherever the least singular value stands clear of the tolerance and of the "
    "features' own rounding; a proof is ‖I − (A ± Δ)R‖ < 1 with rounding bounds, ball arithmetic, or an exact null "
    "vector",
    derivation=(
        "matrix_rank counts singular values above S_max·max(n, m)·2⁻⁵² of rounded features. It errs where exact rank n "
        "goes with smaller ones (features that are nearly polynomial: smooth activations, narrow layers), by saying "
        "deficient; and where features were computed in float32 and cast up, whose errors of 2⁻²⁴ fill the missing "
        "directions of an exactly deficient matrix, by saying full."
    ),
    evidence="certificates against matrix_rank, in both directions; benchmarks/certified_rank.py counts its mistakes",
    charitable=(
        "“Numerically verified” claims no proof; and in float64 at ζ = 100, the paper's own activation, every answer "
        "“full” that was held against a certificate here was right. The dtype of the paper's features is not told; "
        "torch's default is float32, where the answer carries nothing."
    ),
)

CLAIM = Claim(
    module=__name__,
    title="Expressivity condition",
    source=Source(paper=PAPER, locator="section 5.1, Assumption 1; section 7.1"),
    convention="Exact real arithmetic at float64 weights and data; the column of ones belongs to the matrix.",
    parts=(
        AlmostSure(
            name="drawn_weights",
            sentence="At weights drawn from a density, [h_X(w), 1_n] has rank n, certified.",
            quantity=RANK,
            statement=Eq(rank, n),
            parameters=(SAMPLES,),
            errata=(NUMPY,),
        ),
        AlmostSure(
            name="structure",
            ours=True,
            sentence="With a fully connected softplus layer last, some weights give rank n exactly where it has n − 1 "
            "units or more and the penultimate rows can be pairwise distinct.",
            quantity=RANK,
            statement=sp.Implies(sp.Ge(last, n - 1), Eq(rank, n)),
            parameters=(SAMPLES, LAST_WIDTH),
        ),
    ),
)
