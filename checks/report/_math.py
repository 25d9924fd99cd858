"""Typesets statements in MathML: sympy's own presentation printer, with the readings that a paper expects."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any
from xml.dom.minidom import Node

import sympy as sp
from markupsafe import Markup, escape
from sympy.core.function import AppliedUndef
from sympy.printing.mathml import MathMLPresentationPrinter

from lazy_assay.theory import Erratum, Part

# The printer writes names of characters into its text; browsers lack good glyphs for the double-struck ones.
_READABLE = str.maketrans({"ⅇ": "e", "ⅆ": "d", "𝕀": "I", "𝟘": "0", "𝟙": "1"})
_FENCES = ("(", ")", "[", "]", "|")
_TALL = ("mfrac", "munder", "munderover", "mtable", "msqrt", "mroot")


class _Printer(MathMLPresentationPrinter):  # type: ignore[misc]
    """Keeps the case of undefined functions, and knows traces, orders and cases as mathematicians write them."""

    def _element(self, tag: str, *children: Any) -> Any:
        element = self.dom.createElement(tag)
        for child in children:
            element.appendChild(self.dom.createTextNode(child) if isinstance(child, str) else child)
        return element

    def _applied(self, name: Any, *arguments: Any) -> Any:
        return self._element("mrow", name, self._paren_comma_separated(*arguments))

    def _print_Function(self, e: Any) -> Any:
        if isinstance(e, AppliedUndef):
            return self._applied(self._print(sp.Symbol(e.func.__name__)), *e.args)
        return super()._print_Function(e)

    def _print_Trace(self, e: Any) -> Any:
        space = self._element("mspace")
        space.setAttribute("width", "0.17em")
        return self._element("mrow", space, self._applied(self._element("mi", "tr"), e.arg))

    def _print_MatrixElement(self, e: Any) -> Any:
        # A one-by-one product of matrices is a number.
        return self._print(e.parent) if e.parent.shape == (1, 1) else super()._print_MatrixElement(e)

    def _print_MatrixExponential(self, e: Any) -> Any:
        return self._applied(self._element("mi", "exp"), *e.args)

    def _print_Order(self, e: Any) -> Any:
        return self._applied(self._element("mi", "O"), e.expr)

    def _print_Piecewise(self, e: Any) -> Any:
        rows = [self._case(value, condition) for value, condition in e.args]
        return self._element("mrow", self._element("mo", "{"), self._element("mtable", *rows))

    def _case(self, value: Any, condition: Any) -> Any:
        certain = condition == sp.true
        words = self._element("mtext", "otherwise" if certain else "if\u00a0")
        cells = [words] if certain else [words, self._print(condition)]
        return self._element("mtr", self._element("mtd", self._print(value)), self._element("mtd", *cells))


def _serialise(node: Any) -> str:
    # sympy's own writer leaves "<" and "&" of names as they are; text is decoded and escaped once, here.
    if node.nodeType == Node.TEXT_NODE:
        return str(escape(html.unescape(node.data).translate(_READABLE)))
    inside = "".join(_serialise(child) for child in node.childNodes)
    attributes = dict(node.attributes.items())
    if node.tagName == "mo":
        inside = "−" if inside == "-" else inside
        # A descender stretches a parenthesis in fonts without mathematical variants; only what stands tall should.
        if inside in _FENCES and not any(node.parentNode.getElementsByTagName(tag) for tag in _TALL):
            attributes["stretchy"] = "false"
    written = "".join(f' {escape(name)}="{escape(value)}"' for name, value in attributes.items())
    return f"<{node.tagName}{written}>{inside}</{node.tagName}>"


def typeset(expression: sp.Basic, *, block: bool = False) -> Markup:
    """A `<math>` element for the expression, on a line of its own where `block`."""
    printed = _Printer({"mul_symbol": "None"})._print(sp.sympify(expression))
    display = Markup(' display="block"') if block else Markup("")
    return Markup("<math{}>{}</math>").format(display, Markup(_serialise(printed)))


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A letter of the statement: how it looks, what it means, what values it may take, and its equation."""

    sign: Markup
    meaning: str
    range: str = ""
    definition: Markup | None = None


def mathml(part: Part, of: str = "statement", *, block: bool = True) -> Markup | None:
    """The part's statement, `printed_statement` or `rate` as a `<math>` element; None where it has none."""
    expression = getattr(part, of)
    return None if expression is None else typeset(expression, block=block)


def side_by_side(part: Part) -> tuple[Markup, Markup] | None:
    """What is right and what is printed, as blocks; None where nothing else is printed."""
    right, printed = mathml(part), mathml(part, "printed_statement")
    return (right, printed) if right and printed else None


def erratum_forms(part: Part, erratum: Erratum) -> tuple[Markup, Markup] | None:
    """The same of an erratum's two forms."""
    if erratum.printed_form is None or erratum.corrected_form is None:
        return None
    return typeset(erratum.corrected_form, block=True), typeset(erratum.printed_form, block=True)


def symbols(part: Part) -> list[Symbol]:
    """The quantity, the auxiliary symbols and the parameters of a part, in that order."""
    observed = Symbol(sign=typeset(part.quantity.symbol), meaning=part.quantity.meaning, range=part.quantity.units)
    auxiliary = [
        Symbol(
            sign=typeset(a.symbol),
            meaning=a.meaning,
            definition=None if a.definition is None else typeset(a.definition, block=True),
        )
        for a in part.auxiliary
    ]
    parameters = [
        Symbol(sign=typeset(p.symbol), meaning=p.meaning, range=f"{p.domain.describe()}; {p.units}")
        for p in part.parameters
    ]
    return [observed, *auxiliary, *parameters]
