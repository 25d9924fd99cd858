"""Matrices in statements: letters with their sizes, the entry of a one-by-one product, and the exponential."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr


def letter(name: str, rows: sp.Expr | int, columns: sp.Expr | int) -> sp.MatrixSymbol:
    """A matrix of the paper; its sizes are known from its value."""
    return sp.MatrixSymbol(name, rows, columns)


def entry(product: sp.Basic) -> sp.Expr:
    """The number that a one-by-one product of matrices is, not written out as a sum."""
    told: sp.Expr = MatrixElement(product, sp.S.Zero, sp.S.Zero)
    return told


class MatrixExponential(MatrixExpr):  # type: ignore[misc]
    """exp(A) of a square matrix A; sympy's own exp is one of numbers."""

    def __new__(cls, of: sp.Basic) -> MatrixExponential:
        told: MatrixExponential = sp.Basic.__new__(cls, of)
        return told

    @property
    def shape(self) -> tuple[Any, Any]:
        """That of A."""
        rows, columns = self.args[0].shape
        return rows, columns

    def _latex(self, printer: Any, *_: Any, **__: Any) -> str:
        return rf"\exp\left({printer._print(self.args[0])}\right)"

    def _sympystr(self, printer: Any, *_: Any) -> str:
        return f"exp({printer._print(self.args[0])})"
