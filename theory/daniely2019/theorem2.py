"""Theorem 2: H_k = {<v, Ψ(·)>}, and ‖f‖_k is the least ‖v‖ with <v, Ψ(·)> = f.

With n points and Ψ the matrix of rows Ψ(x_i), K = ΨΨᵀ. The v that make f are v* + ker Ψ, v* = Ψ⁺f in the row space,
so v* is the only least one, and ‖v*‖² = f·(ΨΨᵀ)⁺f = ‖f‖²_k. The same in a Hilbert space: the v that make f are a closed
affine subspace, since v ↦ <v, Ψ(x)> is continuous for every x.

Erratum. As printed, ‖f‖_k = min{‖v‖ : f_{Ψ,v}}: the condition has lost its "= f", and the minimum over every v is 0.

Source: Daniely 2020, section 2.4, Theorem 2.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Erratum, Gravity, Identity, Quantity, Source
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._kernel_space import Array, Embedding, Scheme, inner_product
from lazy_assay.theory.daniely2019._parameters import ACTIVATION, POINTS, VALUES, WEIGHTS

n = sp.Symbol("n", positive=True, integer=True)
K, y = letter("K", n, n), letter("y", n, 1)
least = sp.Symbol("m", nonnegative=True)


def kernel_of(W: Array, points: Array, activation: str) -> Array:
    """k_ω(X, X) as the definition reads: products of embedded points."""
    embedded = Embedding(Scheme(activation), W.T)(points)
    return np.asarray(embedded @ embedded.T)


def kernel_norm(W: Array, points: Array, labels: Array, activation: str) -> float:
    """‖f‖_k of f = Σ_i y_i k_ω(·, x_i), from its values and the kernel matrix."""
    kernel = Embedding(Scheme(activation), W.T).kernel(points, points)
    values = kernel @ labels
    return float(np.sqrt(inner_product(kernel, values, values)))


def _squared(W: Array, points: Array, labels: Array, activation: str) -> float:
    return kernel_norm(W, points, labels, activation) ** 2


def _features_not_divided(W: Array, points: Array, labels: Array, activation: str) -> float:
    """Without the 1/√q of the embedding."""
    return kernel_norm(W, points, labels, activation) * float(np.sqrt(W.shape[1]))


CLAIM = Claim(
    module=__name__,
    title="Kernel norm and least vector",
    source=Source(paper=PAPER, locator="section 2.4, Theorem 2"),
    convention="On finitely many points; embeddings are random q-embeddings of the NTK scheme at given weights.",
    parts=(
        Identity(
            sentence="A function's kernel norm is the least norm of a vector that makes it through the embedding.",
            quantity=Quantity(
                symbol=least,
                meaning="min{‖v‖ : <v, Ψ(·)> = f}",
                units="output",
                low=0,
                latex=r"\min\{\|v\|:\langle v,\Psi(\cdot)\rangle=f\}",
            ),
            statement=Eq(least, sp.sqrt(entry(y.T * K * y))),
            latex=r"\min\{\|v\|:\langle v,\Psi(\cdot)\rangle=f\}=\sqrt{y^\top k_\omega(X,X)y}",
            printed_statement=Eq(least, sp.Integer(0)),
            printed_latex=r"\min\{\|v\|:\langle v,\Psi(\cdot)\rangle=f\}=0",
            parameters=(WEIGHTS, POINTS, VALUES, ACTIVATION),
            # f = Ky, so that f·K⁺f is yᵀKy.
            auxiliary=(
                Auxiliary(symbol=K, meaning="k_ω(X, X)", value=kernel_of, latex=r"k_\omega(X,X)"),
                Auxiliary(symbol=y, meaning="coefficients of f", value=lambda labels: labels[:, None]),
            ),
            published=kernel_norm,
            printed=lambda: 0.0,
            decoys=(
                Decoy(name="squared", sentence="f·K⁺f", published=_squared),
                Decoy(name="embedding not divided", sentence="√q times the norm", published=_features_not_divided),
            ),
            errata=(
                Erratum(
                    gravity=Gravity.MISPRINT,
                    locator="Theorem 2, last sentence",
                    printed="‖f‖_k = min{‖v‖_H : f_{Ψ,v}}",
                    corrected="‖f‖_k = min{‖v‖_H : f_{Ψ,v} = f}",
                    derivation="Without a condition the set holds v = 0, so that every norm would be 0; the proof of "
                    "uniqueness needs the affine subspace {v : <v, Ψ(·)> = f}.",
                    evidence="least vectors of random embeddings, also of singular kernel matrices",
                ),
            ),
        ),
    ),
)
