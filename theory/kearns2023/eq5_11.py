"""Eqs. (5), (6), (8) to (11) and (14): one step ω_1 = ω_0 − η∇F(ω_0), to first order in η, and the loss.

Squared loss F = ½‖f − y‖², g = ∇F(ω_0) = Dfᵀ(f − y). Taylor at ω_0:
* (5), (6) as defined, of steps really taken: Δ(F) is η‖g‖²/F and Δ(Df) at most η‖g‖‖D²f‖/‖Df‖, either but for a
  remainder of order η² (Lagrange's, computed by the check); Δ(Df) attains it with one weight, one input, one point.
* (8)  F(ω_1) = F − η‖g‖² + O(η²): as printed.
* (9)  Df(ω_1) = Df − η D²f(ω_0)[g] + O(η²). Printed with D²f(ω_1): equal to first order, but no linearisation at ω_0.
* (10) Δ(F) = η‖g‖²/F + O(η²); printed η‖g‖/F, a power of ‖g‖ lost. Δ(Df) = η‖D²f[g]‖/‖Df‖ + O(η²) ≤
  η‖g‖‖D²f‖/‖Df‖; printed with ≈, as if g were a worst direction of D²f. The last line of (10), ‖g‖/F ≫ ‖D²f‖/‖Df‖,
  follows from the corrected first line (‖g‖ cancels), not from the printed one.
* (11) ‖Dfᵀ(f − y)‖ ≤ ‖Df‖‖f − y‖; printed with ≈, as if the residual were a top singular vector.
* (14) the printed loss lacks its minus sign: it is ≤ 0, and training that minimises it does the opposite.
Confronted by real steps of a network f_i = Σ_j a_j σ(⟨w_j, x_i⟩), σ = He2 + He3, a_j = (−1)^j/√N, parameters W. Norms
of Df and of D²f[g] are Frobenius norms in (6), (9), (10) and operator norms in (11); ‖D²f‖ = sup ‖D²f[v]‖_F at unit v.
Source: Kearns et al. 2023, section 3, Eqs. (5), (6), (8) to (11); section 6, Eq. (14).
"""

import math

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Abbreviation,
    Auxiliary,
    Bound,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Formula,
    Gravity,
    Identity,
    Neurons,
    Parameter,
    PointSet,
    Quantity,
    Real,
    Source,
    Vector,
)
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory.kearns2023 import PAPER, _large_variance

Array = np.ndarray
WEIGHTS = Parameter("W", sp.Symbol("W", commutative=False), "weights, one column a neuron", Neurons("d", "N"))
POINTS = Parameter("points", sp.Symbol("X", commutative=False), "inputs, one a row", PointSet("n", "d"), latex=r"X")
LABELS = Parameter("labels", sp.Symbol("y", commutative=False), "targets", Vector("n"))
STEP_SIZE = Parameter("step_size", sp.Symbol("eta", positive=True), "step size η", Real(0))
STEPPED = (WEIGHTS, POINTS, LABELS, STEP_SIZE)
eta = STEP_SIZE.symbol
H, r, S = sp.symbols("H r S", positive=True)
n, N, d, weights = (sp.Symbol(name, positive=True, integer=True) for name in ("n", "N", "d", "p"))
Df, gap, nabla = letter("Df", n, weights), letter("e", n, 1), letter("G", N, d)
bends, X, lengths = letter("A", n, N), letter("X", n, d), letter("Lambda", n, n)
y, f = letter("y", n, 1), letter("f", n, 1)
i = sp.Symbol("i", integer=True, nonnegative=True)


def _signs(W: Array) -> Array:
    return np.asarray(np.where(np.arange(W.shape[1]) % 2 == 0, 1.0, -1.0) / math.sqrt(W.shape[1]))


def outputs(W: Array, points: Array) -> Array:
    """f, (n,)."""
    u = points @ W
    return np.asarray((u**2 - 1 + u**3 - 3 * u) @ _signs(W))


def _jacobian(W: Array, points: Array) -> Array:
    """Df, (n, N, d): a_j σ'(u_ij) x_i."""
    u = points @ W
    return np.asarray(((2 * u + 3 * (u**2 - 1)) * _signs(W))[:, :, None] * points[:, None, :])


def _gradient(W: Array, points: Array, labels: Array) -> Array:
    """∇F, (N, d)."""
    return np.asarray(np.einsum("ijk,i->jk", _jacobian(W, points), outputs(W, points) - labels))


def _curvatures(W: Array, points: Array) -> Array:
    """a_j σ''(u_ij), (n, N): D²f[v]_ij = that times ⟨x_i, v_j⟩ x_i."""
    return np.asarray((2 + 6 * (points @ W)) * _signs(W))


def gradient_norm(W: Array, points: Array, labels: Array) -> float:
    """‖∇F‖."""
    return float(np.linalg.norm(_gradient(W, points, labels)))


def loss(W: Array, points: Array, labels: Array) -> float:
    """F."""
    return float(((outputs(W, points) - labels) ** 2).sum() / 2)


def derivative_norm(W: Array, points: Array) -> float:
    """‖Df‖_F."""
    return float(np.linalg.norm(_jacobian(W, points)))


def turn(W: Array, points: Array, labels: Array) -> float:
    """‖D²f[∇F]‖_F."""
    along = points @ _gradient(W, points, labels).T
    return float(np.linalg.norm(_curvatures(W, points) * along * np.linalg.norm(points, axis=1)[:, None]))


def curvature_norm(W: Array, points: Array) -> float:
    """sup ‖D²f[v]‖_F: neurons are apart, so the largest over neurons of a d × d matrix's root eigenvalue."""
    weights = (_curvatures(W, points) * np.linalg.norm(points, axis=1)[:, None]) ** 2
    return math.sqrt(max(float(np.linalg.eigvalsh((points.T * w) @ points)[-1]) for w in weights.T))


def spectral_norm(W: Array, points: Array) -> float:
    """‖Df‖ as an operator."""
    return float(np.linalg.norm(_jacobian(W, points).reshape(len(points), -1), 2))


def residual(W: Array, points: Array, labels: Array) -> float:
    """‖f − y‖."""
    return float(np.linalg.norm(outputs(W, points) - labels))


def _fall(W: Array, points: Array, labels: Array) -> float:
    """‖∇F‖²/F."""
    return gradient_norm(W, points, labels) ** 2 / loss(W, points, labels)


def _most(W: Array, points: Array, labels: Array) -> float:
    """‖∇F‖‖D²f‖/‖Df‖."""
    return gradient_norm(W, points, labels) * curvature_norm(W, points) / derivative_norm(W, points)


def remainders(W: Array, points: Array, labels: Array, step_size: float) -> tuple[float, float]:
    """Lagrange's remainders ½η² sup|d²/dη²| of F and of Df (its norm) over the step, in absolute values term by term.

    Along the step u_ij = u_ij(0) − ηb_ij; σ = u³ + u² − 3u − 1, whose third derivative is 6.
    """
    a, b = np.abs(_signs(W)), np.abs(points @ _gradient(W, points, labels).T)
    u = np.abs(points @ W) + step_size * b
    gap = (u**3 + u**2 + 3 * u + 1) @ a + np.abs(labels)
    first, second = ((3 * u**2 + 2 * u + 3) * b) @ a, ((6 * u + 2) * b**2) @ a
    turned = np.linalg.norm(6 * a * b**2 * np.linalg.norm(points, axis=1)[:, None])
    return step_size**2 / 2 * float((first**2 + gap * second).sum()), step_size**2 / 2 * float(turned)


def cross_entropy(W: Array, points: Array, labels: Array) -> float:
    """Mean of log(1 + exp(−y f)), the binary cross-entropy of labels ±1."""
    return float(np.logaddexp(0.0, -labels * outputs(W, points)).mean())


AUXILIARY = (
    Auxiliary(symbol=H, meaning="‖D²f‖", value=curvature_norm, latex=r"\|D^2f(\omega_0)\|"),
    Auxiliary(symbol=S, meaning="‖Df‖, operator norm", value=spectral_norm, latex=r"\|Df(\omega_0)\|"),
    Auxiliary(symbol=r, meaning="‖f − y‖", value=residual, latex=r"\|f(\omega_0)-y\|"),
    Auxiliary(
        symbol=Df,
        meaning="Df, a row a point",
        value=lambda W, points: _jacobian(W, points).reshape(len(points), -1),
        latex=r"Df(\omega_0)",
    ),
    Auxiliary(
        symbol=gap,
        meaning="f − y",
        value=lambda W, points, labels: (outputs(W, points) - labels)[:, None],
        latex=r"(f(\omega_0)-y)",
    ),
    Auxiliary(symbol=bends, meaning="a_j σ''(u_ij)", value=_curvatures, latex=r"A"),
    Auxiliary(symbol=X, meaning="inputs", value=lambda points: points, latex=r"X"),
    Auxiliary(symbol=nabla, meaning="∇F, a row a neuron", value=_gradient, latex=r"\nabla F"),
    Auxiliary(
        symbol=lengths,
        meaning="diag(‖x_i‖)",
        value=lambda points: np.diag(np.linalg.norm(points, axis=1)),
        latex=r"\Lambda",
    ),
    Auxiliary(symbol=y, meaning="labels ±1", value=lambda labels: labels[:, None], latex=r"y"),
    Auxiliary(symbol=f, meaning="outputs", value=lambda W, points: outputs(W, points)[:, None], latex=r"f"),
)
# D²f[v]_ij = a_j σ''(u_ij) <x_i, v_j> x_i.
turned = lengths * sp.HadamardProduct(bends, X * nabla.T)
# ‖∇F‖², F, ‖Df‖_F and ‖D²f[∇F]‖_F.
g_squared, F = entry(gap.T * Df * Df.T * gap), entry(gap.T * gap) / 2
g, J, T = sp.sqrt(g_squared), sp.sqrt(sp.Trace(Df * Df.T)), sp.sqrt(sp.Trace(turned * turned.T))
L = sp.Sum(sp.log(1 + sp.exp(-y[i, 0] * f[i, 0])), (i, 0, n - 1)) / n


NORMS = (
    Abbreviation(
        latex=r"\|\nabla F(\omega_0)\|",
        meaning="∇F = Dfᵀ(f − y)",
        stands_for=g,
        definition_latex=r"\sqrt{(f(\omega_0)-y)^\top Df(\omega_0)Df(\omega_0)^\top(f(\omega_0)-y)}",
    ),
    Abbreviation(
        latex=r"F(\omega_0)",
        meaning="half the squared loss",
        stands_for=F,
        definition_latex=r"\frac{1}{2}(f(\omega_0)-y)^\top(f(\omega_0)-y)",
    ),
    Abbreviation(latex=r"\|Df(\omega_0)\|", meaning="Frobenius norm", stands_for=J),
    Abbreviation(
        latex=r"\|D^2f(\omega_0)[\nabla F(\omega_0)]\|",
        meaning="D²f[v]_ij = a_j σ''(u_ij) <x_i, v_j> x_i",
        stands_for=T,
    ),
)
# Left-hand side, right-hand side and printed right-hand side, as section 3 writes them.
_SIGNS = {
    "eq8": (
        r"\left.\frac{\mathrm{d}F(\omega_1)}{\mathrm{d}\eta}\right|_{\eta=0}",
        r"-\|\nabla F(\omega_0)\|^2",
    ),
    "eq9": (
        r"\left\|\left.\frac{\mathrm{d}Df(\omega_1)}{\mathrm{d}\eta}\right|_{\eta=0}\right\|",
        r"\|D^2f(\omega_0)[\nabla F(\omega_0)]\|",
    ),
    "eq10_loss": (
        r"\frac{\Delta(F)}{\eta}",
        r"\frac{\|\nabla F(\omega_0)\|^2}{F(\omega_0)}",
        r"\frac{\|\nabla F(\omega_0)\|}{F(\omega_0)}",
    ),
    "eq10_derivative": (
        r"\frac{\Delta(Df)}{\eta}",
        r"\frac{\|D^2f(\omega_0)[\nabla F(\omega_0)]\|}{\|Df(\omega_0)\|}",
        r"\frac{\|\nabla F(\omega_0)\|\|D^2f(\omega_0)\|}{\|Df(\omega_0)\|}",
    ),
    "eq11": (
        r"\|\nabla F(\omega_0)\|",
        r"\sqrt{(f(\omega_0)-y)^\top Df(\omega_0)Df(\omega_0)^\top(f(\omega_0)-y)}",
        r"\|Df(\omega_0)\|\|f(\omega_0)-y\|",
    ),
    "eq14": (
        r"H(y,\hat y)",
        r"\frac{1}{N}\sum_{i=1}^{N}\log\left(1+e^{-y_if_i}\right)",
        r"-\frac{1}{N}\sum_{i=1}^{N}\log\left(1+e^{-y_if_i}\right)",
    ),
}


def _form(name: str, side: int) -> str:
    told = _SIGNS[name]
    return f"{told[0]}={told[side]}" if side < len(told) else ""


def _part(
    name: str,
    sentence: str,
    meaning: str,
    right: sp.Expr,
    published: Formula,
    decoys: tuple[Decoy, ...],
    printed: Formula | None = None,
    wrong: sp.Expr | None = None,
    errata: tuple[Erratum, ...] = (),
) -> Identity:
    """A part in terms of norms at ω_0."""
    # All are norms, but for the change of the loss.
    quantity = Quantity(
        symbol=sp.Symbol("q"), meaning=meaning, low=-math.inf if name == "eq8" else 0, latex=_SIGNS[name][0]
    )
    return Identity(
        name=name, sentence=sentence, quantity=quantity, statement=Eq(quantity.symbol, right), latex=_form(name, 1),
        printed_statement=None if wrong is None else Eq(quantity.symbol, wrong), printed_latex=_form(name, 2),
        parameters=(WEIGHTS, POINTS, LABELS), auxiliary=AUXILIARY, published=published, printed=printed,
        abbreviations=NORMS if name in ("eq8", "eq9", "eq10_loss", "eq10_derivative") else (),
        decoys=decoys, errata=errata,
    )  # fmt: skip


# Of (10) and (11): as an order of magnitude from above ≈ may pass, as an estimate it does not.
_UPPER = "As an upper bound it is right, and Δ(F) ≫ Δ(Df) follows from a bound of Δ(Df); as an estimate (≈) it is not."


def _erratum(
    locator: str,
    printed: str,
    corrected: str,
    derivation: str,
    gravity: Gravity = Gravity.MISPRINT,
    charitable: str = "",
) -> Erratum:
    return Erratum(
        gravity=gravity, charitable=charitable,
        locator=locator, printed=printed, corrected=corrected, derivation=derivation,
        evidence="real steps of a small network, whose expansion in η is a polynomial",
    )  # fmt: skip


CLAIM = Claim(
    module=__name__,
    title="One step of gradient descent, to first order",
    source=Source(paper=PAPER, locator="section 3, Eqs. (5), (6), (8) to (11); section 6, Eq. (14)"),
    convention="F = ½‖f − y‖². (8) to (10) are coefficients of η at η = 0; (5), (6) are steps of size η.",
    parts=(
        Identity(
            name="eq5", sentence="Δ(F) of a step of size η is η‖∇F‖²/F, to first order.",
            quantity=Quantity(symbol=sp.Symbol("Delta_F"), meaning="|F(ω_1) − F(ω_0)|/F(ω_0)", low=0,  latex=(
                r"\Delta(F)"
            )),
            statement=Eq(sp.Symbol("Delta_F"), eta * g_squared / F), latex=(
                r"\Delta(F)=\eta\frac{\|\nabla F(\omega_0)\|^2}{F(\omega_0)}"
            ), parameters=STEPPED, auxiliary=AUXILIARY, abbreviations=NORMS,
            published=lambda W, points, labels, step_size: step_size * _fall(W, points, labels),
            decoys=(
                Decoy(name="signed", sentence="−η‖∇F‖²/F, without |·|", published=lambda W, points, labels, step_size:
                      -step_size * _fall(W, points, labels)),
                Decoy(name="not relative", sentence="η‖∇F‖²", published=lambda W, points, labels, step_size:
                      step_size * gradient_norm(W, points, labels) ** 2),
                Decoy(name="the first line of (10)", sentence="η‖∇F‖/F", published=lambda W, points, labels, step_size:
                      step_size * gradient_norm(W, points, labels) / loss(W, points, labels)),
            ),
        ),
        Bound(
            name="eq6", companion="eq10_derivative",
            sentence="Δ(Df) of a step of size η is at most η‖∇F‖‖D²f‖/‖Df‖, to first order.",
            quantity=Quantity(symbol=sp.Symbol("Delta_D"), meaning="‖Df(ω_1) − Df(ω_0)‖/‖Df(ω_0)‖", low=0,  latex=(
                r"\Delta(Df)"
            )),
            statement=sp.Le(sp.Symbol("Delta_D"), eta * g * H / J), latex=(
                r"\Delta(Df)\leq\eta\frac{\|\nabla F(\omega_0)\|\|D^2f(\omega_0)\|}{\|Df(\omega_0)\|}"
            ), parameters=STEPPED, auxiliary=AUXILIARY, abbreviations=NORMS,
            published=lambda W, points, labels, step_size: step_size * _most(W, points, labels),
            decoys=(
                Decoy(name="halved", sentence="half of it: ½ as of a second-order term",
                      published=lambda W, points, labels, step_size: step_size * _most(W, points, labels) / 2),
                Decoy(name="‖∇F‖ lost", sentence="η‖D²f‖/‖Df‖", published=lambda W, points, labels, step_size:
                      step_size * curvature_norm(W, points) / derivative_norm(W, points)),
            ),
        ),
        _part("eq8", "A step changes the loss by −η‖∇F‖².", "coefficient of η in F(ω_1)", -g_squared,
              lambda W, points, labels: -gradient_norm(W, points, labels) ** 2,
              (Decoy(name="not squared", sentence="−‖∇F‖",
                     published=lambda W, points, labels: -gradient_norm(W, points, labels)),)),
        _part("eq9", "A step changes Df by −η D²f(ω_0)[∇F].", "norm of the coefficient of η in Df(ω_1)",
              T, turn,
              (Decoy(name="halved", sentence="½ D²f[∇F]",
                     published=lambda W, points, labels: turn(W, points, labels) / 2),),
              errata=(_erratum("Eq. (9)", "D²f(ω_1)", "D²f(ω_0)",
                               "Taylor at ω_0; D²f(ω_1) = D²f(ω_0) + O(η): equal to first order, but no expansion at "
                               "ω_0"),)),
        _part("eq10_loss", "Δ(F) is η‖∇F‖²/F.", "coefficient of η in Δ(F)", g_squared / F,
              lambda W, points, labels: gradient_norm(W, points, labels) ** 2 / loss(W, points, labels),
              (Decoy(name="doubled", sentence="2‖∇F‖²/F", published=lambda W, points, labels: 2
                     * gradient_norm(W, points, labels) ** 2 / loss(W, points, labels)),),
              lambda W, points, labels: gradient_norm(W, points, labels) / loss(W, points, labels), g / F,
              (_erratum("Eq. (10), first line", "Δ(F) ≈ η‖∇F‖/F", "Δ(F) ≈ η‖∇F‖²/F",
                        "from (8), divided by F; the condition that (10) ends in follows with the square only"),)),
        _part("eq10_derivative", "Δ(Df) is η‖D²f[∇F]‖/‖Df‖.", "coefficient of η in Δ(Df)", T / J,
              lambda W, points, labels: turn(W, points, labels) / derivative_norm(W, points),
              (Decoy(name="halved", sentence="½‖D²f[∇F]‖/‖Df‖",
                     published=lambda W, points, labels: turn(W, points, labels) / derivative_norm(W, points) / 2),),
              lambda W, points, labels: gradient_norm(W, points, labels) * curvature_norm(W, points)
              / derivative_norm(W, points), g * H / J,
              (_erratum("Eq. (10), second line", "Δ(Df) ≈ η‖∇F‖‖D²f‖/‖Df‖", "≤ in place of ≈",
                        "‖D²f[g]‖ ≤ ‖D²f‖‖g‖, with equality where g is a worst direction",
                        Gravity.CONDITION, _UPPER),)),
        _part("eq11", "The gradient's norm is ‖Dfᵀ(f − y)‖.", "‖∇F‖",
              sp.sqrt(entry(gap.T * Df * Df.T * gap)), gradient_norm,
              (Decoy(name="squared", sentence="‖∇F‖²",
                     published=lambda W, points, labels: gradient_norm(W, points, labels) ** 2),),
              lambda W, points, labels: spectral_norm(W, points) * residual(W, points, labels), S * r,
              (_erratum("Eq. (11)", "‖Dfᵀ(f − y)‖ ≈ ‖Df‖‖f − y‖", "≤ in place of ≈",
                        "the operator norm's inequality; equal where f − y is a top singular vector", Gravity.CONDITION,
                        "≈ may pass as an order of magnitude; but (11) bounds ‖∇F‖, which the condition needs large, "
                        "from above."),)),
        _part("eq14", "The binary cross-entropy is minus the mean log-likelihood.", "loss, in nats", L, cross_entropy,
              (Decoy(name="summed", sentence="a sum over the points", published=lambda W, points, labels: len(labels)
                     * cross_entropy(W, points, labels)),),
              lambda W, points, labels: -cross_entropy(W, points, labels), -L,
              (_erratum("Eq. (14)", "(1/N) Σ y log ŷ + (1 − y) log(1 − ŷ)", "−(1/N) Σ [y log ŷ + (1 − y) log(1 − ŷ)]",
                        "log ŷ ≤ 0, so the printed loss is ≤ 0 and least at the worst outputs"),)),
        _large_variance.PART,
    ),
)  # fmt: skip
