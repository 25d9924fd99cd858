"""How a paper writes its letters and statements: LaTeX, declared beside the sympy form or printed from it.

A form is no mathematics: it takes no part in a statement's version, and a test holds it to the sympy form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter

if TYPE_CHECKING:
    from lazy_assay.theory._part import Part

FORMS = ("statement", "printed_statement", "rate")
_DECLARED = {"statement": "latex", "printed_statement": "printed_latex"}
_RELATIONS = {"==": "=", "<=": r"\leq", ">=": r"\geq", "<": "<", ">": ">", "!=": r"\neq"}
_WORD = re.compile(r"_\{([A-Za-z]{2,})\}")
_NORMS = (r"\|", r"\frac", "|", r"\sqrt", r"\sup")
_OPERATORS = ("min", "max", "sup", "inf")


def written(name: str) -> str:
    """The LaTeX of a symbol's name where none is declared: Greek letters as letters, a word as a subscript upright."""
    plain: str = LatexPrinter()._print(sp.Symbol(name))
    return _WORD.sub(lambda found: "_{" + _upright(found[1]) + "}", plain)


def _upright(word: str) -> str:
    return rf"\{word}" if word in _OPERATORS else rf"\mathrm{{{word}}}"


def letters(part: Part) -> dict[str, str]:
    """LaTeX by the symbol's name: of a part's quantity, auxiliary symbols and parameters, in that order."""
    items: tuple[Any, ...] = (part.quantity, *part.auxiliary, *part.parameters)
    return {name(item.symbol): item.latex or written(name(item.symbol)) for item in reversed(items)}


def name(symbol: sp.Basic) -> str:
    """A symbol's name; of a function of something, such as Δ(m), or a multiple of one, that of the function."""
    applied = symbol.atoms(AppliedUndef)
    return applied.pop().func.__name__ if len(applied) == 1 else str(symbol)


def bare(latex: str) -> str:
    """Without the parentheses around the whole, which keep it together within a formula."""
    depth = 0
    for place, sign in enumerate(latex):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return latex[1:-1] if sign == ")" and latex[0] == "(" and place == len(latex) - 1 else latex
    return latex


def form(part: Part, of: str = "statement") -> str:
    """The statement, the printed statement or the rate of a part in LaTeX; empty where the part has none."""
    declared: str = getattr(part, _DECLARED.get(of, ""), "")
    return declared or expression(getattr(part, of), letters(part))


def expression(value: sp.Basic | None, signs: Mapping[str, str]) -> str:
    """An expression in LaTeX, its symbols written as `signs` has them by name; empty for None."""
    return "" if value is None else str(_Printer(signs).doprint(value))


class _Printer(LatexPrinter):  # type: ignore[misc]
    """sympy's printer with a paper's letters, and with traces, orders and entries as a paper writes them."""

    def __init__(self, signs: Mapping[str, str]) -> None:
        super().__init__({"fold_short_frac": False, "ln_notation": False})
        self.signs = signs

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return self.signs.get(expr.name) or written(expr.name)

    def _print_MatrixSymbol(self, expr: Any) -> str:
        return self._print_Symbol(expr)

    def _print_Function(self, expr: Any, exp: str | None = None) -> str:
        if not isinstance(expr, AppliedUndef):
            return str(super()._print_Function(expr, exp))
        head = self.signs.get(expr.func.__name__) or written(expr.func.__name__)
        if any(sign in head for sign in _NORMS):
            # What is measured of something is written without it: ‖f_m − f_∞‖ = O(…).
            return head if exp is None else rf"\left({head}\right)^{{{exp}}}"
        applied = rf"{head}\left({', '.join(map(self._print, expr.args))}\right)"
        return applied if exp is None else rf"{applied}^{{{exp}}}"

    def _print_Relational(self, expr: Any) -> str:
        sign = _RELATIONS[expr.rel_op]
        return f"{bare(self._print(expr.lhs))} {sign} {bare(self._print(expr.rhs))}"

    def _print_Trace(self, expr: Any) -> str:
        return rf"\operatorname{{Tr}}\left({self._print(expr.arg)}\right)"

    def _print_Order(self, expr: Any) -> str:
        return rf"O\left({self._print(expr.expr)}\right)"

    def _print_MatrixElement(self, expr: Any) -> str:
        # A one-by-one product of matrices is a number.
        return str(self._print(expr.parent)) if expr.parent.shape == (1, 1) else str(super()._print_MatrixElement(expr))
