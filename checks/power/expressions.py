"""Graded mistakes in an expression of sympy: each operator goes through the places where it applies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.matrices.expressions.matexpr import MatrixElement

Path = tuple[int, ...]
# What a number is off by, either way: the grades of a kill curve.
SHARES = tuple(sp.Rational(1, it) * n for n, it in ((1, 10), (3, 100), (1, 100), (1, 1000)))
SUMS = (sp.Add, sp.MatAdd)
# A mistake that divides by zero wherever it is read needs no check.
NOWHERE = (sp.zoo, sp.nan, sp.oo, -sp.oo)


class Operator(StrEnum):
    """Kinds of mistakes; the values are the words shown."""

    WHOLE = "the whole"
    COEFFICIENT = "a coefficient"
    TERM = "a term dropped"
    CONSTANT = "a constant dropped"
    EXPONENT = "an exponent"
    SWAP = "symbols swapped"
    NORMALISATION = "a normalisation"
    SIDE = "the inequality flipped"
    EFFECT = "an effect"
    CERTIFICATE = "a certificate"


@dataclass(frozen=True)
class Mistake:
    """An expression with one mistake. `share`: what a coefficient is off by; 0 for all others."""

    operator: Operator
    name: str
    expression: sp.Expr
    share: sp.Rational = sp.S.Zero


def mistakes(expression: sp.Expr, sizes: Sequence[sp.Symbol] = (), ratios: Sequence[sp.Symbol] = ()) -> list[Mistake]:
    """Every mistake, each expression once and none that sympy sees to be the right one.

    sizes: whole numbers that a reader may take for one another. ratios: symbols that may be read upside down.
    """
    found: dict[sp.Expr, Mistake] = {}
    for mistake in itertools.chain(
        coefficients(expression),
        dropped_terms(expression),
        dropped_constants(expression),
        exponents(expression),
        swaps(expression, sizes, ratios),
        normalisations(expression),
    ):
        if mistake.expression != expression and not any(node in NOWHERE for _, node in places(mistake.expression)):
            found.setdefault(mistake.expression, mistake)
    return list(found.values())


def factors(share: sp.Rational) -> tuple[sp.Rational, sp.Rational]:
    """1 ± share."""
    return 1 + share, 1 - share


def coefficients(expression: sp.Expr) -> Iterator[Mistake]:
    """Each term of each sum, and each argument of a function or case that is no sum, off by each share."""
    for path, node in places(expression):
        for index, inner in enumerate(node.args):
            if _holds_a_coefficient(node, index) and not isinstance(inner, SUMS):
                for share in SHARES:
                    for factor in factors(share):
                        changed = replaced(expression, (*path, index), inner * factor)
                        yield Mistake(Operator.COEFFICIENT, f"{inner} × {float(factor):g}", changed, share)


def dropped_terms(expression: sp.Expr) -> Iterator[Mistake]:
    """Each term of each sum left away, and each side of a maximum or minimum."""
    for path, node in places(expression):
        if isinstance(node, (*SUMS, sp.Max, sp.Min)):
            # What a maximum is at least is no term of a sum: it has its maximum beside it.
            of = "" if isinstance(node, SUMS) else f"{node} "
            for inner in node.args:
                rest = _joined(node.func, [other for other in node.args if other is not inner])
                yield Mistake(Operator.TERM, f"{of}without {inner}", replaced(expression, path, rest))


def dropped_constants(expression: sp.Expr) -> Iterator[Mistake]:
    """Each numerical factor of a product left away."""
    for path, node in places(expression):
        if isinstance(node, (sp.Mul, sp.MatMul)):
            for inner in node.args:
                if inner.is_number and abs(inner) != 1:
                    others = [other for other in node.args if other is not inner]
                    rest = _joined(node.func, [sp.sign(inner), *others])
                    yield Mistake(Operator.CONSTANT, f"without the factor {inner}", replaced(expression, path, rest))


def exponents(expression: sp.Expr) -> Iterator[Mistake]:
    """Each power, and each symbol that is one of 1, with an exponent that is off by 1 or ½."""
    for path, node in places(expression):
        if _is_power(expression, path, node):
            base, power = (node.base, node.exp) if isinstance(node, sp.MatPow) else node.as_base_exp()
            whole = (sp.S.One, -sp.S.One)
            # Half a power of a matrix is no slip of anybody's.
            for shift in whole if isinstance(node, sp.MatPow) else (*whole, sp.S.Half, -sp.S.Half):
                other = base ** (power + shift)
                yield Mistake(Operator.EXPONENT, f"{node} to {other}", replaced(expression, path, other))


def swaps(expression: sp.Expr, sizes: Sequence[sp.Symbol], ratios: Sequence[sp.Symbol]) -> Iterator[Mistake]:
    """Two symbols for one another; one size in the place of another; a ratio upside down."""
    lengths = {length for it in expression.atoms(sp.MatrixSymbol) for length in it.shape}
    letters = {*expression.free_symbols, *expression.atoms(sp.MatrixSymbol)} - lengths
    free = sorted(letters, key=str)
    for a, b in itertools.combinations(free, 2):
        if getattr(a, "shape", ()) == getattr(b, "shape", ()):
            yield Mistake(Operator.SWAP, f"{a} and {b}", expression.xreplace({a: b, b: a}))
    for a in free:
        for b in sizes:
            if a in sizes and b not in free:
                yield Mistake(Operator.SWAP, f"{b} for {a}", expression.xreplace({a: b}))
    for ratio in ratios:
        yield Mistake(Operator.SWAP, f"1/{ratio} for {ratio}", expression.xreplace({ratio: 1 / ratio}))


def normalisations(expression: sp.Expr) -> Iterator[Mistake]:
    """Twice, half or √2 times the whole (the ReLU's second moment); Hermite coefficients monic for orthonormal."""
    for factor in (sp.S(2), sp.S.Half, sp.sqrt(2)):
        yield Mistake(Operator.NORMALISATION, f"{factor} times the whole", expression * factor)
    for symbol in sorted(expression.free_symbols, key=str):
        order = symbol.name.removeprefix("lambda_")
        if order != symbol.name and order.isdigit() and int(order) > 1:
            for factor in (sp.sqrt(sp.factorial(int(order))), 1 / sp.sqrt(sp.factorial(int(order)))):
                changed = expression.xreplace({symbol: symbol * factor})
                yield Mistake(Operator.NORMALISATION, f"{symbol} × {factor}", changed)


# -- places ----------------------------------------------------------------------------------------------------------


def places(expression: sp.Basic, path: Path = ()) -> Iterator[tuple[Path, sp.Basic]]:
    """Every node with the way to it; what is bound (the variables of a sum), and which entry is meant, is left out."""
    yield path, expression
    whole = not isinstance(expression, (sp.Sum, sp.Product, sp.Integral, MatrixElement))
    given = isinstance(expression, MatrixElement) and isinstance(expression.args[0], sp.MatrixSymbol)
    inner = expression.args if whole else expression.args[: 0 if given else 1]
    for index, node in enumerate(inner):
        yield from places(node, (*path, index))


def replaced(expression: sp.Basic, path: Path, node: sp.Basic) -> sp.Basic:
    """The expression with another node at the end of a path."""
    if not path:
        return node
    arguments = list(expression.args)
    arguments[path[0]] = replaced(arguments[path[0]], path[1:], node)
    return expression.func(*arguments)


def _joined(kind: type[sp.Basic], nodes: Sequence[sp.Basic]) -> sp.Basic:
    """A sum or product of what is left; of matrices, sympy makes none of a single one."""
    return nodes[0] if len(nodes) == 1 else kind(*nodes)


def _holds_a_coefficient(node: sp.Basic, index: int) -> bool:
    """Whether an argument is a term of a sum, what a function is of, or what one case comes to: no condition."""
    if isinstance(node, sp.Piecewise):
        return False
    of = isinstance(node, sp.Function) or (isinstance(node, ExprCondPair) and index == 0)
    inner = node.args[index]
    return isinstance(node, SUMS) or (of and isinstance(inner, (sp.Expr, sp.MatrixExpr)) and not inner.is_number)


def _is_power(expression: sp.Basic, path: Path, node: sp.Basic) -> bool:
    """Whether an exponent stands here: of a power, or of a letter that is no base of one."""
    if isinstance(node, (sp.Pow, sp.MatPow)):
        return bool(node.exp.is_number) or isinstance(node, sp.MatPow)
    if not isinstance(node, (sp.Symbol, MatrixElement, sp.Trace)):
        return False
    above = expression
    for index in path[:-1]:
        above = above.args[index]
    return not path or isinstance(above, (*SUMS, sp.Mul, sp.MatMul))
