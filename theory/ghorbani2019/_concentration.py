"""What o_{d,P}(1) means, as parts of Theorems 1 and 4 and of Corollary 1: the risk concentrates over draws of W.

A risk lies in [0, 1], so R − r = o_P(1) if and only if E R → r and Var R → 0. The first is confronted with each
theorem; these parts state the second, with its order and its constant, derived in `_feature_spread`:

    d Var R → V₁ > 0 where λ₁ ≠ 0 (ReLU, softplus): the standard deviation is of order 1/√d;
    d² Var R → V₂ where λ₁ = 0 (x² − 1, |x|): of order 1/d.

The paper prints no rate. `predict_finite` adds the two orders up. It answers where it was calibrated
(benchmarks/calibrate_spread.py), within a stated share of itself: of the order 1/d, and where σ = x² − 1 of 1/n² for
weights that are flat on n directions and any B (`_flat_spread`), of 1/d² for Γ and Δ whitened that are multiples of the
identity (`_isotropic_spread`). Beyond: weights of few directions, or a target
that the weights hardly see. There ⟨B,Γ⟩ vanishes, and with it all that the two orders hold of the variance; of what is
left they know nothing.
"""

from collections.abc import Callable

import numpy as np
import sympy as sp

from lazy_assay.theory import Auxiliary, Decoy, Eq, Formula, InvalidParameterError, Limit, Part, Quantity
from lazy_assay.theory.ghorbani2019 import _flat_spread as flat
from lazy_assay.theory.ghorbani2019 import _isotropic_spread as isotropic
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._feature_spread import learned_variance, share
from lazy_assay.theory.ghorbani2019._mixture import whitened, whitened_weights, zeta_1, zeta_2
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    Array,
    aspect,
    concentration,
    d,
    inner,
    overlap,
    rho,
    spectrum,
)
from lazy_assay.theory.ghorbani2019._random_features import in_the_eigenbasis

psi = sp.Symbol("psi", positive=True)
lambda_2 = sp.Symbol("lambda_2", real=True)
fitted = sp.Symbol("J", nonnegative=True)
# d Var ψ, and what dR/dψ makes of it: derivatives of Eqs. (10) and (15).
RIDGE = 2 * psi**2 * fitted / (rho * (rho - fitted))
QUADRATIC = (2 * lambda_2**2 * overlap / (2 + psi * lambda_2**2 * concentration) ** 2) ** 2 * RIDGE
MIXTURE = (zeta_2 * lambda_2**2 / (1 + (zeta_1 + zeta_2) * lambda_2**2 * psi) ** 2) ** 2 * RIDGE
# What calibration covered: d and N/d, d‖Γ‖_op, and the share of Γ^{1/2}BΓ^{1/2} along the identity.
SMALLEST, FEWEST, WIDEST = 25, 4, 2
LARGEST_WEIGHT, LEAST_SHARE = 2.5, 0.35
# A mixture's classes differ by no more; what two activations have beyond the second order is more.
LARGEST_DIFFERENCE, ROUNDING = 0.75, 1e-9
DEARER = {"hermite2_3": 2.0, "softplus": 1.5}
SPREAD = Quantity(
    symbol=sp.Symbol("V_1", nonnegative=True),
    meaning="d times the variance of the risk over draws of W",
    low=0,
    latex=r"d\operatorname{Var}(R)",
)
SENTENCE = (
    "Over draws of the weights the risk concentrates: its standard deviation vanishes like 1/√d, and where the "
    "activation has no linear part like 1/d."
)
Orders = Callable[..., tuple[float, float]]


def seen_share(B: Array, Gamma: Array) -> float:
    """⟨B,Γ⟩²/(d Tr BΓBΓ) in [0, 1]: 1 where Γ^{1/2}BΓ^{1/2} ∝ I, 0 where the weights see no trace of B."""
    gamma, target = in_the_eigenbasis(B, Gamma)
    return float((gamma @ np.diagonal(target)) ** 2 / (len(gamma) * (gamma @ target**2 @ gamma)))


def inside(d: int, N: int, B: Array, Gamma: Array, activation: str = "quadratic") -> None:
    """Raise InvalidParameterError where the prediction of a spread was not calibrated; an odd σ has no spread."""
    if ACTIVATIONS[activation].odd:
        return
    values = flat.seen(B, Gamma) if activation == "quadratic" else None
    n = d if values is None else len(values)
    if n < SMALLEST or WIDEST * n < N or n // FEWEST > N:
        raise InvalidParameterError(
            f"the spread over W is predicted from d = {SMALLEST} on and from N = d/{FEWEST} to N = {WIDEST} d, "
            f"got d = {n}, N = {N}" + (f": {d}, of which flat weights see {n}" if n < d else "")
        )
    if (largest := d * float(spectrum(Gamma).max())) > LARGEST_WEIGHT * (1 + ROUNDING):
        raise InvalidParameterError(
            f"the spread over W is predicted for d‖Γ‖_op of at most {LARGEST_WEIGHT:g}, got {largest:.3g}"
        )
    if (share := seen_share(B, Gamma)) < LEAST_SHARE:
        raise InvalidParameterError(
            f"the spread over W is predicted where ⟨B,Γ⟩² is at least {LEAST_SHARE:g} of d Tr BΓBΓ, got {share:.3g}"
        )


def features_share(d: int, N: int, B: Array, Gamma: Array, activation: str = "quadratic") -> float:
    """What the prediction of a spread on the quadratic target may be off by, as a share of it."""
    if activation == "quadratic" and (values := flat.seen(B, Gamma)) is not None:
        return flat.share(N, values)
    dearer = 1.0 if activation == "softplus" else DEARER.get(activation, 1.0)
    return (6 + 9 * N / d) / d * dearer


def mixture_share(d: int, N: int, Delta: Array, Gamma: Array, activation: str) -> float:
    """The same on the mixture, whitened."""
    if isotropic.known(activation, Delta, Gamma):
        return isotropic.share(d, N)
    uneven = max(0.0, d * float(spectrum(Gamma).max()) - 1)
    return (10 + 5 * N / d) / d * (1 + uneven / 2) * DEARER.get(activation, 1.0)


def on_target(d: int, N: float, B: Array, Gamma: Array, activation: str) -> tuple[float, float]:
    """(first, second): Var R = first/d + second/d² on the quadratic target, as R = 1 − λ₂²Y/(2‖B‖²)."""
    first, second = learned_variance(d, N, B, Gamma, activation)
    return first / (2 * inner(B, B)) ** 2, second / (2 * inner(B, B)) ** 2


def at_size(d: int, N: int, B: Array, Gamma: Array, activation: str = "quadratic") -> tuple[float, float]:
    """`on_target`, with the second to O(1/n²) of it where `_flat_spread` knows it."""
    if activation == "quadratic" and (values := flat.seen(B, Gamma)) is not None:
        return 0.0, d**2 * flat.variance(N, B, values)
    return on_target(d, N, B, Gamma, activation)


def on_mixture(
    risk: float, d: int, N: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str
) -> tuple[float, float]:
    """(first, second) on the mixture, whitened: dR = −R²·λ₂²dY/4 at the limiting risk R."""
    first, second = learned_variance(d, N, whitened(Sigma, Delta), whitened_weights(Sigma, Gamma), activation)
    return first * risk**4 / 16, second * risk**4 / 16


_QUADRATIC = (
    r"\frac{8\lambda_2^4\psi^2}{\left(2+\psi\lambda_2^2 d\|\Gamma\|_F^2\right)^4}"
    r"\left(\frac{d\langle\Gamma,B\rangle^2}{\|B\|_F^2}\right)^2\frac{J}{\rho(\rho-J)}"
)
_MIXTURE = (
    r"\frac{2\lambda_2^4\psi^2\zeta_2(d)^2}{\left(1+\left(\zeta_1(d)+\zeta_2(d)\right)\lambda_2^2\psi\right)^4}"
    r"\frac{J}{\rho(\rho-J)}"
)


def of_theorem_1(whole: Part) -> Limit:
    """The part of Theorem 1, with the parameters, letters and assumptions of `whole`."""

    def published(rho: float, B: Array, Gamma: Array, activation: str) -> float:
        return on_target(len(B), rho * len(B), B, Gamma, activation)[0]

    def finite(d: int, N: int, B: Array, Gamma: Array, activation: str) -> float:
        inside(d, N, B, Gamma, activation)
        first, second = at_size(d, N, B, Gamma, activation)
        return first + second / d

    def allowance(d: int, N: int, B: Array, Gamma: Array, activation: str) -> float:
        found = finite(d, N, B, Gamma, activation)
        return found and found * features_share(d, N, B, Gamma, activation)

    def next_order(d: int, N: int, B: Array, Gamma: Array, activation: str) -> float:
        return at_size(d, N, B, Gamma, activation)[1] / d

    def constant(d: int, N: int, B: Array, Gamma: Array, activation: str) -> float:
        return d * sum(at_size(d, N, B, Gamma, activation))

    letter = Auxiliary(
        symbol=fitted,
        meaning="∫ (λ₁²tψ/(1 + λ₁²tψ))² D(dt)",
        value=lambda rho, Gamma, activation: share(rho, Gamma, activation),
    )
    return _part(whole, QUADRATIC, _QUADRATIC, letter, published, finite, allowance, next_order, constant)


def of_theorem_4(whole: Part) -> Limit:
    """The part of Theorem 4, with the parameters, letters and assumptions of `whole`."""
    limit = whole.published
    assert limit is not None

    def orders(d: int, N: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> tuple[float, float]:
        risk = limit(N / d, Sigma, Delta, Gamma, activation)
        return on_mixture(risk, d, N, Sigma, Delta, Gamma, activation)

    def at_size(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> tuple[float, float]:
        difference = whitened(Sigma, Delta)
        if isotropic.known(activation, difference, whitened_weights(Sigma, Gamma)):
            return 0.0, isotropic.on_mixture(d, N, isotropic.scale(difference) or 0.0)
        return orders(d, N, Sigma, Delta, Gamma, activation)

    def published(rho: float, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
        return orders(len(Delta), rho * len(Delta), Sigma, Delta, Gamma, activation)[0]

    def finite(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
        difference, weights = whitened(Sigma, Delta), whitened_weights(Sigma, Gamma)
        inside(d, N, difference, weights, activation)
        if (size := float(np.abs(spectrum(difference)).max())) > LARGEST_DIFFERENCE * (1 + ROUNDING):
            raise InvalidParameterError(
                f"the spread over W is predicted for ‖Σ^(-1/2)ΔΣ^(-1/2)‖ of at most {LARGEST_DIFFERENCE:g}, "
                f"got {size:.3g}"
            )
        first, second = at_size(d, N, Sigma, Delta, Gamma, activation)
        return first + second / d

    def allowance(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
        difference, weights = whitened(Sigma, Delta), whitened_weights(Sigma, Gamma)
        found = finite(d, N, Sigma, Delta, Gamma, activation)
        return found and found * mixture_share(d, N, difference, weights, activation)

    def next_order(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
        return at_size(d, N, Sigma, Delta, Gamma, activation)[1] / d

    def constant(d: int, N: int, Sigma: Array, Delta: Array, Gamma: Array, activation: str) -> float:
        return d * sum(at_size(d, N, Sigma, Delta, Gamma, activation))

    letter = Auxiliary(
        symbol=fitted,
        meaning="∫ (λ₁²tψ/(1 + λ₁²tψ))² D(dt)",
        value=lambda rho, Sigma, Gamma, activation: share(rho, whitened_weights(Sigma, Gamma), activation),
    )
    return _part(whole, MIXTURE, _MIXTURE, letter, published, finite, allowance, next_order, constant)


def _part(
    whole: Part,
    right: sp.Expr,
    latex: str,
    letter: Auxiliary,
    published: Formula,
    finite: Formula,
    allowance: Formula,
    next_order: Formula,
    constant: Formula,
) -> Limit:
    """The part beside `whole`, with its parameters, letters and assumptions, and the two decoys in finite size."""
    return Limit(
        name="concentration",
        sentence=SENTENCE,
        quantity=SPREAD,
        statement=Eq(SPREAD.symbol, right),
        latex=rf"{SPREAD.latex}={latex}+o_d(1)",
        rate=1 / d,
        parameters=whole.parameters,
        auxiliary=(*whole.auxiliary, letter),
        assumptions=whole.assumptions,
        relations=whole.relations,
        published=published,
        finite=finite,
        finite_allowance=allowance,
        limit_of=aspect,
        decoys=(
            Decoy(name=FORGOTTEN, sentence="the fluctuation of ψ left out", published=published, finite=next_order),
            Decoy(name=CONSTANT, sentence="a spread that stays as d grows", published=published, finite=constant),
        ),
    )


FORGOTTEN, CONSTANT = "1/d for every activation", "no concentration"
