"""Eqs. (3)–(7): random features as a linear model, and the kernel problem that has the same solution.

With u = (α/√m)[u_1, …, u_m]ᵀ ∈ R^{m×k} and h(x) = m^(−1/2)[h(θ̃_1, x), …, h(θ̃_m, x)]ᵀ ∈ R^m, f = uᵀh(x), (3), and

    (4)  min_u (1/n) Σ_i L(uᵀh(x_i), y_i) + (λ/2)‖u‖_F²,      (λ/2m) Σ_j ‖αu_j‖² = (λ/2)‖u‖_F².

∇_u = 0 gives (5): u = Σ_i h(x_i)β_iᵀ with β_i = −L'_1(uᵀh(x_i), y_i)/(λn). Substituted, f = Σ_i β_i k_m(x, x_i) and
‖u‖_F² = Tr(uᵀu) = Σ_iΣ_ℓ β_iᵀβ_ℓ k_m(x_i, x_ℓ): (6). α has dropped out of f: it is only the scale of u_j.

`ridge`, `logistic`: the solution of (4), solved for the m numbers u_j, against that of (6), solved for n numbers β_i.
For L = ½(v − y)², β = (K_m + λnI)⁻¹y. For L = log(1 + exp(−yv)), (5) is β_i = y_i s(−y_i f_i)/(λn), s the sigmoid,
f = K_mβ: Newton's method on the n equations nλβ_i = y_i s(−y_i (Kβ)_i), whose Jacobian λnI + D K (D = diag s(1−s))
is invertible. (4) is λ-strongly convex, so the gradient that is left bounds the distance from the solution.

`norm`: the Frobenius norm. `continuous`: in the limit f(x) = ∫u(θ)h(θ, x)dρ₀ with u(θ) = Σ_i β_i h(θ, x_i), β from (7),
so that u(θ)h(θ, x) of one θ drawn from ρ₀ is an unbiased estimate of f_∞(x) = Σ_i β_i k_∞(x, x_i).
`rate`: the solution of (6) is a smooth function of K_m, k_m(x, ·), which scatter by m^(−1/2): so f_m − f_∞ does.

Errata. (1) "u ∈ R^{d×k}", "h(x) ∈ R^d": both have m rows, one a hidden unit. (2) ‖u‖_F² and R_m(β) are printed as sums
over j and ℓ of β_jᵀβ_ℓ k_m(x_i, x_j), with an index i that is free: it is β_jᵀβ_ℓ k_m(x_j, x_ℓ). (7) has it right.

Source: Fang, Dong, Zhang 2021, section III, Eqs. (3)–(7).
"""

import numpy as np
import scipy
import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Formula,
    Gravity,
    Identity,
    InvalidParameterError,
    Limit,
    Parameter,
    Quantity,
    Rate,
    Rectangular,
    Source,
    of_order,
)
from lazy_assay.theory._mathematics.kernel_functions import Inverse
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory._mathematics.readout import ACCURACY, readout
from lazy_assay.theory._mathematics.tangent_letters import y
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory._mathematics.two_layer import (
    ACTIVATION,
    CENTRES,
    CONVENTION,
    LABELS,
    OUTPUT,
    POINTS,
    REGULARISATION,
    SCALE,
    THETA,
    WIDTH,
    Array,
    kernel_u,
    lam,
    limiting_kernel_u,
    m,
    n,
)
from lazy_assay.theory.fang2021 import PAPER

TARGETS = Parameter(
    "targets",
    sp.Symbol("Y", commutative=False),
    "targets of k outputs, one row a point",
    Rectangular("n", "k"),
    latex=r"y",
)
NEWTON = 60
# What rounding leaves of the n equations, whose terms are at most one.
SOLVED = 64 * float(np.finfo(float).eps)
EPSILON = float(np.finfo(float).eps)
# Roundings in a dual activation: `quadrature_error` counts so many.
CLOSED = 64


def ridge_coefficients(K: Array, y: Array, shift: float) -> Array:
    """(K + shift·I)⁻¹y; shift is λn for ½(v − y)²."""
    return np.asarray(np.linalg.solve(K + shift * np.eye(len(K)), y))


def logistic_coefficients(K: Array, y: Array, shift: float) -> Array:
    """β of shift·β_i = y_i s(−y_i (Kβ)_i), shift = λn, by Newton's method with halved steps where one overshoots."""
    if not y.all():
        raise InvalidParameterError("a label of 0 has no sign, and the logistic loss wants one; leave the point out")
    beta = np.zeros(len(K))
    for _ in range(NEWTON):
        weights = scipy.special.expit(-y * (K @ beta))
        residual = shift * beta - y * weights
        step = np.linalg.solve(shift * np.eye(len(K)) + (weights * (1 - weights))[:, None] * K, residual)
        beta = beta - step / max(1.0, float(np.abs(K @ step).max()))
    left = float(np.abs(shift * beta - y / (1 + np.exp(y * (K @ beta)))).max())
    if not left <= SOLVED * len(K):
        raise InvalidParameterError(f"Newton's method leaves a gradient of {left:.1g}; take a larger regulariser")
    return beta


def ridge(theta: Array, activation: str, points: Array, labels: Array, centres: Array, lambda_: float) -> float:
    """f at the inputs Z, summed: the kernel solution of (6) for the squared loss."""
    start = Start(theta, np.zeros(len(theta)), 1.0, points, labels, centres, activation)
    return readout(start, Inverse(lambda_ * len(points)), 1.0, 0.0, 0.0)


def _known(value: float, error: float, scale: float, lambda_: float) -> float:
    """The value. Raises InvalidParameterError where rounding may move it by more than ACCURACY of its scale."""
    if not error <= ACCURACY * max(abs(value), scale):
        raise InvalidParameterError(
            f"lambda_ = {lambda_:.3g} is too small here: rounding leaves the value open by {error:.2g}; raise it"
        )
    return value


def _moved(K: Array, beta: Array, other: Array, terms: int) -> float:
    """What rounding in K, of so many terms, moves otherᵀKβ-like products of two solutions by, to first order."""
    largest = float(np.linalg.norm(K, 2))
    return (terms + len(K)) * EPSILON * largest * float(np.abs(beta).sum(axis=0) @ np.abs(other).sum(axis=0).T)


def _ridge_with(shift: Formula) -> Formula:
    """`ridge` with another multiple of the identity, from n and λ."""

    def formula(theta: Array, activation: str, points: Array, labels: Array, centres: Array, lambda_: float) -> float:
        K = kernel_u(theta, points, points, activation)
        beta = ridge_coefficients(K, labels, shift(len(points), lambda_))
        return float((kernel_u(theta, centres, points, activation) @ beta).sum())

    return formula


def logistic(theta: Array, activation: str, points: Array, labels: Array, centres: Array, lambda_: float) -> float:
    """The same for the logistic loss and labels that are signs of the given numbers."""
    K, shift, y = kernel_u(theta, points, points, activation), lambda_ * len(points), np.sign(labels)
    beta = logistic_coefficients(K, y, shift)
    k = kernel_u(theta, centres, points, activation).sum(axis=0)
    # To first order the value is off by kᵀJ⁻¹r: r what is left of (5), with its rounding, J the Jacobian of (5).
    s = scipy.special.expit(-y * (K @ beta))
    residual = np.abs(shift * beta - y * s)
    residual = residual + (theta.size + len(points)) * EPSILON * (shift * np.abs(beta) + _summands(K, beta) / 4 + s)
    J = shift * np.eye(len(K)) + (s * (1 - s))[:, None] * K
    error = float(np.abs(np.linalg.solve(J.T, k)) @ residual)
    return _known(float(k @ beta), error, float(len(centres)), lambda_)


def outputs_at_points(theta: Array, activation: str, points: Array, labels: Array, lambda_: float) -> Array:
    """f at the training points, (n, 1), by (5)."""
    K = kernel_u(theta, points, points, activation)
    return np.asarray(K @ logistic_coefficients(K, np.sign(labels), lambda_ * len(points)))[:, None]


def _summands(K: Array, beta: Array) -> Array:
    """|K||β|: what Kβ is a sum of."""
    return np.asarray(np.abs(K) @ np.abs(beta))


def _logistic_without_n(
    theta: Array, activation: str, points: Array, labels: Array, centres: Array, lambda_: float
) -> float:
    K = kernel_u(theta, points, points, activation)
    beta = logistic_coefficients(K, np.sign(labels), lambda_)
    return float((kernel_u(theta, centres, points, activation) @ beta).sum())


def _matrices(theta: Array, activation: str, points: Array, targets: Array, lambda_: float) -> tuple[Array, Array]:
    """K_m and β βᵀ of the ridge solution for k outputs. Raises InvalidParameterError where rounding decides them."""
    K = kernel_u(theta, points, points, activation)
    beta = ridge_coefficients(K, targets, lambda_ * len(points))
    # d(βᵀKβ) = βᵀdKβ − 2βᵀK(K + λn)⁻¹dKβ, and K(K + λn)⁻¹ ⪯ 1.
    error = 3 * sum(_moved(K, b[:, None], b[:, None], theta.size) for b in beta.T)
    _known(float((beta @ beta.T * K).sum()), error, 0.0, lambda_)
    return K, beta @ beta.T


def norm(theta: Array, activation: str, points: Array, targets: Array, lambda_: float) -> float:
    """Σ_jΣ_ℓ β_jᵀβ_ℓ k_m(x_j, x_ℓ)."""
    K, products = _matrices(theta, activation, points, targets, lambda_)
    return float((products * K).sum())


def printed_norm(theta: Array, activation: str, points: Array, targets: Array, lambda_: float) -> float:
    """Σ_jΣ_ℓ β_jᵀβ_ℓ k_m(x_i, x_j) at the free index i = 1."""
    K, products = _matrices(theta, activation, points, targets, lambda_)
    return float((products * K[0][:, None]).sum())


def _diagonal_norm(theta: Array, activation: str, points: Array, targets: Array, lambda_: float) -> float:
    K, products = _matrices(theta, activation, points, targets, lambda_)
    return float(np.trace(products * K))


def limiting_coefficients(activation: str, points: Array, labels: Array, lambda_: float) -> Array:
    """β of (7) for the squared loss."""
    return ridge_coefficients(limiting_kernel_u(points, points, activation), labels, lambda_ * len(points))


def continuous(activation: str, points: Array, labels: Array, centres: Array, lambda_: float) -> float:
    """f_∞ at the inputs Z, summed."""
    K, k = (limiting_kernel_u(x, points, activation) for x in (points, centres))
    beta, shift = limiting_coefficients(activation, points, labels, lambda_), lambda_ * len(points)
    other = ridge_coefficients(K, k.sum(axis=0), shift)
    error = _moved(K, beta[:, None], other[:, None], points.shape[1] + CLOSED)
    scale = float(np.abs(labels).max()) * len(centres)
    return _known(float((k @ beta).sum()), error, scale, lambda_)


def _interpolated(activation: str, points: Array, labels: Array, centres: Array) -> float:
    beta = limiting_coefficients(activation, points, labels, 0.0)
    return float((limiting_kernel_u(centres, points, activation) @ beta).sum())


def _mean_label(activation: str, points: Array, labels: Array, centres: Array, lambda_: float) -> float:
    """u(θ) = Σ_i y_i h(θ, x_i)/(λn): the first step of a descent for the solution."""
    return float((limiting_kernel_u(centres, points, activation) @ labels).sum() / (lambda_ * len(points)))


def _value(symbol: sp.Basic | str, meaning: str, formula: Formula, latex: str = "") -> Auxiliary:
    return Auxiliary(
        symbol=sp.Symbol(symbol) if isinstance(symbol, str) else symbol, meaning=meaning, value=formula, latex=latex
    )


GIVEN = (THETA, ACTIVATION, POINTS, LABELS, CENTRES, REGULARISATION, SCALE)
R_F = Quantity(
    symbol=sp.Symbol("R"), meaning="‖u‖_F² of the solution of (4)", units="squared output", low=0, latex=r"\|u\|_F^2"
)
DISTANCE = sp.Function("Delta")(m)
i = sp.Symbol("i", integer=True, nonnegative=True)
signs, solved = letter("s", n, 1), letter("f_X", n, 1)
outputs = sp.Symbol("k", positive=True, integer=True)
K_m, K_infinity, Y = letter("K_m", n, n), letter("K_infinity", n, n), letter("Y", n, outputs)
k_m, k_infinity, row = letter("k_m", 1, n), letter("k_infinity", 1, n), letter("k_1", 1, n)
ones = letter("ones", n, 1)
shift = lam * n * sp.Identity(n)
p = entry(k_m * (K_m + shift).I * y)
r = sp.Trace(Y.T * (K_m + shift).I * K_m * (K_m + shift).I * Y)
# Σ_jΣ_ℓ β_jᵀβ_ℓ k_m(x_1, x_j): no ℓ in the kernel.
r_printed = entry(row * (K_m + shift).I * Y * Y.T * (K_m + shift).I * ones)
s = entry(k_infinity * (K_infinity + shift).I * y)
# Σ_i β_i k_m(x, x_i), β_i = −L'_1(f(x_i), y_i)/(λn); what f is at the x_i is the solution of (5), in no closed form.
q = sp.Sum(k_m[0, i] * signs[i, 0] / (1 + sp.exp(signs[i, 0] * solved[i, 0])), (i, 0, n - 1)) / (lam * n)
LETTERS = (
    _value(y, "labels", lambda labels: labels[:, None]),
    _value(K_m, "k_m(X, X)", lambda theta, points, activation: kernel_u(theta, points, points, activation), "K_m"),
    _value(
        k_m,
        "Σ_z k_m(z, X)",
        lambda theta, points, centres, activation: kernel_u(theta, centres, points, activation).sum(0)[None],
        "k_m(x,X)",
    ),
    _value(
        row,
        "k_m(x_1, X)",
        lambda theta, points, activation: kernel_u(theta, points[:1], points, activation),
        "k_m(x_1,X)",
    ),
    _value(
        K_infinity, "k_∞(X, X)", lambda points, activation: limiting_kernel_u(points, points, activation), r"K_\infty"
    ),
    _value(
        k_infinity,
        "Σ_z k_∞(z, X)",
        lambda points, centres, activation: limiting_kernel_u(centres, points, activation).sum(0)[None],
        r"k_\infty(x,X)",
    ),
    _value(Y, "targets", lambda targets: targets, "y"),
    _value(ones, "1 for each point", lambda points: np.ones((len(points), 1)), r"\mathbf{1}"),
)


SOLUTION = (
    _value(signs, "labels ±1", lambda labels: np.sign(labels)[:, None], "y"),
    _value(solved, "f at the points, the solution of (5) by Newton's method", outputs_at_points, "f"),
    next(item for item in LETTERS if item.symbol == k_m),
)


def _letters(*told: sp.Expr) -> tuple[Auxiliary, ...]:
    return tuple(item for item in LETTERS if any(expression.has(item.symbol) for expression in told))


ROWS = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section III, the display before Eq. (3)",
    printed="u ∈ R^{d×k}, h(x) ∈ R^d",
    corrected="u ∈ R^{m×k}, h(x) ∈ R^m",
    derivation="both list one entry for each of the m hidden units.",
    evidence="the solution of (4) has m·k numbers in the simulation, at m ≠ d",
)
INDEX = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section III, ‖u‖_F² and R_m(β) in Eq. (6)",
    printed="Σ_j Σ_ℓ (β_jᵀβ_ℓ) k_m(x_i, x_j)",
    corrected="Σ_j Σ_ℓ (β_jᵀβ_ℓ) k_m(x_j, x_ℓ)",
    derivation="‖u‖_F² = Tr uᵀu with u = Σ_i h(x_i)β_iᵀ; the printed i is free.",
    evidence="‖u‖_F² of the solution of (4) for two outputs",
)
CLAIM = Claim(
    module=__name__,
    title="Random features and their kernel problem have the same solution",
    source=Source(paper=PAPER, locator="section III, Eqs. (3)–(7)"),
    convention=CONVENTION + " Labels of the logistic loss are the signs of the given numbers.",
    parts=(
        Identity(
            name="ridge",
            sentence="Ridge regression on random features is kernel ridge regression with (K_m + λnI)⁻¹, at every α.",
            quantity=OUTPUT,
            statement=Eq(OUTPUT.symbol, p),
            latex=r"f(x)=k_m(x,X)\left(K_m+\lambda n I\right)^{-1}y",
            parameters=GIVEN,
            auxiliary=_letters(p),
            published=ridge,
            errata=(ROWS,),
            decoys=(
                Decoy(name="no n", sentence="(K_m + λI)⁻¹", published=_ridge_with(lambda n, lam: lam)),
                Decoy(
                    name="loss without ½",
                    sentence="(K_m + λnI/2)⁻¹, as for (v − y)²",
                    published=_ridge_with(lambda n, lam: lam * n / 2),
                ),
            ),
        ),
        Identity(
            name="logistic",
            sentence="For the logistic loss the solution has β_i = −L'_1(f(x_i), y_i)/(λn), Eq. (5).",
            quantity=OUTPUT,
            statement=Eq(OUTPUT.symbol, q),
            latex=r"f(x)=\frac{1}{\lambda n}\sum_{i=1}^n\frac{y_i\,k_m(x,X)_i}{1+e^{y_if_i}}",
            parameters=GIVEN,
            auxiliary=SOLUTION,
            published=logistic,
            decoys=(Decoy(name="no n", sentence="β_i = −L'_1/λ", published=_logistic_without_n),),
        ),
        Identity(
            name="norm",
            sentence="The squared Frobenius norm of the solution is the kernel's quadratic form in β.",
            quantity=R_F,
            statement=Eq(R_F.symbol, r),
            latex=(
                r"\|u\|_F^2=\operatorname{Tr}\left(y^\top\left(K_m+\lambda n I\right)^{"
                r"-1}K_m\left(K_m+\lambda n I\right)^{-1}y\right)"
            ),
            printed_statement=Eq(R_F.symbol, r_printed),
            printed_latex=(
                r"\|u\|_F^2=k_m(x_1,X)\left(K_m+\lambda n I\right)^{-1}y y^\top"
                r"\left(K_m+\lambda n I\right)^{-1}\mathbf{1}"
            ),
            parameters=(THETA, ACTIVATION, POINTS, TARGETS, REGULARISATION, SCALE),
            auxiliary=_letters(r, r_printed),
            published=norm,
            printed=printed_norm,
            errata=(INDEX,),
            decoys=(Decoy(name="diagonal", sentence="Σ_j ‖β_j‖² k_m(x_j, x_j)", published=_diagonal_norm),),
        ),
        Limit(
            name="continuous",
            sentence="In the limit f is the mean of u(θ)h(θ, x) over ρ₀ with u(θ) = Σ_i β_i h(θ, x_i), β from (7).",
            quantity=OUTPUT,
            statement=Eq(OUTPUT.symbol, s),
            latex=r"f(x)=k_\infty(x,X)\left(K_\infty+\lambda n I\right)^{-1}y",
            parameters=(ACTIVATION, POINTS, LABELS, CENTRES, REGULARISATION),
            auxiliary=_letters(s),
            published=continuous,
            decoys=(
                Decoy(name="no regulariser", sentence="β = K_∞⁻¹y", published=_interpolated),
                Decoy(name="one step", sentence="β_i = y_i/(λn)", published=_mean_label),
            ),
        ),
        Rate(
            name="rate",
            sentence="The solution of (4) comes to that of (7) at the order m^(−1/2).",
            quantity=Quantity(
                symbol=DISTANCE,
                meaning="root mean square of f_m − f_∞ over Z",
                units="output",
                latex=r"\|f_m-f_\infty\|_2",
            ),
            statement=Eq(DISTANCE, of_order(m ** sp.Rational(-1, 2))),
            parameters=(ACTIVATION, POINTS, LABELS, CENTRES, REGULARISATION, WIDTH),
            published=lambda: -0.5,
            towards="infinity",
            sharp=True,
            decoys=(
                Decoy(name="1/m", sentence="O(1/m)", published=lambda: -1.0),
                Decoy(name="m^(−1/4)", sentence="half the order", published=lambda: -0.25),
            ),
        ),
    ),
)
