"""Dual activations: Gaussian moments of an activation σ and of its slope at two unit vectors, by name.

For unit vectors x, y with c = <x, y> and w ~ N(0, I), u = <w, x> and v = <w, y> are standard normals of correlation c.

    dual                    E[σ(u)σ(v)]        σ̂(c) of Daniely; the kernel of random features
    dual_of_slope           E[σ'(u)σ'(v)]      the tangent kernel of the hidden weights over <x, y>
    second_moment           E[σ(u)²σ(v)²]      less dual², the variance of one random feature's kernel
    second_moment_of_slope  E[σ'(u)²σ'(v)²]    likewise for one neuron's tangent kernel
    dual_of_product         E[σσ'(u) σσ'(v)]   how a neuron's two tangent kernels vary together

Closed forms (`closed_form`, in sympy): u²v² on a quadrant is Cho and Saul's arc-cosine kernel of order 2; for erf the
slope is a Gaussian, E exp(−k(u² + v²)) = det(I + 2kΣ)^(−1/2) = ((1 + 2k)² − 4k²c²)^(−1/2), and Sheppard's formula
gives the dual; for sin, E cos(ku)cos(kv) = exp(−k²)cosh(k²c). E[erf(u)²erf(v)²] is an orthant probability of four
normals, and has none.

Where there is none (tanh, softplus, sigmoid, and that one of erf) the trapezoid rule in x and y, u = x, v = cx + √(1 −
c²)y: σ is analytic in a strip, so that the rule's error falls like exp(−2πa/step) with a the strip's half-width, and
Gauss–Hermite's does not. `quadrature_error` is what is left, computed. The kinks of relu and abs count as slope 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from lazy_assay.theory._mathematics.special import erf, sigmoid
from lazy_assay.theory._parameter import InvalidParameterError

Array = np.ndarray
MOMENTS = ("dual", "dual_of_slope", "second_moment", "second_moment_of_slope", "dual_of_product")
EPSILON = float(np.finfo(float).eps)
correlation = sp.Symbol("c", real=True)


@dataclass(frozen=True)
class Activation:
    """σ, its slope, sup|σ'|, and the closed forms of its moments in the symbol `correlation`."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    largest_slope: sp.Expr
    forms: Mapping[str, sp.Expr]


_angle = sp.pi - sp.acos(correlation)
_sine = sp.sqrt((1 - correlation) * (1 + correlation))
_quadrant = _angle / (2 * sp.pi)
_HALF = sp.Rational(1, 2)


def _cosines(sign: int) -> sp.Expr:
    """E[(1 + s·cos 2u)(1 + s·cos 2v)]/4."""
    return (1 + sign * 2 * sp.exp(-2) + sp.exp(-4) * sp.cosh(4 * correlation)) / 4


# fmt: off
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({a.name: a for a in (
    Activation("relu", lambda u: np.maximum(u, 0), lambda u: (u > 0).astype(float), sp.Integer(1), {
        "dual": (_sine + correlation * _angle) / (2 * sp.pi),
        "dual_of_slope": _quadrant,
        "second_moment": (3 * correlation * _sine + (1 + 2 * correlation**2) * _angle) / (2 * sp.pi),
        "second_moment_of_slope": _quadrant,
        "dual_of_product": (_sine + correlation * _angle) / (2 * sp.pi)}),
    Activation("abs", np.abs, np.sign, sp.Integer(1), {
        "dual": 2 / sp.pi * (_sine + correlation * sp.asin(correlation)),
        "dual_of_slope": 2 / sp.pi * sp.asin(correlation),
        "second_moment": 1 + 2 * correlation**2,
        "second_moment_of_slope": sp.Integer(1),
        "dual_of_product": correlation}),
    Activation("erf", erf, lambda u: 2 / np.sqrt(np.pi) * np.exp(-u * u), 2 / sp.sqrt(sp.pi), {
        "dual": 2 / sp.pi * sp.asin(2 * correlation / 3),
        "dual_of_slope": 4 / sp.pi / sp.sqrt(9 - 4 * correlation**2),
        "second_moment_of_slope": 16 / sp.pi**2 / sp.sqrt(25 - 16 * correlation**2)}),
    Activation("sin", np.sin, np.cos, sp.Integer(1), {
        "dual": sp.exp(-1) * sp.sinh(correlation),
        "dual_of_slope": sp.exp(-1) * sp.cosh(correlation),
        "second_moment": _cosines(-1),
        "second_moment_of_slope": _cosines(1),
        "dual_of_product": sp.exp(-4) * sp.sinh(4 * correlation) / 4}),
    Activation("tanh", np.tanh, lambda u: 1 - np.tanh(u) ** 2, sp.Integer(1), {}),
    Activation("softplus", lambda u: np.logaddexp(0, u), sigmoid, sp.Integer(1), {}),
    Activation("sigmoid", sigmoid, lambda u: sigmoid(u) * sigmoid(-u), _HALF**2, {}),
)})
# fmt: on


def scaled(activation: Activation, name: str, by: sp.Rational) -> Activation:
    """by·σ, under a name of its own."""
    return Activation(
        name,
        lambda u: float(by) * activation.value(u),
        lambda u: float(by) * activation.slope(u),
        by * activation.largest_slope,
        {moment: by ** (2 if moment.startswith("dual") and moment != "dual_of_product" else 4) * form
         for moment, form in activation.forms.items()},
    )  # fmt: skip


# |u| with other slopes: where a bound is attained by |u| alone, sup|σ'| is 1 in it.
SCALED: Mapping[str, Activation] = MappingProxyType(
    {name: scaled(ACTIVATIONS["abs"], name, by) for name, by in (("steep_abs", sp.S(3)), ("flat_abs", sp.S(1) / 3))}
)
KNOWN: Mapping[str, Activation] = MappingProxyType({**ACTIVATIONS, **SCALED})


def dual(activation: str, c: ArrayLike) -> Array:
    """E[σ(u)σ(v)] at correlations c in [−1, 1], any shape. Raises InvalidParameterError."""
    return _moment(activation, "dual", c)


def dual_of_slope(activation: str, c: ArrayLike) -> Array:
    """E[σ'(u)σ'(v)] at correlations c in [−1, 1], any shape. Raises InvalidParameterError."""
    return _moment(activation, "dual_of_slope", c)


def second_moment(activation: str, c: ArrayLike) -> Array:
    """E[(σ(u)σ(v))²] at correlations c in [−1, 1], any shape. Raises InvalidParameterError."""
    return _moment(activation, "second_moment", c)


def second_moment_of_slope(activation: str, c: ArrayLike) -> Array:
    """E[(σ'(u)σ'(v))²] at correlations c in [−1, 1], any shape. Raises InvalidParameterError."""
    return _moment(activation, "second_moment_of_slope", c)


def dual_of_product(activation: str, c: ArrayLike) -> Array:
    """E[σ(u)σ'(u)σ(v)σ'(v)] at correlations c in [−1, 1], any shape. Raises InvalidParameterError."""
    return _moment(activation, "dual_of_product", c)


def named(activation: str) -> Activation:
    """The activation of that name. Raises InvalidParameterError for an unknown one."""
    if activation not in KNOWN:
        known = ", ".join(KNOWN)
        raise InvalidParameterError(f"no activation is called {activation!r}; there are {known}")
    return KNOWN[activation]


def largest_slope(activation: str) -> float:
    """sup|σ'|: the Lipschitz constant of σ, and C of Daniely's NTK scheme."""
    return float(named(activation).largest_slope)


def closed_form(activation: str, moment: str) -> sp.Expr:
    """One of `MOMENTS` in the symbol `correlation`. Raises ValueError where none is known."""
    forms = named(activation).forms
    if moment not in forms:
        raise ValueError(f"{moment} of {activation} has no closed form; the function {moment} gives its value")
    return forms[moment]


@lru_cache(maxsize=64)
def quadrature_error(activation: str, moment: str) -> float:
    """A bound on the error of a moment's value, computed; the rounding of the closed form where there is one.

    The trapezoid rule at half the step has the square of the error, so the change on halving is all of it: the largest
    over nine correlations. To it come the Gaussian tails beyond the grid and the rounding of the sum.
    """
    form = named(activation).forms.get(moment)
    if form is not None:
        return 64 * EPSILON * max(1.0, float(np.abs(_moment(activation, moment, [-1.0, 1.0])).max()))
    function = _integrand(activation, moment)
    at = np.linspace(-1, 1, 9)
    coarse, fine = (np.array([_trapezoid(function, c, step) for c in at]) for step in (STEP, STEP / 2))
    return float(np.abs(coarse - fine).max() + _tail() + 64 * EPSILON * max(1.0, float(np.abs(fine).max())))


# Step and reach of the grid; `quadrature_error` says what they leave.
STEP, REACH = 0.2, 10.0


def _moment(activation: str, moment: str, c: ArrayLike) -> Array:
    at = _correlations(c)
    if moment in named(activation).forms:
        return np.asarray(_lambdified(activation, moment)(at) + np.zeros_like(at))
    function = _integrand(activation, moment)
    different, back = np.unique(at, return_inverse=True)
    values = np.array([_trapezoid(function, float(one), STEP) for one in different])
    return np.asarray(values[back].reshape(at.shape))


def _correlations(c: ArrayLike) -> Array:
    """c as an array in [−1, 1]; products of unit vectors leave it by their rounding only."""
    at = np.asarray(c, dtype=float)
    if not (np.abs(at) <= 1 + 64 * EPSILON).all():
        raise InvalidParameterError("correlation must lie in [−1, 1]; it is the product of two unit vectors")
    return np.asarray(np.clip(at, -1.0, 1.0))


@lru_cache(maxsize=64)
def _lambdified(activation: str, moment: str) -> Callable[[Array], Array]:
    return sp.lambdify(correlation, closed_form(activation, moment), modules="numpy")  # type: ignore[no-any-return]


def _integrand(activation: str, moment: str) -> Callable[[Array], Array]:
    """What is averaged at u and v, as the function whose product over both it is."""
    sigma = named(activation)
    if moment == "dual_of_product":
        return lambda u: np.asarray(sigma.value(u) * sigma.slope(u))
    function = sigma.slope if moment.endswith("slope") else sigma.value
    power = 2 if moment.startswith("second") else 1
    return lambda u: np.asarray(function(u) ** power)


def _trapezoid(function: Callable[[Array], Array], c: float, step: float) -> float:
    """E[function(u)function(v)] over the grid of that step, |x|, |y| ≤ REACH."""
    x = np.arange(-round(REACH / step), round(REACH / step) + 1) * step
    weights = np.exp(-x * x / 2) * step / np.sqrt(2 * np.pi)
    v = c * x[:, None] + np.sqrt((1 - c) * (1 + c)) * x
    return float((weights * function(x)) @ (function(v) @ weights))


def _tail() -> float:
    """A bound on what lies beyond the grid, for |σ(u)| ≤ 1 + |u|: E[(1 + |x| + |y|)⁴; |x| > L or |y| > L].

    (1 + |x| + |y|)⁴ ≤ 8((1 + |x|)⁴ + y⁴) ≤ 16(1 + |x|)⁴ in the mean over y, (1 + x)⁴ ≤ (1 + L)⁴exp(4(x − L)/(1 + L)),
    and Mills' ratio of what is left is at most 1/(L − 4/(1 + L)).
    """
    density = np.exp(-(REACH**2) / 2) / np.sqrt(2 * np.pi)
    return float(4 * 16 * (1 + REACH) ** 4 * density / (REACH - 4 / (1 + REACH)))
