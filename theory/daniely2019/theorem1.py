"""Theorem 1: a kernel k has one kernel space H_k, and k(x, x') = <k(·, x), k(·, x')>.

On n points, with kernel matrix K: H_k is {Kα}, <Kα, Kβ> = αᵀKβ, that is <f, g> = f·K⁺g. Then <f, k(·, x_i)> = f(x_i)
for every f in the space, also where K is singular. Uniqueness: the sections k(·, x_i) span the space (what is
orthogonal to all of them vanishes at every point), and their inner products are given. That needs
f(x) = <f, k(·, x)> for every f; printed is the condition on sections alone (erratum). Conversely, a space of functions
on n points with orthonormal basis e_1, …, e_r has the kernel Σ_a e_a(x)e_a(x'), whatever the basis.

Confronted at the random q-kernel of given weights ω: its space is reached through the embedding, f = <v, Ψ_ω>, by least
vectors, with no kernel formula. Source: Daniely 2020, section 2.4, Theorem 1.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Erratum, Gravity, Identity, Quantity, Source
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._kernel_space import Array, Embedding, Scheme
from lazy_assay.theory.daniely2019._parameters import ACTIVATION, POINTS, VALUES, WEIGHTS

n = sp.Symbol("n", positive=True, integer=True)
row, y = letter("k_1", 1, n), letter("y", n, 1)
product = sp.Symbol("p", real=True)


def kernel_of(W: Array, points: Array, activation: str) -> Array:
    """k_ω(X, X) as the definition reads: products of embedded points."""
    embedded = Embedding(Scheme(activation), W.T)(points)
    return np.asarray(embedded @ embedded.T)


def first_value(W: Array, points: Array, labels: Array, activation: str) -> float:
    """f(x_1) of f = Σ_i y_i k_ω(·, x_i)."""
    kernel = Embedding(Scheme(activation), W.T).kernel(points, points)
    return float(kernel[0] @ labels)


def _at_the_wrong_point(W: Array, points: Array, labels: Array, activation: str) -> float:
    kernel = Embedding(Scheme(activation), W.T).kernel(points, points)
    return float(kernel[-1] @ labels)


def _euclidean(W: Array, points: Array, labels: Array, activation: str) -> float:
    """Σ_i f(x_i)k(x_i, x_1): the product of R^n in place of the kernel space's."""
    kernel = Embedding(Scheme(activation), W.T).kernel(points, points)
    return float(kernel[0] @ kernel @ labels)


CLAIM = Claim(
    module=__name__,
    title="Kernels and kernel spaces",
    source=Source(paper=PAPER, locator="section 2.4, Theorem 1"),
    convention="On finitely many points; kernels are random q-kernels of the NTK scheme at given weights.",
    parts=(
        Identity(
            sentence="The inner product of f with the kernel's section at a point is f's value there.",
            quantity=Quantity(
                symbol=product, meaning="<f, k(·, x_1)>_k", units="output", latex=r"\langle f,k(\cdot,x_1)\rangle_k"
            ),
            statement=Eq(product, entry(row * y)),
            latex=r"\langle f,k(\cdot,x_1)\rangle_k=k_\omega(x_1,X)y",
            parameters=(WEIGHTS, POINTS, VALUES, ACTIVATION),
            auxiliary=(
                Auxiliary(
                    symbol=row,
                    meaning="k_ω(x_1, X)",
                    value=lambda W, points, activation: kernel_of(W, points, activation)[:1],
                    latex=r"k_\omega(x_1,X)",
                ),
                Auxiliary(symbol=y, meaning="coefficients of f", value=lambda labels: labels[:, None]),
            ),
            published=first_value,
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="section 2.4, Theorem 1",
                    printed="For every kernel k there exists a unique kernel space H_k such that for every x, x' ∈ X, "
                    "k(x, x') = <k(·, x), k(·, x')>_{H_k}",
                    corrected="… a unique kernel space H_k ∋ k(·, x) such that f(x) = <f, k(·, x)> for every f and x",
                    derivation="On two points let k = diag(1, 0): k(·, 1) = e₁ and k(·, 2) = 0. Both span(e₁) and R² "
                    "with the usual product are kernel spaces that meet the printed condition. In R² the function e₂ "
                    "has the value 1 at the second point, and <e₂, k(·, 2)> = 0.",
                    evidence="the counterexample; the check confronts the reproducing property itself",
                    charitable=(
                        "Who takes k(·, x) to represent the evaluation at x has the right theorem; the "
                        "printed condition, on products of sections alone, does not say so."
                    ),
                ),
            ),
            decoys=(
                Decoy(name="another point", sentence="f(x_n)", published=_at_the_wrong_point),
                Decoy(name="Euclidean product", sentence="Σ f(x_i)k(x_i, x_1)", published=_euclidean),
            ),
        ),
    ),
)
