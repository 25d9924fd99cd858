"""Section 2.5: the expected tangent kernel at Xavier initialisation with zero outputs, and the least change of weights.

    tk_{σ,B}(x, y) = <x, y> E[σ'(u)σ'(v)] + E[σ(u)σ(v)]/B²,    u = <w, x>, v = <w, y>, w ~ N(0, I).

Normalisation. The network has 2q neurons, u_i = ±B, and a pair has the same weights: Σ_{i≤2q} u_i²σ'(u)σ'(v)<x, y> is
2B² times the sum over i ≤ q, and Σ_{i≤2q} σσ is twice that sum. So ⟨∇h, ∇h⟩/(2qB²) is (1/q)Σ_{i≤q} σ'σ'<x, y> +
(1/(qB²))Σ_{i≤q} σσ, as the paper's third line says: 2q in front and i ≤ q in the sum are consistent.

`least_change`. h'(x) = <U, ∇h(x)> and Ψ = ∇h/(√(2q)B) is the embedding of tk_W, so h = <√(2q)B·U, Ψ>, and by Theorem 2
‖h‖_{tk_W} = √(2q)B·min‖U‖:

    min{‖U‖ : (2) holds} = ‖h‖_{tk_W}/(√(2q)·B).

`standard_scaling` (footnote 2): inputs of norm √d and first-layer weights of variance 1/d leave <w, x> as it is and
multiply the gradient of W by √d, so the standard convention's kernel at B is d·tk_{σ,√d B}: ours at √d B, with a rate d
times as small. That footnote 2 promises "identical results" is right, since the results choose B and η.

Errata. (1) prints the remark the other way up and without the 2: "√q B‖h‖ is the minimal Euclidean norm of U". (2) Eq.
(1) prints E_{w~N(I,0)} σ'(<w, x>, <w, y>): a misplaced parenthesis and a Gaussian of covariance 0.

Source: Daniely 2020, section 1, Eq. (1), and section 2.5.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Erratum, Gravity, Identity, Quantity, Source
from lazy_assay.theory._mathematics import dual_activations as duals
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._kernel_space import Array, Embedding, Scheme
from lazy_assay.theory.daniely2019._parameters import (
    ACTIVATION,
    CORRELATION,
    FEATURES,
    PLANE,
    POINTS,
    SCALE,
    VALUES,
    WEIGHTS,
    B,
    d,
    rho,
)

hidden, output = sp.symbols("kappa_h kappa_o", real=True)
kernel = sp.Symbol("tk", real=True)
least, root_q, norm = sp.symbols("m s N_h", nonnegative=True)


def tangent_kernel(correlation: float, activation: str, B: float) -> float:
    """tk at unit vectors of that correlation; B = inf leaves the hidden part tk^h."""
    of_slope, of_value = duals.dual_of_slope(activation, correlation), duals.dual(activation, correlation)
    return float(correlation * of_slope + of_value / B / B)


def _per_pair(correlation: float, activation: str, B: float) -> float:
    return 2 * tangent_kernel(correlation, activation, B)


def _of_the_product(correlation: float, activation: str, B: float) -> float:
    """σ' of the product <w,x><w,y> for relu, where P(uv > 0) = 1 − arccos(ρ)/π; elsewhere the kernel itself."""
    if activation != "relu":
        return tangent_kernel(correlation, activation, B)
    return float(correlation * (1 - np.arccos(correlation) / np.pi) + duals.dual("relu", correlation) / B**2)


def change(W: Array, points: Array, labels: Array, B: float, activation: str) -> float:
    """min‖U‖ for h = Σ_i y_i tk_W(·, x_i), y the `labels`: ‖h‖_{tk_W}/(√(2q)B)."""
    return _norm(W, points, labels, B, activation) / float(np.sqrt(2 * W.shape[1]) * B)


def _norm(W: Array, points: Array, labels: Array, B: float, activation: str) -> float:
    """‖h‖_{tk_W} of h = Σ_i y_i tk_W(·, x_i): √(yᵀKy)."""
    values = duals.named(activation).value(points @ W)
    gram = Embedding(Scheme(activation), W.T).kernel(points, points) + values @ values.T / (W.shape[1] * B**2)
    return float(np.sqrt(labels @ gram @ labels))


def _printed(W: Array, points: Array, labels: Array, B: float, activation: str) -> float:
    return float(np.sqrt(W.shape[1]) * B) * _norm(W, points, labels, B, activation)


def _one_of_each_pair(W: Array, points: Array, labels: Array, B: float, activation: str) -> float:
    return float(np.sqrt(2)) * change(W, points, labels, B, activation)


EXPECTED = Identity(
    name="expected",
    sentence="The expected tangent kernel is <x, y> times the dual of the slope, plus the dual of σ over B².",
    quantity=Quantity(symbol=kernel, meaning="E_W <∇h(x), ∇h(y)>/(2qB²)", latex=r"\mathrm{tk}_{\sigma,B}(x,y)"),
    statement=Eq(kernel, rho * hidden + output / B**2),
    latex=(
        r"\mathrm{tk}_{\sigma,B}(x,y)=\langle x,y\rangle\hat\sigma'(\langle x,y\rangle)"
        r"+\frac{1}{B^2}\hat\sigma(\langle x,y\rangle)"
    ),
    parameters=(CORRELATION, ACTIVATION, SCALE, FEATURES, PLANE),
    auxiliary=(
        Auxiliary(
            symbol=hidden,
            meaning="E[σ'(u)σ'(v)]",
            value=lambda correlation, activation: float(duals.dual_of_slope(activation, correlation)),
            latex=r"\hat\sigma'(\langle x,y\rangle)",
        ),
        Auxiliary(
            symbol=output,
            meaning="E[σ(u)σ(v)]",
            value=lambda correlation, activation: float(duals.dual(activation, correlation)),
            latex=r"\hat\sigma(\langle x,y\rangle)",
        ),
    ),
    published=tangent_kernel,
    decoys=(
        Decoy(name="divided by qB²", sentence="twice the kernel", published=_per_pair),
        Decoy(
            name="B for B²",
            sentence="the output part over B",
            published=lambda correlation, activation, B: tangent_kernel(correlation, activation, float(np.sqrt(B))),
        ),
        Decoy(
            name="<x, y> lost",
            sentence="the dual of the slope without <x, y>",
            published=lambda correlation, activation, B: float(
                duals.dual_of_slope(activation, correlation) + duals.dual(activation, correlation) / B**2
            ),
        ),
        Decoy(
            name="slope of the product",
            sentence="Eq. (1) with its comma read as a product: σ'(<w,x><w,y>)",
            published=_of_the_product,
        ),
    ),
    errata=(
        Erratum(
            gravity=Gravity.MISPRINT,
            locator="Eq. (1)",
            printed="<x, y>·E_{w∼N(I,0)} σ'(<w, x>, <w, y>)",
            corrected="<x, y>·E_{w∼N(0,I)} [σ'(<w, x>)σ'(<w, y>)]",
            derivation="σ' takes one number, and section 2.5 derives the product of two slopes; N(I, 0) has its "
            "mean and covariance exchanged. The product inside σ' would be another kernel (for ReLU P(uv > 0) = "
            "2P(u, v > 0)).",
            evidence="gradients of random networks; the decoy 'slope of the product'",
        ),
    ),
)
HIDDEN = Identity(
    name="hidden",
    sentence="The hidden weights' part of the expected tangent kernel is <x, y> times the dual of the slope.",
    quantity=Quantity(
        symbol=kernel,
        meaning="E_W <∇_W h(x), ∇_W h(y)>/(2qB²), first-layer weights alone",
        latex=r"\mathrm{tk}_{\sigma,B}(x,y)",
    ),
    statement=Eq(kernel, rho * hidden),
    latex=r"\mathrm{tk}_{\sigma,B}(x,y)=\langle x,y\rangle\hat\sigma'(\langle x,y\rangle)",
    parameters=(CORRELATION, ACTIVATION, FEATURES, PLANE),
    auxiliary=EXPECTED.auxiliary[:1],
    published=lambda correlation, activation: tangent_kernel(correlation, activation, float("inf")),
    decoys=(
        Decoy(
            name="output part",
            sentence="the dual of σ in place of that of its slope",
            published=lambda correlation, activation: float(duals.dual(activation, correlation)),
        ),
    ),
)
LEAST_CHANGE = Identity(
    name="least_change",
    sentence="The least change of weights that moves the network along h has norm ‖h‖_{tk_W}/(√(2q)B).",
    quantity=Quantity(
        symbol=least, meaning="min{‖U‖ : h = dh_{W+εU}/dε at 0}", units="weights", low=0, latex=r"\min\|U\|"
    ),
    statement=Eq(least, norm / (sp.sqrt(2) * root_q * B)),
    latex=r"\min\|U\|=\frac{\|h\|_{\mathrm{tk}_W}}{\sqrt{2}\,\sqrt{q}\,B}",
    printed_statement=Eq(least, root_q * B * norm),
    printed_latex=r"\min\|U\|=\sqrt{q}\,B\,\|h\|_{\mathrm{tk}_W}",
    parameters=(WEIGHTS, POINTS, VALUES, SCALE, ACTIVATION),
    auxiliary=(
        Auxiliary(
            symbol=root_q,
            meaning="√q, from the shape of W",
            value=lambda W: float(np.sqrt(W.shape[1])),
            latex=r"\sqrt{q}",
        ),
        Auxiliary(symbol=norm, meaning="‖h‖_{tk_W}", value=_norm, latex=r"\|h\|_{\mathrm{tk}_W}"),
    ),
    published=change,
    printed=_printed,
    decoys=(Decoy(name="one of each pair", sentence="√q in place of √(2q)", published=_one_of_each_pair),),
    errata=(
        Erratum(
            gravity=Gravity.CONSTANT,
            locator="section 2.5, the sentence after Eq. (2)",
            printed="√q·B·‖h‖_{tk_W} is the minimal Euclidean norm of U that satisfies (2)",
            corrected="‖h‖_{tk_W}/(√(2q)·B) is the minimal Euclidean norm of U that satisfies (2)",
            derivation="tk_W is divided by 2qB², so Ψ = ∇h/(√(2q)B) is its embedding and h = <U, ∇h> = <√(2q)B·U, Ψ>; "
            "by Theorem 2 ‖h‖ is the least ‖√(2q)B·U‖. Printed upside down, and with q for the 2q neurons.",
            evidence="least-norm solutions with the gradients of random networks",
            charitable=(
                "Were tk_W not divided by 2qB², the norm would be ‖h‖ itself; no normalisation of the "
                "paper's gives √q·B·‖h‖."
            ),
        ),
    ),
)
STANDARD = Identity(
    name="standard_scaling",
    sentence="With inputs of norm √d and weights of variance 1/d the kernel at B is d times ours at √d·B.",
    quantity=Quantity(
        symbol=kernel,
        meaning="E_W <∇h(x), ∇h(y)>/(2qB²) in the standard convention",
        latex=r"\mathrm{tk}_{\sigma,B}(x,y)",
    ),
    statement=Eq(kernel, d * (rho * hidden + output / (d * B**2))),
    latex=(
        r"\mathrm{tk}_{\sigma,B}(x,y)=d\left(\langle x,y\rangle\hat\sigma'(\langle x,y\rangle)"
        r"+\frac{1}{(\sqrt{d}\,B)^2}\hat\sigma(\langle x,y\rangle)\right)"
    ),
    parameters=EXPECTED.parameters,
    auxiliary=EXPECTED.auxiliary,
    published=lambda correlation, activation, B, d: d * tangent_kernel(correlation, activation, float(np.sqrt(d)) * B),
    decoys=(
        Decoy(name="the same kernel", sentence="tk_{σ,B}, no factor and no change of B", published=tangent_kernel),
        Decoy(
            name="the same B",
            sentence="d·tk_{σ,B}: the output weights' part multiplied too",
            published=lambda correlation, activation, B, d: d * tangent_kernel(correlation, activation, B),
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="The expected tangent kernel",
    source=Source(paper=PAPER, locator="Eq. (1), section 2.5 and footnote 2"),
    convention="Unit inputs, standard Gaussian first-layer weights, 2q neurons in pairs, output weights ±B.",
    parts=(EXPECTED, HIDDEN, LEAST_CHANGE, STANDARD),
)
