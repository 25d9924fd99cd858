"""Theorem 4: for a factorised scheme and an R-bounded D, E_ω‖f − f_ω‖²_D ≤ R²C²‖f‖²_k/(qd).

Parts. `exact_mean`: the equality behind it, q E‖f − f_ω‖²_D = cᵀ(A − B)c (`_approximation`). `bound`: the theorem for
one f. `isotropic`: for R = 1 and abs or ReLU the mean is ‖f‖²_k/d − ‖f‖²_D, with half the first term for ReLU.
`population`: its first term alone, over the whole sphere and cube: E‖f_ω‖²_D at q = 1.
`every_function`: the theorem for all f in the span of given centres at once is (R²C²/d)K − (A − B) ⪰ 0. `relu`: for
ReLU half the constant does. `sharp`: and no smaller constant: there are f whose ratio comes close to 1 for abs, to 1/2
for ReLU. `lipschitz_loss` and `sgd`: what follows for losses.

Why half for ReLU, for every D. f̌ = ∇Φ with Φ(ω) = Σ c_j relu(<ω, z_j>), a linear function plus an even one, so that f̌
= a + g with a constant and g odd. Fix x, put α = <a, x>, o = <g, x>, s = E o², m = E[o 1{<ω,x> > 0}]. As o is odd, E o
= 0 and o² is even, so the variance of (α + o)1{<ω,x> > 0} is α²/2 + s/2 + 2αm − (α/2 + m)² = α²/4 + s/2 + αm − m², and
E<f̌, x>²/2 = (α² + s)/2 less that is (α/2 − m)² ≥ 0. So q E|f − f_ω|² ≤ E<f̌, x>²/2, and the proof goes on from there.

`lipschitz_loss`: |E ℓ(f_ω) − ℓ(f)| ≤ L E|f_ω − f| ≤ L(E‖f − f_ω‖²)^(1/2). `sgd`: as in Corollary 3, E L(f̂) ≤ L(f) +
LC‖f‖(R/√(qd) + 1/√T): the printed rate O(‖f*‖/√(qd)) needs T ≥ qd/R² steps. L = 1 for the losses here.

Both are attained, and `bound` with them. abs, one feature, f = c k(·, z) with z on a diagonal and D uniform on ±e_i: R
= C = 1, ‖f‖_k = |c|, and f_ω(x) − f(x) is ±(c/√d)(s − κ), s = ±1 of mean κ = (2/π) arcsin(1/√d), so that E|f_ω − f| =
(|c|/√d)(1 − κ²), the square's mean is (c²/d)(1 − κ²), and κ² ≈ (4/π²)/d. At T = 1 the mean iterate is 0: for abs,
f = c k(·, x) and D on x alone, with labels f(x), its loss is |c| = C‖f‖, which is the bound as q grows.

Erratum. Theorem 4 says ℓ : S^{d−1} × Y → [0, ∞); a loss takes a prediction: R × Y (section 2.2).

Source: Daniely 2020, section 3.1, Theorem 4 and the paragraph after it.
"""

from dataclasses import replace

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    AlmostSure,
    Assumption,
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Existence,
    Gravity,
    Identity,
    Parameter,
    Quantity,
    Source,
)
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._approximation import Array, bound_arguments, norm_in_data
from lazy_assay.theory.daniely2019._kernel_space import EPSILON, KernelFunction, Scheme
from lazy_assay.theory.daniely2019._parameters import (
    AT_MOST,
    BOUND,
    BOUNDEDNESS,
    CENTRES,
    COEFFICIENTS,
    DIMENSION,
    ERROR,
    FEATURES,
    NORM,
    POINTS,
    VALUES,
    C,
    R,
    d,
    f_norm,
    q,
    sigma,
)
from lazy_assay.theory.daniely2019.corollary3 import CONFIGURATION, EXCESS, STEPS, T, exact_part

LOSS = Parameter("loss", sp.Symbol("ell"), "a loss, convex and 1-Lipschitz", Choice(("absolute", "hinge", "logistic")))
in_data, share = sp.symbols("F_D h", nonnegative=True)
lowest, ratio = sp.symbols("lambda_min r", real=True)
SHARES = {"relu": 0.5, "abs": 1.0}


def bound(q: int, d: int, R: float, C: float, f_norm: float) -> float:
    """R²C²‖f‖²/(qd), the squared bound."""
    return R**2 * C**2 * f_norm**2 / (q * d)


def bound_at(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """The same at a configuration, with the least R and C that serve."""
    return bound(**bound_arguments(centres, coefficients, q, activation, points))


def root(q: int, d: int, R: float, C: float, f_norm: float) -> float:
    """RC‖f‖/√(qd): the bound on the excess of a 1-Lipschitz loss."""
    return float(np.sqrt(bound(q, d, R, C, f_norm)))


def root_at(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """The same at a configuration."""
    return root(**bound_arguments(centres, coefficients, q, activation, points))


def sgd_bound(q: int, d: int, R: float, C: float, f_norm: float, steps: int) -> float:
    """C‖f‖(R/√(qd) + 1/√T)."""
    return C * f_norm * (R * float((q * d) ** -0.5) + float(steps**-0.5))


def sgd_bound_at(centres: Array, coefficients: Array, q: int, activation: str, points: Array, steps: int) -> float:
    """The same at a configuration."""
    return sgd_bound(**bound_arguments(centres, coefficients, q, activation, points), steps=steps)


def isotropic_mean(centres: Array, coefficients: Array, q: int, activation: str, points: Array) -> float:
    """(h‖f‖²_k/d − ‖f‖²_D)/q, h = 1 for abs and 1/2 for ReLU; D isotropic, and symmetric besides for ReLU."""
    return _isotropic(centres, coefficients, q, activation, points, points.shape[1], SHARES[activation])


def _isotropic(
    centres: Array, coefficients: Array, q: int, activation: str, points: Array, divisor: int, of_norm: float
) -> float:
    known = bound_arguments(centres, coefficients, q, activation, points)
    inside = norm_in_data(centres, coefficients, activation, points)
    return float(of_norm * known["f_norm"] ** 2 / divisor - inside**2) / q


def _norm(centres: Array, coefficients: Array, activation: str) -> float:
    """‖f‖_k."""
    return float(np.sqrt(KernelFunction(Scheme(activation), centres, coefficients).squared_norm))


def mean_square(centres: Array, coefficients: Array, activation: str) -> float:
    """h‖f‖²_k/d: cᵀAc over an isotropic (for ReLU symmetric) D."""
    return float(SHARES[activation] * _norm(centres, coefficients, activation) ** 2 / centres.shape[1])


def _isotropic_points(points: Array, activation: str) -> bool:
    """Whether E xxᵀ = I/d within rounding and, for ReLU, whether −x is a point as often as x."""
    n, size = points.shape
    slack = 64 * EPSILON * n
    even = np.abs(points.T @ points / n - np.eye(size) / size).max() <= slack
    ordered, turned = (np.unique(np.round(each, 12) + 0.0, axis=0, return_counts=True) for each in (points, -points))
    symmetric = ordered[0].shape == turned[0].shape and all(map(np.array_equal, ordered, turned))
    return bool(even and (activation != "relu" or symmetric))


ACTIVATION_OF_SHARE = Parameter("activation", sigma, "activation σ", Choice(tuple(SHARES)))
ARGUMENTS = (*CONFIGURATION, DIMENSION)
OF_BOUND = (BOUNDEDNESS, BOUND, NORM)
BOUND_PART = Bound(
    name="bound",
    companion="isotropic",
    sentence="The mean squared error of f_ω over an R-bounded D is at most R²C²‖f‖²/(qd).",
    quantity=ERROR,
    statement=sp.Le(ERROR.symbol, R**2 * C**2 * f_norm**2 / (q * d)),
    latex=r"\mathbb{E}_\omega\|f-f_\omega\|_{2,\mathcal{D}}^2\leq\frac{R^2C^2\|f\|_k^2}{qd}",
    parameters=(*ARGUMENTS, *OF_BOUND),
    relations=(AT_MOST,),
    published=bound,
    finite=bound_at,
    limit_of=bound_arguments,
    decoys=(
        Decoy(
            name="R lost",
            sentence="C²‖f‖²/(qd), as if every D were isotropic",
            published=lambda q, d, C, f_norm: bound(q, d, 1.0, C, f_norm),
        ),
        Decoy(
            name="d twice",
            sentence="R²C²‖f‖²/(qd²)",
            published=lambda q, d, R, C, f_norm: bound(q, d, R, C, f_norm) / d,
        ),
        Decoy(
            name="half the constant",
            sentence="R²C²‖f‖²/(2qd) for every activation",
            published=lambda q, d, R, C, f_norm: bound(q, d, R, C, f_norm) / 2,
        ),
    ),
)
ISOTROPIC = Identity(
    name="isotropic",
    ours=True,
    sentence="Over isotropic inputs the mean squared error is ‖f‖²_k/d less ‖f‖²_D over q; half the first for ReLU.",
    quantity=ERROR,
    statement=Eq(ERROR.symbol, (share * f_norm**2 / d - in_data**2) / q),
    latex=r"\mathbb{E}_\omega\|f-f_\omega\|_{2,\mathcal{D}}^2=\frac{1}{q}\left(\frac{c_\sigma\|f\|_k^2}{d}-\|f\|_{2,\mathcal{D}}^2\right)",
    parameters=(
        *(CENTRES, COEFFICIENTS, FEATURES, POINTS, DIMENSION),
        ACTIVATION_OF_SHARE,
    ),
    auxiliary=(
        Auxiliary(
            symbol=share,
            meaning="1 for abs, 1/2 for ReLU",
            value=lambda activation: SHARES[activation],
            latex=r"c_\sigma",
        ),
        Auxiliary(
            symbol=f_norm,
            meaning="‖f‖_k",
            value=lambda centres, coefficients, activation, points: bound_arguments(
                centres, coefficients, 1, activation, points
            )["f_norm"],
            latex=r"\|f\|_k",
        ),
        Auxiliary(symbol=in_data, meaning="‖f‖_D", value=norm_in_data, latex=r"\|f\|_{2,\mathcal{D}}"),
        Auxiliary(symbol=d, meaning="input dimension", value=lambda points: points.shape[1]),
    ),
    assumptions=(
        Assumption(
            name="isotropic inputs",
            sentence="E xxᵀ = I/d, and for ReLU x and −x are equally likely",
            holds=_isotropic_points,
            required=True,
        ),
    ),
    published=isotropic_mean,
    decoys=(
        Decoy(
            name="missing factor d",
            sentence="‖f‖²_k − ‖f‖²_D: no gain from d-dimensional features",
            published=lambda centres, coefficients, q, activation, points: _isotropic(
                centres, coefficients, q, activation, points, 1, SHARES[activation]
            ),
        ),
        Decoy(
            name="half forgotten",
            sentence="‖f‖²_k/d for ReLU as for abs",
            published=lambda centres, coefficients, q, activation, points: _isotropic(
                centres, coefficients, q, activation, points, points.shape[1], 1.0
            ),
        ),
        Decoy(
            name="mean not subtracted",
            sentence="h‖f‖²_k/(qd)",
            published=lambda centres, coefficients, q, activation, points: (
                isotropic_mean(centres, coefficients, q, activation, points)
                + norm_in_data(centres, coefficients, activation, points) ** 2 / q
            ),
        ),
    ),
)
POPULATION = Identity(
    name="population",
    ours=True,
    sentence="Over the whole sphere or cube one feature's function has the mean square ‖f‖²_k/d; half of it for ReLU.",
    quantity=Quantity(
        symbol=ERROR.symbol,
        meaning="E_ω‖f_ω‖²_D at q = 1",
        units="squared output",
        low=0,
        latex=r"\mathbb{E}_\omega\|f_\omega\|_{2,\mathcal{D}}^2",
    ),
    statement=Eq(ERROR.symbol, share * f_norm**2 / d),
    latex=r"\mathbb{E}_\omega\|f_\omega\|_{2,\mathcal{D}}^2=\frac{c_\sigma\|f\|_k^2}{d}",
    parameters=(
        *(CENTRES, COEFFICIENTS, ACTIVATION_OF_SHARE, DIMENSION),
        Parameter("distribution", sp.Symbol("D"), "distribution of x", Choice(("sphere", "cube"))),
    ),
    auxiliary=(
        ISOTROPIC.auxiliary[0],
        Auxiliary(symbol=f_norm, meaning="‖f‖_k", value=_norm, latex=r"\|f\|_k"),
        Auxiliary(symbol=d, meaning="input dimension", value=lambda centres: centres.shape[1]),
    ),
    published=mean_square,
    decoys=(
        Decoy(
            name="missing factor d",
            sentence="h‖f‖²_k",
            published=lambda centres, coefficients, activation: (
                mean_square(centres, coefficients, activation) * centres.shape[1]
            ),
        ),
        Decoy(
            name="half forgotten",
            sentence="‖f‖²_k/d for ReLU as for abs",
            published=lambda centres, coefficients, activation: (
                mean_square(centres, coefficients, activation) / SHARES[activation]
            ),
        ),
    ),
)
LOWEST = Quantity(
    symbol=lowest,
    meaning="least eigenvalue of (R²C²/d)K − (A − B)",
    units="squared output",
    latex=r"\lambda_{\min}(\frac{R^2C^2}{d}K-(A-B))",
)
EVERY_FUNCTION = AlmostSure(
    name="every_function",
    ours=True,
    sentence="The bound holds for all functions on the centres at once: (R²C²/d)K − (A − B) is positive semidefinite.",
    quantity=LOWEST,
    statement=sp.Ge(lowest, 0),
    parameters=ARGUMENTS,
)
RELU = AlmostSure(
    name="relu",
    ours=True,
    sentence="For ReLU half the constant does, over every D: (R²/(2d))K − (A − B) is positive semidefinite.",
    quantity=replace(
        LOWEST, meaning="least eigenvalue of (R²/(2d))K − (A − B)", latex=r"\lambda_{\min}(\frac{R^2}{2d}K-(A-B))"
    ),
    statement=sp.Ge(lowest, 0),
    parameters=ARGUMENTS,
)
SHARP = Existence(
    name="sharp",
    ours=True,
    sentence="No smaller constant does: some f has 0.99 of the bound for abs, and 0.99 of half the bound for ReLU.",
    quantity=Quantity(
        symbol=ratio,
        meaning="sup over f of E‖f − f_ω‖² over R²C²‖f‖²/(qd)",
        latex=r"\sup_f\frac{\mathbb{E}_\omega\|f-f_\omega\|_{2,\mathcal{D}}^2}{R^2C^2\|f\|_k^2/(qd)}",
    ),
    statement=Eq(ratio, share),
    parameters=ARGUMENTS,
    auxiliary=ISOTROPIC.auxiliary[:1],
)
LIPSCHITZ = Bound(
    name="lipschitz_loss",
    sentence="The mean loss of f_ω exceeds that of f by at most LRC‖f‖/√(qd) for an L-Lipschitz loss.",
    quantity=Quantity(
        symbol=sp.Symbol("e"),
        meaning="E_ω L_D(f_ω) − L_D(f), L = 1",
        units="loss",
        latex=r"(\mathbb{E}_\omega\mathcal{L}_{\mathcal{D}}(f_\omega)-\mathcal{L}_{\mathcal{D}}(f))",
    ),
    statement=sp.Le(sp.Symbol("e"), R * C * f_norm / sp.sqrt(q * d)),
    latex=r"\mathbb{E}_\omega\mathcal{L}_{\mathcal{D}}(f_\omega)-\mathcal{L}_{\mathcal{D}}(f)\leq\frac{RC\|f\|_k}{\sqrt{qd}}",
    parameters=(*ARGUMENTS, *OF_BOUND, LOSS, VALUES),
    relations=(AT_MOST,),
    published=root,
    finite=root_at,
    limit_of=bound_arguments,
    decoys=(
        Decoy(
            name="1/q",
            sentence="LRC‖f‖/(q√d): the squared error's rate",
            published=lambda q, d, R, C, f_norm: root(q, d, R, C, f_norm) * float(q**-0.5),
        ),
        Decoy(
            name="R lost",
            sentence="LC‖f‖/√(qd), as if every D were isotropic",
            published=lambda q, d, C, f_norm: root(q, d, 1.0, C, f_norm),
        ),
    ),
    errata=(
        Erratum(
            gravity=Gravity.MISPRINT,
            locator="Theorem 4, second half",
            printed="ℓ : S^{d−1} × Y → [0, ∞) is L-Lipschitz loss",
            corrected="ℓ : R × Y → [0, ∞) is an L-Lipschitz loss",
            derivation="Section 2.2 defines losses on predictions, ℓ(h(x), y), and calls them Lipschitz in h(x).",
            evidence="the statement as it stands here, with three losses",
        ),
    ),
)
SGD = Bound(
    name="sgd",
    sentence="SGD of T steps on a random embedding comes within C‖f‖(R/√(qd) + 1/√T) of the loss of f.",
    quantity=EXCESS,
    statement=sp.Le(EXCESS.symbol, C * f_norm * (R / sp.sqrt(q * d) + 1 / sp.sqrt(T))),
    latex=(
        r"\mathbb{E}\mathcal{L}_{\mathcal{D}}(\hat f)-\mathcal{L}_{\mathcal{D}}(f)\leq C\|f\|_k"
        r"\left(\frac{R}{\sqrt{qd}}+\frac{1}{\sqrt{T}}\right)"
    ),
    parameters=(*ARGUMENTS, *OF_BOUND, STEPS, LOSS, VALUES),
    relations=(AT_MOST,),
    published=sgd_bound,
    finite=sgd_bound_at,
    limit_of=lambda centres, coefficients, q, activation, points, steps: (
        bound_arguments(centres, coefficients, q, activation, points) | {"steps": steps}
    ),
    decoys=(
        Decoy(
            name="1/(qd) and 1/T",
            sentence="C‖f‖(R²/(qd) + 1/T)",
            published=lambda q, d, R, C, f_norm, steps: C * f_norm * (R**2 / (q * d) + 1 / steps),
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Approximation by vector random features",
    source=Source(paper=PAPER, locator="section 3.1, Theorem 4"),
    convention="Squared bounds; the NTK scheme; f = Σ c_j k(·, z_j); D uniform on given points.",
    main=("exact_mean", "bound"),
    parts=(exact_part(ARGUMENTS), BOUND_PART, ISOTROPIC, POPULATION, EVERY_FUNCTION, RELU, SHARP, LIPSCHITZ, SGD),
)
