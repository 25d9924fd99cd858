"""Features of networks without a transcendental operation, exactly: integers over one common denominator.

float64 numbers are dyadic, so affine maps, convolutions, ReLU, sums and means over windows stay rational. Whatever is
not (softplus, a square root) raises NoVerdictError.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import flint
import numpy as np

from lazy_assay.checks.rank import _program as p
from lazy_assay.checks.rank._result import NoVerdictError
from lazy_assay.checks.rank._windows import as_images, as_rows, kernel, windows

Array = np.ndarray


@dataclass(frozen=True)
class Rational:
    """numerators·unit: an array of Python integers times one positive fraction."""

    numerators: Array
    unit: Fraction


def dyadic(values: Array) -> Rational:
    """A float64 array as what it is: integers times a power of two."""
    mantissas, exponents = np.frexp(values)
    whole = (mantissas * 2.0**53).astype(np.int64)
    used = exponents[whole != 0]
    least = int(used.min()) if used.size else 0
    shifts = np.where(whole != 0, exponents - least, 0)
    numbers = [int(a) << int(s) for a, s in zip(whole.ravel(), shifts.ravel(), strict=True)]
    return Rational(_filled(numbers, values.shape), Fraction(2) ** (least - 53))


def _filled(numbers: list[int], shape: tuple[int, ...]) -> Array:
    made = np.empty(len(numbers), dtype=object)
    made[:] = numbers
    return made.reshape(shape)


def integer_matrix(values: Array) -> flint.fmpz_mat:
    """A two-dimensional array of Python integers."""
    rows, columns = values.shape
    return flint.fmpz_mat(rows, columns, values.ravel().tolist())


def total(first: Rational, second: Rational) -> Rational:
    """The sum, over a unit that both are multiples of."""
    a, b = first.unit, second.unit
    denominator = lcm(a.denominator, b.denominator)
    left, right = (unit.numerator * (denominator // unit.denominator) for unit in (a, b))
    return Rational(first.numerators * left + second.numerators * right, Fraction(1, denominator))


def affine(x: Rational, W: Array, b: Array | None) -> Rational:
    """x W + b."""
    if x.numerators.ndim != 2 or x.numerators.shape[1] != len(W):
        raise ValueError(f"{len(W)} inputs are needed, the value has shape {x.numerators.shape}")
    weight = dyadic(W)
    found = integer_matrix(x.numerators) * integer_matrix(weight.numerators)
    shape = (len(x.numerators), W.shape[1])
    made = Rational(_filled([int(v) for v in found.entries()], shape), x.unit * weight.unit)
    return made if b is None else total(made, dyadic(b))


class Integers:
    """The arithmetic of exact rationals."""

    def start(self, data: Array) -> Rational:
        return dyadic(data)

    def apply(self, operation: Any, x: Rational, *others: Rational) -> Rational:
        match operation:
            case p.Affine(W, b):
                return affine(x, W, b)
            case p.Convolution(weight, bias, stride, padding):
                seen = windows(x.numerators, weight.shape[2:], stride, padding)
                rows = affine(Rational(as_rows(seen), x.unit), kernel(weight), bias)
                return Rational(as_images(rows.numerators, seen), rows.unit)
            case p.Relu():
                return Rational(np.maximum(x.numerators, 0), x.unit)
            case p.Add():
                return total(x, others[0])
            case p.Scale(factor) if factor != 0:
                sign, size = (-1 if factor < 0 else 1), abs(Fraction(factor))
                return Rational(x.numerators * sign, x.unit * size)
            case p.Divide(divisor):
                return self.apply(
                    p.Scale(-1.0 if divisor < 0 else 1.0), Rational(x.numerators, x.unit / abs(Fraction(divisor)))
                )
            case p.AveragePool(window, stride, keep):
                return self._averaged(
                    x, window or (int(x.numerators.shape[2]), int(x.numerators.shape[3])), stride, keep
                )
            case p.Flatten():
                return Rational(x.numerators.reshape(len(x.numerators), -1), x.unit)
        raise NoVerdictError(f"{type(operation).__name__} leaves the rational numbers")

    def _averaged(self, x: Rational, window: tuple[int, int], stride: tuple[int, int], keep: bool) -> Rational:
        values = x.numerators
        n, c = values.shape[:2]
        found = windows(values.reshape(n * c, 1, *values.shape[2:]), window, stride, (0, 0))
        sums = found.sum(axis=-1).reshape(n, c, *found.shape[1:3])
        return Rational(sums if keep else sums[:, :, 0, 0], x.unit / (window[0] * window[1]))
