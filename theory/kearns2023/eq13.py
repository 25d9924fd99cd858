"""Eq. (13): the tangent kernel is the Gram matrix of the tangent model; under squared loss, kernel regression.

Network (12) with α(m) = α/m, f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), both layers trained. Its tangent model f̄(ω) = f(ω_0) +
Df(ω_0)(ω − ω_0) is linear in ω − ω_0 with features φ(x) = ∇f(ω_0, x), so

    `gram`        Θ(x_1, x_2) = <φ(x_1), φ(x_2)> = (α²/m)(k^u + k^θ), k^u and k^θ the means over neurons of
                  σ(θ_jᵀx_1)σ(θ_jᵀx_2) and of u_j² σ'(θ_jᵀx_1)σ'(θ_jᵀx_2)<x_1, x_2>.

F = ½‖f̄ − y‖² (a sum over the n points, no mean: the F of Eq. (11)), ω' = −∇F, K = Θ(X, X), f_0 = f(ω_0, ·). The
residuals r at X obey r' = −K r, and f̄(z)' = −Θ(z, X) r with r = exp(−tK)(f_0(X) − y), so

    `flow`        f̄_t(z) = f_0(z) + Θ(z, X)K⁻¹(I − exp(−tK))(y − f_0(X));
    `regression`  t → ∞: f̄(z) = f_0(z) + Θ(z, X)K⁻¹(y − f_0(X)), kernel regression of the labels less the first outputs.

Descent of step size η is at time t = ηk after k steps, to first order in η; under a mean over points, K becomes K/n.

`random`. "For infinite-width networks, the NTK is deterministic, although for finite-width networks it is random": at
α² = m it is the mean of m independent terms T = σσ* + u²cσ'σ*' at unit inputs of product c, θ_j ~ N(0, I), u_j ~ N(0,
1). With E u² = 1, E u⁴ = 3, C = E σσ*, D = E σ'σ*', S = E σ²σ*², Q = E σ'²σ*'² and M = E σσ'σ*σ*': E T = C + cD, E T²
= S + 2cM + 3c²Q, so that the variance is (S + 2cM + 3c²Q − (C + cD)²)/m: random at every m, deterministic in the limit.
For relu σσ' = σ and σ'² = σ', hence M = C and Q = D, and at c = 1 it is 3/m; no other activation here has M = C and Q =
D (for abs M = c and Q = 1), so that relu's own form is wrong by a decoy's margin elsewhere.

Not a slip of the formula but of the words: ∇_ω f is the gradient of the output, not "the path of steepest descent for
quadratic loss", which is −∇F = Dfᵀ(y − f); and (13) needs no loss, quadratic or other. The reference before (13) is
printed "??".

Source: Kearns et al. 2023, section 3, Eq. (13) and the sentences around it.
"""

from collections.abc import Callable

import numpy as np
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
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory._mathematics.dual_activations import (
    dual,
    dual_of_product,
    dual_of_slope,
    second_moment,
    second_moment_of_slope,
)
from lazy_assay.theory._mathematics.kernel_functions import Flow, Inverse
from lazy_assay.theory._mathematics.matrices import MatrixExponential, entry
from lazy_assay.theory._mathematics.readout import readout
from lazy_assay.theory._mathematics.tangent_letters import K_theta, K_u, auxiliary, k_theta, k_u, one, out_x, out_z, y
from lazy_assay.theory._mathematics.tangent_training import Start, solved
from lazy_assay.theory._mathematics.two_layer import (
    ACTIVATION,
    CENTRES,
    CORRELATION,
    LABELS,
    OUTPUT,
    POINTS,
    SCALE,
    THETA,
    WIDTH,
    Array,
    U,
    alpha,
    c,
    m,
)
from lazy_assay.theory.kearns2023 import PAPER

TIME = Parameter("time", sp.Symbol("t", positive=True), "time of the gradient flow, step size × steps", Real(0))
GIVEN = (THETA, U, SCALE, POINTS, LABELS, CENTRES, ACTIVATION)
# What a version makes of K, of the time and of the number of points: (I − exp(−tK))K⁻¹, or a slip.
Propagator = Callable[[Array, float], Array]


def tangent_kernel(start: Start, x: Array) -> Array:
    """Θ(x, X), shape (inputs, n)."""
    return np.asarray(start.alpha**2 / len(start.theta) * (start.kernel_u(x) + start.kernel_theta(x)))


def _weighted(read: Callable[[Start], Array]) -> Formula:
    """Σ_z Σ_i (kernel)_zi y_i."""

    def formula(
        theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
    ) -> float:
        start = Start(theta, u, alpha, points, labels, centres, activation)
        return float((read(start) @ labels).sum())

    return formula


def propagated(K: Array, time: float) -> Array:
    """K⁻¹(I − exp(−tK)), which is tI where K is zero."""
    values, vectors = np.linalg.eigh(K)
    kept = np.where(values > 0, values, 1.0)
    return np.asarray((vectors * np.where(values > 0, -np.expm1(-time * kept) / kept, time)) @ vectors.T)


def _flowed(propagator: Propagator, offset: float = 1.0) -> Formula:
    """Σ_z [f_0(z) + Θ(z, X) propagator (y − offset · f_0(X))]; without offset, f_0(z) goes too."""

    def formula(
        theta: Array,
        u: Array,
        alpha: float,
        points: Array,
        labels: Array,
        centres: Array,
        activation: str,
        time: float,
    ) -> float:
        start = Start(theta, u, alpha, points, labels, centres, activation)
        gap = labels - offset * start.offset(points)
        moved = tangent_kernel(start, centres) @ propagator(tangent_kernel(start, points), time) @ gap
        return float((offset * start.offset(centres) + moved).sum())

    return formula


def _ended(propagator: Callable[[Array], Array], offset: float = 1.0) -> Formula:
    """The same without a time."""

    def formula(
        theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
    ) -> float:
        found = _flowed(lambda K, time: propagator(K), offset)
        return float(found(theta, u, alpha, points, labels, centres, activation, 1.0))

    return formula


def _inverse(K: Array) -> Array:
    return solved(K, np.eye(len(K)))


def _variance(first: int, fourth: int, mean: int, relu: bool = False) -> Formula:
    """(S + first·2cM + fourth·c²Q − mean·(C + cD)²)/m; with `relu`, C for M and D for Q."""

    def formula(correlation: float, activation: str, m: int) -> float:
        C, D, S = (read(correlation, activation) for read in (_dual, _slopes, _square))
        M, Q = (C, D) if relu else (_product(correlation, activation), _square_of_slope(correlation, activation))
        return (S + first * 2 * correlation * M + fourth * correlation**2 * Q - mean * (C + correlation * D) ** 2) / m

    return formula


def _dual(correlation: float, activation: str) -> float:
    return float(dual(activation, correlation))


def _slopes(correlation: float, activation: str) -> float:
    return float(dual_of_slope(activation, correlation))


def _square(correlation: float, activation: str) -> float:
    return float(second_moment(activation, correlation))


def _square_of_slope(correlation: float, activation: str) -> float:
    return float(second_moment_of_slope(activation, correlation))


def _product(correlation: float, activation: str) -> float:
    return float(dual_of_product(activation, correlation))


def _of_all(change: Formula) -> Formula:
    """A decoy from the right variance: change(variance, correlation, activation, m)."""

    def formula(correlation: float, activation: str, m: int) -> float:
        return float(change(spread(correlation=correlation, activation=activation, m=m), correlation, activation, m))

    return formula


def _apart(variance: float, correlation: float, activation: str, m: int) -> float:
    """Without the covariance of the two layers' terms, M − CD."""
    C, D, M = (read(correlation, activation) for read in (_dual, _slopes, _product))
    return variance - 2 * correlation * (M - C * D) / m


gram = _weighted(lambda start: tangent_kernel(start, start.centres))


def flow(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str, time: float
) -> float:
    """Σ_z [f_0 + Θ(z, X)K⁻¹(I − exp(−tK))(y − f_0)]."""
    scale = alpha**2 / len(theta)
    return readout(Start(theta, u, alpha, points, labels, centres, activation), Flow(time), scale, scale)


def regression(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
) -> float:
    """Σ_z [f_0 + Θ(z, X)K⁻¹(y − f_0)]; the flow's limit, so the mean of the labels where points coincide."""
    scale = alpha**2 / len(theta)
    return readout(Start(theta, u, alpha, points, labels, centres, activation), Inverse(), scale, scale)


spread = _variance(1, 3, 1)
K, k = alpha**2 / m * (K_u + K_theta), alpha**2 / m * (k_u + k_theta)
G = entry(k * y)
P = out_z + entry(k * K.I * (one - MatrixExponential(-TIME.symbol * K)) * (y - out_x))
Q = out_z + entry(k * K.I * (y - out_x))
C = Auxiliary(symbol=sp.Symbol("C"), meaning="E[σ(z)σ(z*)]", value=_dual)
D = Auxiliary(symbol=sp.Symbol("D"), meaning="E[σ'(z)σ'(z*)]", value=_slopes)
S = Auxiliary(symbol=sp.Symbol("S"), meaning="E[σ(z)²σ(z*)²]", value=_square)
S_1 = Auxiliary(
    symbol=sp.Symbol("Q_1"),
    meaning="E[σ'(z)²σ'(z*)²]",
    value=_square_of_slope,
)
M_1 = Auxiliary(
    symbol=sp.Symbol("M"),
    meaning="E[σσ'(z) σσ'(z*)]",
    value=_product,
)
GRAM = Quantity(
    symbol=sp.Symbol("g"),
    meaning="Gram matrix of the tangent model, summed against y",
    latex=r"\nabla_\omega f(\omega_0,x)\cdot\nabla_\omega f(\omega_0,X)\,y",
)
SPREAD = Quantity(
    symbol=sp.Symbol("V"),
    meaning="variance of an entry of the kernel",
    units="square of a kernel",
    low=0,
    latex=r"\operatorname{Var}K(x_1,x_2)",
)
STEEPEST = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section 3, the sentence before Eq. (13)",
    printed="∇_ω f represents the path of steepest descent for quadratic loss",
    corrected="∇_ω f is the gradient of the output; the path of steepest descent is −∇F = Dfᵀ(y − f)",
    derivation="the chain rule; (13) holds for no loss in particular",
    evidence="the Gram matrix of the tangent model, formed with neither a loss nor a target",
)
CLAIM = Claim(
    module=__name__,
    title="The tangent kernel is the tangent model's Gram matrix, and its flow is kernel regression",
    source=Source(paper=PAPER, locator="section 3, Eq. (13)"),
    convention="f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), both layers trained; F = ½ Σ_i (f(x_i) − y_i)², without a mean over n.",
    parts=(
        Identity(
            name="gram",
            sentence="The tangent kernel is the Gram matrix of the tangent model's features.",
            quantity=GRAM, statement=Eq(GRAM.symbol, G), latex=(
                r"\nabla_\omega f(\omega_0,x)\cdot\nabla_\omega f(\omega_0,X)\,y"
                r"=\frac{\alpha^2}{m}\left[k_m^u(x,X)+k_m^\theta(x,X)\right]y"
            ), parameters=GIVEN, auxiliary=auxiliary(G), published=gram,
            errata=(STEEPEST,),
            decoys=(
                Decoy(name="last layer alone", sentence="(α²/m) k^u", published=_weighted(
                    lambda start: start.alpha**2 / len(start.theta) * start.kernel_u(start.centres))),
                Decoy(name="α once", sentence="(α/m)(k^u + k^θ)", published=_weighted(
                    lambda start: tangent_kernel(start, start.centres) / start.alpha)),
                Decoy(name="outputs", sentence="f(x_1) f(x_2) for ∇f(x_1)·∇f(x_2)", published=_weighted(
                    lambda start: np.outer(start.offset(start.centres), start.offset(start.points)))),
            ),
        ),
        Identity(
            name="flow",
            sentence="Gradient flow of the tangent model predicts f_0 + Θ(z, X)K⁻¹(I − exp(−tK))(y − f_0(X)).",
            quantity=OUTPUT, statement=Eq(OUTPUT.symbol, P), latex=(
                r"f(x)=f_0(x)+\left[k_m^u(x,X)+k_m^\theta(x,X)\right]\left(K_m^u"
                r"+K_m^\theta\right)^{-1}\left(I-\exp\left(-\frac{\alpha^2t}{m}"
                r"\left(K_m^u+K_m^\theta\right)\right)\right)\left(y-f_0(X)\right)"
            ), parameters=(*GIVEN, TIME), auxiliary=auxiliary(P),
            published=flow,
            decoys=(
                Decoy(name="no initial output", sentence="Θ(z, X)K⁻¹(I − exp(−tK)) y",
                      published=_flowed(propagated, 0.0)),
                Decoy(name="a mean over points", sentence="exp(−tK/n)",
                      published=_flowed(lambda K, time: propagated(K, time / len(K)))),
                Decoy(name="twice the time", sentence="exp(−2tK), F without its half",
                      published=_flowed(lambda K, time: propagated(K, 2 * time))),
                Decoy(name="at once", sentence="no exp(−tK)", published=_flowed(lambda K, time: _inverse(K))),
            ),
        ),
        Identity(
            name="regression",
            sentence="Trained to the end, the tangent model is kernel regression of the labels less the first outputs.",
            quantity=OUTPUT, statement=Eq(OUTPUT.symbol, Q), latex=(
                r"f(x)=f_0(x)+\left[k_m^u(x,X)+k_m^\theta(x,X)\right]\left(K_m^u"
                r"+K_m^\theta\right)^{-1}\left(y-f_0(X)\right)"
            ), parameters=GIVEN, auxiliary=auxiliary(Q),
            published=regression,
            decoys=(
                Decoy(name="no initial output", sentence="Θ(z, X)K⁻¹y", published=_ended(_inverse, 0.0)),
                Decoy(name="points apart", sentence="the inverse of the diagonal of K for that of K",
                      published=_ended(lambda K: np.diag(1 / np.diag(K)))),
            ),
        ),
        Identity(
            name="random",
            sentence="At α² = m and finite m the kernel is random; its variance falls like 1/m, to none at m = ∞.",
            quantity=SPREAD,
            statement=Eq(SPREAD.symbol, (S.symbol + 2 * c * M_1.symbol + 3 * c**2 * S_1.symbol
                                            - (C.symbol + c * D.symbol) ** 2) / m), latex=(
                                                r"\operatorname{Var}K(x_1,x_2)=\frac{1}{m}\left(S+2(x^\top x')M"
                                                r"+3(x^\top x')^2Q_1-(C+(x^\top x')D)^2\right)"
                                            ),
            parameters=(CORRELATION, ACTIVATION, WIDTH), auxiliary=(C, D, S, S_1, M_1), published=spread, finite=spread,
            decoys=tuple(
                Decoy(name=name, sentence=sentence, published=wrong, finite=wrong)
                for name, sentence, wrong in (
                    ("deterministic", "no variance at any width", _of_all(lambda v, c, activation, m: 0.0 * m)),
                    ("1/m²", "a variance that falls like 1/m²", _of_all(lambda v, c, activation, m: v / m)),
                    ("signs on top", "E u⁴ = 1", _variance(1, 1, 1)),
                    ("layers apart", "the variances of the two layers' kernels added, as if independent",
                     _of_all(_apart)),
                    ("relu's", "C for M and D for Q, which holds for relu alone", _variance(1, 3, 1, relu=True)),
                )
            ),
        ),
    ),
)  # fmt: skip
