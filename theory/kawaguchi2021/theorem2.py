"""Theorem 2: fully connected softplus networks with a wide last hidden layer satisfy Assumption 1.

    Assumption 3, H ≥ 2, min(m_1, …, m_{H−1}) ≥ min(m_x, n), m_H ≥ n   ⟹   rank [h_X(w), 1_n] = n for some w.

Assumption 3: ‖x_i‖² > x_iᵀx_j for all i ≠ j, in both orders, so neither is more than it needs to be: the condition
at (i, j) says that x_i lies beyond x_j along x_i, and at (j, i) the same of x_j. For n ≥ 2 it excludes x_i = 0 and
equal points.

Parts. `full_rank`: the theorem. `distinguishability`: the two sufficient ways of section 5.4. Equal norms: ½‖x_i −
x_j‖² = ‖x_i‖² − x_iᵀx_j, so distinct points of one norm satisfy the assumption. Pairwise orthogonal points that are
not zero do: ‖x_i‖² − 0 > 0. Exact rational arithmetic, since float64 inputs are rational. `parameter_count`: below.

Sufficient, not necessary. With `assumption1:structure` the exact condition for these networks (every width at least
1, H ≥ 1) is

    x_1, …, x_n pairwise distinct  and  m_H ≥ n − 1.

Necessary: equal inputs give equal rows, and fewer than n columns have no rank n. Sufficient: one unit a layer is
enough, since some direction has n distinct projections and a unit of softplus is strictly increasing, so an affine
chain with positive weights keeps them distinct. So Assumption 3 is not needed (points on a ray, x and 2x, break it),
nor min(m_x, n) units a layer, nor the n-th unit of the last layer. n − 2 units are refuted.

Remark, the parameter count. "Theorem 2 only requires d ≥ (m_y + m_x)n + m_x²H". With the least widths that it
admits, k = min(m_x, n) in layers 1 … H−1 and m_H = n, weights and biases number

    d = (m_x + 1)k + (H − 2)k(k + 1) + (k + 1)n + (n + 1)m_y,

which for m_x ≤ n is (m_y + m_x)n + m_x²(H − 1) + m_x(H − 1) + n + m_y: one square m_x² less than printed (there are
H − 1 layers of width m_x, not H) and the biases more. The printed number is no bound in either direction: it exceeds
d at H = 2, m_x = 10, n = 20, m_y = 1 (printed 420, d = 351) and falls short of it at m_x = 1, n = 5, H = 2, m_y = 1
(printed 12, d = 18). Nor does any number of parameters imply the hypotheses, which are about widths. By the exact
condition above m_x + 1 + 2(H − 2) + 2(n − 1) + n m_y parameters are enough.

Source: Kawaguchi and Sun 2021, section 5.4, Assumption 3, Theorem 2 and the two paragraphs after it.
"""

from fractions import Fraction

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    AlmostSure,
    Assumption,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Rectangular,
    Remark,
    Source,
)
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021.assumption1 import LAST_WIDTH, RANK, SAMPLES, last, n, rank

m_x, m_y, H = sp.symbols("m_x m_y H", integer=True, positive=True)
count = sp.Symbol("d", integer=True, positive=True)
INPUTS = Parameter("X", sp.Symbol("X", commutative=False), "inputs, one row a sample, (n, m_x)", Rectangular())
INPUT_WIDTH = Parameter("m_x", m_x, "dimension of the inputs", Integer(1))
OUTPUTS = Parameter("m_y", m_y, "dimension of the outputs", Integer(1))
DEPTH = Parameter("H", H, "hidden layers", Integer(2))


def input_distinguishability(X: np.ndarray) -> bool:
    """Assumption 3, exactly: ‖x_i‖² − x_iᵀx_j > 0 for all i ≠ j."""
    rows = [[Fraction(float(x)) for x in row] for row in np.atleast_2d(X)]
    return all(
        sum((a * (a - b) for a, b in zip(first, second, strict=True)), Fraction(0)) > 0
        for i, first in enumerate(rows)
        for j, second in enumerate(rows)
        if i != j
    )


def parameters(m_x: int, m_y: int, n: int, H: int) -> int:
    """Weights and biases at the least widths of the theorem."""
    k = min(m_x, n)
    return (m_x + 1) * k + (H - 2) * k * (k + 1) + (k + 1) * n + (n + 1) * m_y


def order_of_magnitude(m_x: int, m_y: int, n: int, H: int) -> int:
    """(m_y + m_x)n + m_x²H."""
    return (m_y + m_x) * n + m_x**2 * H


def without_biases(m_x: int, m_y: int, n: int, H: int) -> int:
    """The weights alone."""
    k = min(m_x, n)
    return m_x * k + (H - 2) * k * k + k * n + n * m_y


DISTINGUISHABLE = Assumption(
    name="Assumption 3",
    sentence="‖x_i‖² − x_iᵀx_j > 0 for all i ≠ j: input distinguishability",
    holds=lambda X: input_distinguishability(X),
)
least = sp.Min(m_x, n)
COUNT = (m_x + 1) * least + (H - 2) * least * (least + 1) + (least + 1) * n + (n + 1) * m_y

CLAIM = Claim(
    module=__name__,
    title="Fully connected networks are expressive",
    source=Source(paper=PAPER, locator="section 5.4, Assumption 3, Theorem 2"),
    convention="All layers have biases; the counts include them.",
    parts=(
        AlmostSure(
            name="full_rank",
            sentence="Under Assumption 3, with min(m_x, n) units in the narrow layers and n in the last, [h_X(w), 1_n] "
            "has rank n for some weights, hence for almost all.",
            quantity=RANK,
            statement=sp.Implies(sp.Ge(last, n), Eq(rank, n)),
            parameters=(SAMPLES, LAST_WIDTH, INPUTS),
            assumptions=(DISTINGUISHABLE,),
        ),
        AlmostSure(
            name="distinguishability",
            sentence="Distinct points of one norm, and orthogonal points that are not zero, satisfy Assumption 3.",
            quantity=Quantity(
                symbol=sp.Symbol("delta", real=True),
                meaning="least ‖x_i‖² − x_iᵀx_j over ordered pairs, exactly",
                units="squared input",
                latex=r"\min_{i\neq j}(\|x_i\|^2-x_i^\top x_j)",
            ),
            statement=sp.StrictGreaterThan(sp.Symbol("delta", real=True), 0),
            parameters=(INPUTS,),
        ),
        Identity(
            name="parameter_count",
            sentence="At the least widths that Theorem 2 admits the network has this many parameters.",
            quantity=Quantity(symbol=count, meaning="number of weights and biases", units="parameters", low=1),
            statement=Eq(count, COUNT),
            latex=r"d=(m_x+1)\min(m_x,n)+(H-2)(\min(m_x,n)+1)\min(m_x,n)+(\min(m_x,n)+1)n+(n+1)m_y",
            parameters=(INPUT_WIDTH, OUTPUTS, SAMPLES, DEPTH),
            published=parameters,
            decoys=(
                Decoy(
                    name="as a count",
                    sentence="(m_y + m_x)n + m_x²H, the order of magnitude that is printed, read as a count",
                    published=order_of_magnitude,
                ),
                Decoy(name="without biases", sentence="weights alone", published=without_biases),
                Decoy(
                    name="H narrow layers",
                    sentence="H layers of min(m_x, n) units before the wide one, as the printed m_x²H suggests",
                    published=lambda m_x, m_y, n, H: parameters(m_x, m_y, n, H + 1),
                ),
            ),
            remarks=(
                Remark(
                    locator="section 5.4, after Theorem 2",
                    sentence="“Theorem 2 only requires d ≥ (m_y + m_x)n + m_x²H” is an order of magnitude (it stands "
                    "beside Ω(m_y n + m_x H² + H⁵)), and of the right one. The least network has (m_y + m_x)n + (m_x² "
                    "+ m_x)(H − 1) + n + m_y parameters where m_x ≤ n: at m_x = 10, n = 20, H = 2, m_y = 1 that is "
                    "351, printed 420.",
                ),
            ),
        ),
    ),
)
