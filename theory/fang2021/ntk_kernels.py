"""The two tangent kernels and their limits, with the exact variance at every m.

    k_m^u = (1/m) Σ_j h(θ̃_j, x) h(θ̃_j, x')                            → k_∞^u = σ̂(c)
    k_m^θ = (1/m) Σ_j ũ_jũ_jᵀ ∇h(θ̃_j, x)ᵀ∇h(θ̃_j, x')  (k × k)      → k_∞^θ = σ² c σ̂'(c) I_k

for unit inputs with c = <x, x'>, ∇h(θ, x) = σ'(θᵀx) x, and σ̂'(c) = E[σ'(u)σ'(v)] =: D, Q := E[σ'(u)²σ'(v)²]. Each is a
mean of m independent terms, so the means are exact at every m. With σ² = 1, E[ũ_a⁴] = 3 and E[ũ_a²ũ_b²] = 1:

    Var (k_m^θ)_aa = c²(3Q − D²)/m,    (k_m^θ)_ab has mean 0 and variance c²Q/m   (a ≠ b).

So at finite m the k × k kernel is no multiple of the identity: its entries off the diagonal are of the same order
m^(−1/2) as what those on it are off by. And the scalar kernel that "may also replace" it in the limit,
σ²∫∇hᵀ∇h dρ₀, scatters less when its integral is sampled: c²(Q − D²)/m.

Errata. (1) The scalar kernel is printed with ∇h(θ̃, x)ᵀ∇h(θ̃, x): the second x is x', or it would not depend on x'.
(2) "differentiable with respect to x" (before (8)): the tangent kernel needs differentiability in θ.

Source: Fang, Dong, Zhang 2021, section IV, between Eqs. (9) and (10).
"""

import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Erratum, Formula, Gravity, Identity, Limit, Quantity, Source
from lazy_assay.theory._mathematics.dual_activations import dual_of_slope, second_moment_of_slope
from lazy_assay.theory._mathematics.two_layer import ACTIVATION, CONVENTION, CORRELATION, WIDTH, c, m
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021.rf_kernel import kernel, limit


def slope(correlation: float, activation: str) -> float:
    """D = E[σ'(u)σ'(v)]."""
    return float(dual_of_slope(activation, correlation))


def square_of_slope(correlation: float, activation: str) -> float:
    """Q = E[σ'(u)²σ'(v)²]."""
    return float(second_moment_of_slope(activation, correlation))


def diagonal(correlation: float, activation: str) -> float:
    """(k_∞^θ)_aa for σ² = 1."""
    return correlation * slope(correlation, activation)


def at_coincidence(activation: str) -> float:
    """E[σ'(u)²]: the scalar kernel as printed, with x for x'."""
    return slope(1.0, activation)


def _values(correlation: float, activation: str) -> float:
    return correlation * kernel(correlation, activation)


def both(correlation: float, activation: str) -> float:
    """k_∞^u + (k_∞^θ)_aa: the tangent kernel at α² = m."""
    return kernel(correlation, activation) + diagonal(correlation, activation)


def _variance(fourth: int, mean: int) -> Formula:
    """c²(fourth·Q − mean·D²)/m as a formula."""

    def formula(correlation: float, activation: str, m: int) -> float:
        Q, D = square_of_slope(correlation, activation), slope(correlation, activation)
        return correlation**2 * (fourth * Q - mean * D**2) / m

    return formula


D = Auxiliary(
    symbol=sp.Symbol("D"),
    meaning="E[σ'(u)σ'(v)]",
    value=slope,
    latex=r"\mathbb{E}[h_0'(\tilde\theta^\top x)h_0'(\tilde\theta^\top x')]",
)
Q = Auxiliary(
    symbol=sp.Symbol("Q"),
    meaning="E[σ'(u)²σ'(v)²]",
    value=square_of_slope,
    latex=r"\mathbb{E}[h_0'(\tilde\theta^\top x)^2h_0'(\tilde\theta^\top x')^2]",
)
MEAN = Quantity(
    symbol=sp.Symbol("k"),
    meaning="mean of the kernel over weights",
    units="squared output per weight",
    latex=r"k_\infty^\theta(x,x')",
)
SPREAD = Quantity(
    symbol=sp.Symbol("V"),
    meaning="mean square about the limit",
    units="square of a kernel",
    low=0,
    latex=r"\operatorname{Var}k_m^\theta(x,x')",
)
PARAMETERS = (CORRELATION, ACTIVATION, WIDTH)


def _spread(a: int, b: int) -> str:
    less = r"-\mathbb{E}[h_0'(\tilde\theta^\top x)h_0'(\tilde\theta^\top x')]^2" if b else ""
    count = "" if a == 1 else str(a)
    return rf"{SPREAD.latex}=\frac{{(x^\top x')^2}}{{m}}\left({count}{Q.latex}{less}\right)"


def _fluctuation(name: str, sentence: str, right: tuple[int, int], wrong: dict[str, tuple[int, int]]) -> Identity:
    """A part for a variance c²(a·Q − b·D²)/m, with decoys of other a and b."""
    decoys = tuple(
        Decoy(name=label, sentence=f"c²({a}Q − {b}D²)/m", published=_variance(a, b), finite=_variance(a, b))
        for label, (a, b) in wrong.items()
    )
    return Identity(
        name=name,
        ours=True,
        sentence=sentence,
        quantity=SPREAD,
        statement=Eq(SPREAD.symbol, c**2 * (right[0] * Q.symbol - right[1] * D.symbol**2) / m),
        latex=_spread(*right),
        parameters=PARAMETERS,
        auxiliary=(D, Q),
        published=_variance(*right),
        finite=_variance(*right),
        decoys=decoys,
    )


PRIMED = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section IV, the scalar kernel before f_∞",
    printed="σ² ∫ ∇_θ h(θ̃, x)ᵀ∇_θ h(θ̃, x) dρ₀(θ̃)",
    corrected="σ² ∫ ∇_θ h(θ̃, x)ᵀ∇_θ h(θ̃, x') dρ₀(θ̃)",
    derivation="∫ũũᵀdρ₀(ũ) = σ²I in k_∞^θ(x, x') leaves the product of gradients at x and at x'.",
    evidence="means of k_m^θ over weights at x ≠ x'",
)
IN_THETA = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section IV, the paragraph before Eq. (8)",
    printed="we consider the case that h(θ, x) is differentiable with respect to x",
    corrected="… differentiable with respect to θ",
    derivation="(8) expands in u and θ at fixed x; ∇_x h occurs nowhere.",
    evidence="the statement of (8) itself; the linearisation error of activations with and without a kink in θᵀx",
)
CLAIM = Claim(
    module=__name__,
    title="The two tangent kernels have limits",
    source=Source(paper=PAPER, locator="section IV, between Eqs. (9) and (10)"),
    convention=CONVENTION + " Unit inputs.",
    parts=(
        Limit(
            name="k_theta",
            sentence="The tangent kernel of the hidden weights has a limit, its mean at every m.",
            quantity=MEAN,
            statement=Eq(MEAN.symbol, c * D.symbol),
            latex=r"k_\infty^\theta(x,x')=x^\top x'\,\mathbb{E}[h_0'(\tilde\theta^\top x)h_0'(\tilde\theta^\top x')]",
            printed_statement=Eq(MEAN.symbol, sp.Symbol("D_1")),
            printed_latex=r"k_\infty^\theta(x,x')=\mathbb{E}[h_0'(\tilde\theta^\top x)^2]",
            rate=1 / sp.sqrt(m),
            parameters=PARAMETERS,
            auxiliary=(
                D,
                Auxiliary(
                    symbol=sp.Symbol("D_1"),
                    meaning="E[σ'(u)²]",
                    value=at_coincidence,
                    latex=r"\mathbb{E}[h_0'(\tilde\theta^\top x)^2]",
                ),
            ),
            published=diagonal,
            printed=at_coincidence,
            errata=(PRIMED, IN_THETA),
            decoys=(
                Decoy(name="without <x, x'>", sentence="E[σ'(u)σ'(v)] alone", published=slope),
                Decoy(
                    name="values",
                    sentence="c E[σ(u)σ(v)]",
                    published=_values,
                ),
            ),
        ),
        Limit(
            name="sum",
            sentence="At α² = m the network's tangent kernel is k^u + k^θ, in the limit and in the mean.",
            quantity=MEAN,
            statement=Eq(MEAN.symbol, limit.symbol + c * D.symbol),
            latex=(
                r"k_\infty^\theta(x,x')=\hat\sigma(x^\top x')+x^\top x'\,\mathbb{E}[h_0'(\tilde\theta^"
                r"\top x)h_0'(\tilde\theta^\top x')]"
            ),
            rate=1 / sp.sqrt(m),
            parameters=PARAMETERS,
            auxiliary=(limit, D),
            published=both,
            decoys=(
                Decoy(name="hidden weights alone", sentence="k^θ without k^u", published=diagonal),
                Decoy(name="output weights alone", sentence="k^u without k^θ", published=kernel),
            ),
        ),
        _fluctuation(
            "diagonal",
            "An entry on the diagonal of k_m^θ has variance c²(3Q − D²)/m.",
            (3, 1),
            {"scalar kernel": (1, 1), "not centred": (3, 0)},
        ),
        _fluctuation(
            "off_diagonal",
            "An entry off the diagonal of k_m^θ has mean 0 and variance c²Q/m.",
            (1, 0),
            {"diagonal": (3, 1), "scalar kernel": (1, 1)},
        ),
    ),
)
