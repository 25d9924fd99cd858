"""The activations of Ghorbani et al. (Theorems 1 and 4): expression, values and Hermite coefficients, by name.

lambda_k = E[sigma(G) He_k(G)] (monic He_k) is the paper's coefficient in Theorem 1. At finite size a neuron with
weights w sees sigma(r G), r = |w|, so the rescaled coefficients mu_k(r) are needed too; they are those of sigma_c =
sigma - E sigma(G), centred once, at r = 1, as a network's bias would be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import factorial, sqrt
from types import MappingProxyType

import numpy as np
import sympy as sp

from lazy_assay.theory._mathematics.special import erf, sigmoid
from lazy_assay.theory.ghorbani2019 import _hermite_coefficients as closed
from lazy_assay.theory.ghorbani2019._hermite_coefficients import Array, quadrature

X = sp.Symbol("x", real=True)


@dataclass(frozen=True)
class Activation:
    """An activation function sigma and its Hermite coefficients.

    `expression` is sigma(X), not centred. `exact` gives lambda_k, or None where no closed form is known; `scaled` and
    `energy` are E[sigma(r G) He_k(G)] and E sigma(r G)^2 in closed form, or None together.
    """

    name: str
    expression: sp.Expr
    values: Callable[[Array], Array]
    exact: Callable[[int], sp.Expr | None]
    energy_at_one: sp.Expr | None
    scaled: Callable[[Array, int], Array] | None = None
    energy: Callable[[Array], Array] | None = None
    odd: bool = False

    def __call__(self, x: Array) -> Array:
        """sigma(x), any shape."""
        return self.values(np.asarray(x, dtype=np.float64))

    @property
    def polynomial(self) -> bool:
        """Whether finitely many coefficients are non-zero, so that finitely many features span everything."""
        return bool(self.expression.is_polynomial(X))

    def hermite(self, k: int) -> sp.Expr:
        """lambda_k, exact.

        Raises:
            ValueError: no closed form is known; `coefficient` has the number.
        """
        value = self.exact(k)
        if value is None:
            raise ValueError(f"lambda_{k} of {self.name} has no closed form; coefficient({k}) gives its value to 1e-13")
        return value

    def coefficient(self, k: int) -> float:
        """lambda_k as a number."""
        return _coefficient(self.name, k)

    @property
    def second_moment(self) -> sp.Expr:
        """E[(sigma(G) - lambda_0)^2], exact.

        Raises:
            ValueError: no closed form is known; `variance` has the number.
        """
        if self.energy_at_one is None:
            raise ValueError(f"E sigma^2 of {self.name} has no closed form; `variance` gives its value to 1e-13")
        return self.energy_at_one - self.hermite(0) ** 2

    @property
    def variance(self) -> float:
        """E[(sigma(G) - lambda_0)^2] as a number."""
        return float(self.scaled_energy(np.ones(1))[0])

    def scaled_coefficients(self, r: Array, kmax: int) -> Array:
        """mu_k(r) = E[sigma_c(r G) He_k(G)] / sqrt(k!), shape (kmax+1, len(r)); for 0 < r <= 3 to 1e-13."""
        if self.scaled is None:
            return quadrature(self._centred, r, kmax)[0]
        table = np.stack([self.scaled(r, k) / sqrt(factorial(k)) for k in range(kmax + 1)])
        table[0] -= self.coefficient(0)
        return table

    def scaled_energy(self, r: Array) -> Array:
        """E sigma_c(r G)^2 = sum_k mu_k(r)^2, shape (len(r),)."""
        if self.scaled is None or self.energy is None:
            return quadrature(self._centred, r, 0)[1]
        c = self.coefficient(0)
        return self.energy(r) - 2 * c * self.scaled(r, 0) + c**2

    def _centred(self, x: Array) -> Array:
        return self(x) - self.coefficient(0)


@lru_cache(maxsize=256)
def _coefficient(name: str, k: int) -> float:
    activation = ACTIVATIONS[name]
    exact = activation.exact(k)
    if exact is not None:
        return float(exact)
    return float(quadrature(activation, np.ones(1), k)[0][k, 0] * sqrt(factorial(k)))


def _tanh_exact(k: int) -> sp.Expr | None:
    return None if k % 2 else sp.Integer(0)


def _sigmoid_exact(k: int) -> sp.Expr | None:
    """sigmoid - 1/2 is odd."""
    return sp.Rational(1, 2) if k == 0 else _tanh_exact(k)


def _softplus_exact(k: int) -> sp.Expr | None:
    """softplus(x) - x/2 = log(2 cosh(x/2)) is even."""
    if k == 1:
        return sp.Rational(1, 2)
    return sp.Integer(0) if k % 2 else None


def _polynomial_exact(coefficients: Mapping[int, int]) -> Callable[[int], sp.Expr | None]:
    return lambda k: sp.Integer(coefficients.get(k, 0))


_HALF = sp.Rational(1, 2)
# fmt: off
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({
    a.name: a
    for a in (
        Activation("relu", sp.Max(X, 0), lambda x: np.maximum(x, 0), closed.relu_exact, _HALF,
                   closed.homogeneous(closed.relu_exact), lambda r: r**2 / 2),
        Activation("abs", sp.Abs(X), np.abs, closed.abs_exact, sp.Integer(1),
                   closed.homogeneous(closed.abs_exact), lambda r: r**2),
        Activation("erf", sp.erf(X), erf, closed.erf_exact, 2 / sp.pi * sp.asin(sp.Rational(2, 3)),
                   closed.erf_scaled, lambda r: 2 / np.pi * np.arcsin(2 * r**2 / (1 + 2 * r**2)), odd=True),
        Activation("sin", sp.sin(X), np.sin, closed.sin_exact, (1 - sp.exp(-2)) / 2,
                   closed.sin_scaled, lambda r: -np.expm1(-2 * r**2) / 2, odd=True),
        Activation("tanh", sp.tanh(X), np.tanh, _tanh_exact, None, odd=True),
        Activation("sigmoid", 1 / (1 + sp.exp(-X)), sigmoid, _sigmoid_exact, None, odd=True),
        Activation("softplus", sp.log(1 + sp.exp(X)), lambda x: np.logaddexp(0, x), _softplus_exact, None),
        Activation("hermite2_3", X**3 + X**2 - 3 * X - 1, lambda x: x**3 + x**2 - 3 * x - 1,
                   _polynomial_exact({2: 2, 3: 6}), sp.Integer(8), closed.hermite2_3_scaled,
                   lambda r: (r**2 - 1) ** 2 + 9 * r**2 * (r**2 - 1) ** 2 + 2 * r**4 + 6 * r**6),
        Activation("quadratic", X**2 - 1, lambda x: x**2 - 1, _polynomial_exact({2: 2}), sp.Integer(2),
                   closed.quadratic_scaled, lambda r: (r**2 - 1) ** 2 + 2 * r**4),
    )
})
# fmt: on
