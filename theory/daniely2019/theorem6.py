"""Theorem 6: ReLU networks learn even polynomials; the inclusion P_c^M ⊂ H^O(M) behind it, degree by degree.

`monomials`. The hidden tangent kernel of the ReLU is Σ_n b_n <x,y>^n with b_n > 0 for n = 1 and every even n ≥ 2
(`_hidden_kernel_norms`), so ‖x^α‖ ≤ 1/√b_|α|, and a polynomial with coefficient vector a has ‖p‖ ≤ ‖a‖ · √(Σ_n 1/b_n).
The exact norm of x₁^n is computed by harmonics. So the printed inclusion holds with a constant of c alone, but for:

Erratum, `constant`. The sum that defines P_c^M runs over |α| even and ≤ c, the constant polynomial among them, and
b_0 =
0. On the sphere 1 = Σ x_i², and the constant's norm is 1/√λ_0 with λ_0 = Σ_n b_n E<x,y>^n = b_2/d + O(1/d²), so ‖1‖ =
√(2πd) (1 + O(1/d)): it grows with the dimension, and no O(M) that depends on c alone bounds it. With the constants left
out, or with √d M for them, the inclusion holds.

Lower bound ("learning the class P_c^M requires a networks with at least Ω(M²) parameters", on O(1)-bounded D too). D
uniform on the N = d(d−1)/2 points (e_i + e_j)/√2 has E xxᵀ = ((d−2)I + 11ᵀ)/(d(d−1)), so R² = 2; at them p = Σ a_ij x_i
x_j is a_ij/2, so every labelling ±1 comes with a = 2y, ‖a‖² = 4N: P_2^M shatters M²/4 points; a class that learns it to
a constant error makes 2^Ω(M²) dichotomies on them, for which `theorem7:needed` counts the parameters.

`learning`. Algorithm 1 reaches the loss: a witness (q, T, B, η) for a polynomial target and an ε, by a held-out sample.

Source: Daniely 2020, section 3.2, Theorem 6 and the sentence before it.
"""

import math

import sympy as sp

from lazy_assay.theory import (
    Bound,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Existence,
    Gravity,
    Integer,
    Parameter,
    Quantity,
    Rate,
    Source,
    of_order,
)
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._hidden_kernel_norms import coefficient, power_norm

n, d = sp.Symbol("n", integer=True, positive=True), sp.Symbol("d", integer=True, positive=True)
j = sp.Symbol("j", integer=True, positive=True)
norm = sp.Symbol("N", nonnegative=True)
# b_n at n = 2j: of arcsin's power series, over 2π.
b_n = sp.binomial(2 * j - 2, j - 1) / (4 ** (j - 1) * (2 * j - 1) * 2 * sp.pi)
constant_norm, loss = sp.Function("N_1")(d), sp.Symbol("L", nonnegative=True)
# Above, the logarithms of the Gamma functions are so large that their rounding is more than 10⁻⁹ of a norm.
DIMENSION = Parameter("d", d, "input dimension", Integer(3, 10**5))
HALF_DEGREE = Parameter("half_degree", j, "half the degree, n/2", Integer(1, 8))


def bound(half_degree: int) -> float:
    """1/√b_n at n = 2·half_degree: no monomial of that degree has a larger norm."""
    return 1 / math.sqrt(coefficient(2 * half_degree))


def exact(d: int, half_degree: int) -> float:
    """The norm of x₁^n at n = 2·half_degree."""
    return power_norm(2 * half_degree, d)


CLAIM = Claim(
    module=__name__,
    title="Even polynomials in the ReLU's tangent space",
    source=Source(paper=PAPER, locator="section 3.2, Theorem 6"),
    convention="Hidden part of the tangent kernel, unit sphere; the degree is n = 2j.",
    parts=(
        Bound(
            name="monomials",
            sentence="A monomial of even degree n ≥ 2 has a kernel norm of at most one over the root of b_n, in any "
            "dimension.",
            quantity=Quantity(
                symbol=norm,
                meaning="kernel norm of x₁ⁿ by interpolation",
                units="kernel norm",
                low=0,
                latex=r"\|x_1^n\|_k",
            ),
            statement=sp.Le(norm, 1 / sp.sqrt(b_n)),
            latex=(r"\|x_1^n\|_k\leq\left(\frac{1}{2\pi}\frac{\binom{2j-2}{j-1}}{4^{j-1}(2j-1)}\right)^{-1/2}"),
            parameters=(DIMENSION, HALF_DEGREE),
            published=bound,
            finite=exact,
            decoys=(
                Decoy(
                    name="one degree for all",
                    sentence="1/√b_2 at every degree, as if O(M) did not depend on c",
                    published=lambda half_degree: 1 / math.sqrt(coefficient(2)),
                    finite=lambda d, half_degree: power_norm(2, d),
                ),
            ),
        ),
        Rate(
            name="constant",
            sentence="The constant polynomial's norm grows like the root of the dimension.",
            quantity=Quantity(
                symbol=constant_norm, meaning="kernel norm of 1 by interpolation", units="kernel norm", latex=r"\|1\|_k"
            ),
            statement=Eq(constant_norm, of_order(sp.sqrt(d))),
            printed_statement=Eq(constant_norm, of_order(1)),
            published=lambda: 0.5,
            printed=lambda: 0.0,
            towards="infinity",
            decoys=(Decoy(name="fourth root", sentence="O(d^(1/4))", published=lambda: 0.25),),
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="section 3.2, before Theorem 6",
                    printed="for every constant c, P_c^M ⊂ H^{O(M)}",
                    corrected="… of even degrees 2 … c; the constant polynomial M lies in H^{O(√d M)} alone",
                    derivation="P_c^M's sum runs over |α| even and ≤ c, |α| = 0 among them; the kernel's power series "
                    "has no constant term: b_0 = 0. On the sphere 1 = Σ x_i², so ‖1‖² = 1/λ_0 with λ_0 = "
                    "Σ b_n E<x,y>ⁿ = b_2/d + O(1/d²): ‖1‖ = √(2πd)(1 + O(1/d)). The output weights' part σ̂/B² has a "
                    "constant term, 1/(2πB²): with it ‖1‖ ≤ √(2π)·B, no O(1) at the large B that is taken.",
                    evidence="interpolation norms in d = 4 … 24, and the harmonic series",
                    charitable=(
                        "Were the constant in O(M) allowed to grow with d, the inclusion would hold and the "
                        "count that is drawn from it by Theorem 5 would not."
                    ),
                ),
            ),
        ),
        Existence(
            name="learning",
            sentence="Algorithm 1 reaches a held-out loss below ε for an even polynomial, with q and T as Theorem 5 "
            "has them.",
            quantity=Quantity(
                symbol=loss, meaning="upper confidence bound of the held-out absolute loss", units="units of the target"
            ),
        ),
    ),
)
