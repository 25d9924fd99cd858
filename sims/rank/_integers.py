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

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._result import NoVerdictError
from lazy_assay.sims.rank.windows import as_images, as_rows, kernel, windows

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


def joined(parts: tuple[Rational, ...]) -> tuple[list[Array], Fraction]:
    """The numerators of several over one unit, the first of them the number 0."""
    denominator = lcm(*(part.unit.denominator for part in parts))
    factors = [part.unit.numerator * (denominator // part.unit.denominator) for part in parts]
    numerators = [part.numerators.ravel() * factor for part, factor in zip(parts, factors, strict=True)]
    return [_filled([0], (1,)), *numerators], Fraction(1, denominator)


def product(x: Rational, y: Rational) -> Rational:
    """x @ y over the axes in front."""
    left, right = (part.numerators.reshape(-1, *part.numerators.shape[-2:]) for part in (x, y))
    found = [(integer_matrix(a) * integer_matrix(b)).entries() for a, b in zip(left, right, strict=True)]
    shape = (*x.numerators.shape[:-1], y.numerators.shape[-1])
    return Rational(_filled([int(v) for each in found for v in each], shape), x.unit * y.unit)


def scaled(x: Rational, factor: Fraction) -> Rational:
    """factor·x; units stay positive."""
    if factor == 0:
        return Rational(x.numerators * 0, Fraction(1))
    return Rational(x.numerators * (-1 if factor < 0 else 1), x.unit * abs(factor))


class Integers:
    """The arithmetic of exact rationals."""

    def start(self, data: Array) -> Rational:
        return dyadic(data)

    def apply(self, operation: Any, *inputs: Rational) -> Rational:
        found = self._apply(operation, *inputs)
        # Of a single number numpy makes a plain integer.
        return Rational(np.asarray(found.numerators, dtype=object), found.unit)

    def _apply(self, operation: Any, *inputs: Rational) -> Rational:
        match operation, inputs:
            case p.Constant(values), _:
                return dyadic(values)
            case p.Gather(index, shape), parts:
                numerators, unit = joined(parts)
                return Rational(np.concatenate(numerators)[index].reshape(shape), unit)
            case p.Reshape(shape), (x,):
                return Rational(x.numerators.reshape(shape), x.unit)
            case p.Affine(W, b), (x,):
                return affine(x, W, b)
            case p.Convolution(weight, bias, stride, padding, dilation), (x,):
                seen = windows(x.numerators, weight.shape[2:], stride, padding, dilation)
                rows = affine(Rational(as_rows(seen), x.unit), kernel(weight), bias)
                return Rational(as_images(rows.numerators, seen), rows.unit)
            case p.Relu(), (x,):
                return Rational(np.maximum(x.numerators, 0), x.unit)
            case p.LeakyRelu(slope), (x,):
                positive = Rational(np.maximum(x.numerators, 0), x.unit)
                return total(positive, scaled(Rational(np.minimum(x.numerators, 0), x.unit), Fraction(slope)))
            case p.Add(), (x, y):
                return total(x, y)
            case p.Multiply(), (x, y):
                return Rational(np.asarray(x.numerators * y.numerators), x.unit * y.unit)
            case p.Product(), (x, y):
                return product(x, y)
            case p.Scale(factor), (x,):
                return scaled(x, Fraction(factor))
            case p.Divide(divisor), (x,):
                return scaled(x, 1 / Fraction(divisor))
            case p.Total(), (x,):
                return Rational(np.asarray(x.numerators.sum(axis=-1)), x.unit)
            case p.Maximum(), (x,):
                return Rational(np.asarray(x.numerators.max(axis=-1)), x.unit)
            case p.Function(), (x,) if (found := operation.integers(x.numerators)) is not None:
                return Rational(found, x.unit)
        raise NoVerdictError(f"{type(operation).__name__} leaves the rational numbers")
