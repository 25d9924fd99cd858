"""Reads a statement in LaTeX back as numbers, to hold it against the sympy form: the LaTeX that our formulas need.

A formula that this grammar does not read (sums, products, integrals, cases) raises UnreadableError; what is compared of
such a form is for the caller to say. `lark` is of the extra `test`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from lark import Lark, Token, Transformer
from lark.exceptions import LarkError, VisitError

Value = Any
SIDES = re.compile(r"\\leq|\\geq|\\approx|\\to(?![a-z])|=|<|>")
_GRAMMAR = r"""
?start: sum
?sum: [MINUS] product -> first
    | sum "+" product -> plus
    | sum MINUS product -> minus
?product: power
    | product power -> times
    | product "/" power -> over
?power: base
    | base "^" exponent -> raised
    | base PLUSPART -> positive
    | base PLUSPART "^" exponent -> positive_raised
    | base TRANSPOSE -> transposed
exponent: NUMBER -> number
    | ATOM -> atom
    | "{" sum "}" -> inside
?base: NUMBER -> number
    | ATOM -> atom
    | "(" sum ")" -> inside
    | "[" sum "]" -> inside
    | "\\{" sum "\\}" -> inside
    | "\\frac" group group -> over
    | "\\binom" group group -> choose
    | "\\sqrt" group -> root
    | "\\exp" "(" sum ")" -> exponential
    | "e^" group -> exponential
    | TRACE "(" sum ")" -> traced
    | "\\operatorname{erf}" "(" sum ")" -> error
    | "\\arccos" "(" sum ")" -> arc
    | ("\\log"|"\\ln") power -> logarithm
    | MIN "(" sum "," sum ")" -> extreme
    | "O" "(" sum ")" -> order
?group: "{" sum "}" -> inside
NUMBER: /[0-9]+/
MINUS: "-"
PLUSPART: "_+"
TRANSPOSE: "^\\top"
TRACE: "\\operatorname{Tr}"
MIN: "\\min" | "\\max"
ATOM.2: /@[0-9]+;/
%ignore /\s+|\\,|\\cdot(?![a-z])|\\left(?![a-z])|\\right(?![a-z])/
"""


class UnreadableError(ValueError):
    """A formula beyond the grammar."""


class _Numbers(Transformer[Token, Value]):
    """Evaluates: scalars are floats, matrices arrays of two axes."""

    def __init__(self, atoms: list[Value]) -> None:
        super().__init__()
        self.atoms = atoms

    def first(self, items: list[Value]) -> Value:
        return items[1] if items[0] is None else -items[1]

    def plus(self, items: list[Value]) -> Value:
        return items[0] + items[1]

    def minus(self, items: list[Value]) -> Value:
        return items[0] - items[2]

    def times(self, items: list[Value]) -> Value:
        return product(*items)

    def over(self, items: list[Value]) -> Value:
        return items[0] / items[1]

    def raised(self, items: list[Value]) -> Value:
        return power(*items)

    def positive(self, items: list[Value]) -> Value:
        return max(items[0], 0.0)

    def positive_raised(self, items: list[Value]) -> Value:
        return max(items[0], 0.0) ** items[2]

    def transposed(self, items: list[Value]) -> Value:
        return np.transpose(items[0])

    def number(self, items: list[Token]) -> Value:
        return float(items[0])

    def atom(self, items: list[Token]) -> Value:
        return self.atoms[int(items[0][1:-1])]

    def inside(self, items: list[Value]) -> Value:
        return items[0]

    def choose(self, items: list[Value]) -> Value:
        n, k = items
        return math.gamma(n + 1) / math.gamma(k + 1) / math.gamma(n - k + 1)

    def root(self, items: list[Value]) -> Value:
        return math.sqrt(items[0])

    def exponential(self, items: list[Value]) -> Value:
        if not isinstance(items[0], np.ndarray):
            return math.exp(items[0])
        values, vectors = np.linalg.eig(items[0])
        return np.real(vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors))

    def traced(self, items: list[Value]) -> Value:
        return float(np.trace(items[1]))

    def error(self, items: list[Value]) -> Value:
        return math.erf(items[0])

    def arc(self, items: list[Value]) -> Value:
        return math.acos(items[0])

    def logarithm(self, items: list[Value]) -> Value:
        return math.log(items[0])

    def extreme(self, items: list[Value]) -> Value:
        return (max if items[0] == r"\max" else min)(items[1:])

    def order(self, items: list[Value]) -> Value:
        return items[0]


def product(a: Value, b: Value) -> Value:
    """Of matrices where both are; a one-by-one result is a number."""
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return a * b
    told = a @ b
    return float(told[0, 0]) if told.shape == (1, 1) else told


def power(base: Value, exponent: Value) -> Value:
    """Of a number, or of a square matrix to a whole power."""
    if isinstance(base, np.ndarray):
        return np.linalg.matrix_power(base, round(exponent))
    return base**exponent


_PARSER = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)
# What stands for itself: norms, products and traces of something fixed, single letters with what hangs on them.
_SCRIPT = r"_(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\?[A-Za-z*]+|[0-9])"
_FIXED = (
    r"\\\|(?:(?!\\\|).)*\\\|",
    r"\\langle.*?\\rangle",
    r"\\operatorname\{Tr\}\(\\?[A-Za-z]+\)",
    r"\\operatorname\{(?!erf|Tr)[A-Za-z]+\}\((?:[^()]|\([^()]*\))*\)",
    r"\|[^|]*\|",
    r"\\mathbb\{E\}\[[^\[\]]*\]",
    r"\\(?:tilde|hat|bar)\s?\\?[A-Za-z]+",
    r"\\mathrm\{[A-Za-z]+\}",
    r"\\[a-zA-Z]+",
    r"[a-zA-Z]",
)
_COMMANDS = r"\\(?:frac|binom|sqrt|exp|arccos|log|ln|min|max|left|right|cdot|top|sum|prod|int|begin)(?![a-zA-Z])"
FIXED = re.compile(rf"(?:{'|'.join(_FIXED)})(?:{_SCRIPT})?'?")
_KEPT = (
    r"@[0-9]+;",
    r"e\^",
    r"O(?=\\left|\()",
    r"\^\\top",
    r"\\operatorname\{erf\}",
    r"\\operatorname\{Tr\}(?!\(\\?[A-Za-z]+\))",
    _COMMANDS,
)
_PIECES = re.compile(rf"(?P<kept>{'|'.join(_KEPT)})|{FIXED.pattern}")


def read(latex: str, known: Mapping[str, Value], draw: Callable[[str], Value]) -> Value:
    """The number that one side of a formula is. known: what declared letters are; draw: what any other letter is."""
    atoms: list[Value] = []

    def keep(value: Value) -> str:
        atoms.append(value)
        return f"@{len(atoms) - 1};"

    latex = braced(latex)
    latex = re.sub(r"\+o_\{?[^()]*\}?\(1\)$", "", latex)
    for text, value in sorted(known.items(), key=lambda item: -len(item[0])):
        if text not in ("e", "O"):
            latex = _whole(text).sub(lambda _, value=value: keep(value), latex)  # type: ignore[misc]
    told = _PIECES.sub(lambda found: found["kept"] or keep(draw(found[0])), latex)
    try:
        return _Numbers(atoms).transform(_PARSER.parse(told))
    except (LarkError, VisitError, ValueError, TypeError, ZeroDivisionError) as problem:
        raise UnreadableError(f"{latex}: {problem}") from None


def braced(latex: str) -> str:
    """With every subscript in braces, so that one letter is written in one way."""
    return re.sub(r"_(\\[A-Za-z]+|[A-Za-z0-9*])", r"_{\1}", latex)


def _whole(text: str) -> re.Pattern[str]:
    """A letter's LaTeX where it is no part of a longer word or of a letter with more hanging on it."""
    before = r"(?<![\\a-zA-Z@_])" if text[0].isalpha() else r"(?<!_)"
    return re.compile(
        before + re.escape(text) + (r"(?![a-zA-Z])" if text[-1].isalpha() and "\\" in text[-12:] else "") + r"(?![_'])"
    )


def drawn(text: str) -> float:
    """A number in (0.2, 0.9) that only the text decides."""
    digest = hashlib.blake2b(text.encode(), digest_size=6).digest()
    return 0.2 + 0.7 * int.from_bytes(digest, "big") / 2**48
