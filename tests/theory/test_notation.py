import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm
from sympy.matrices.expressions.matexpr import MatrixSymbol
from sympy.printing.numpy import SciPyPrinter

import lazy_assay.theory as theory
from lazy_assay.checks.report.notation import marked, mathml, side_by_side, symbols
from lazy_assay.checks.report.readback import SIDES, UnreadableError, braced, drawn, read
from lazy_assay.theory._notation import bare, form, letters, name, written
from lazy_assay.theory._version import statement_version

# Sums, integrals and cases, which the reader of LaTeX does not evaluate: compared by the letters in them.
BY_LETTERS = {
    "daniely2019.theorem7:separability",
    "fang2021.single_neuron:one_neuron",
    "fang2021.l1_equivalence:rescaling",
    "fang2021.primal_dual:logistic",
    "ghorbani2019.bayes:gap",
    "ghorbani2019.bayes:indistinct",
    "ghorbani2019.bayes:limit",
    "ghorbani2019.bayes:value",
    "ghorbani2019.eq13:NN",
    "ghorbani2019.eq17:NN",
    "ghorbani2019.eq17:both_signs",
    "ghorbani2019.eq6:gap",
    "ghorbani2019.theorem3:",
    "ghorbani2019.theorem6:",
    "kearns2023.eq5_11:eq14",
    "kawaguchi2021.theorem1_sgd:recommended",
}
RELATIONS = {
    sp.Eq: ("=", r"\approx", r"\to"),
    sp.Le: (r"\leq",),
    sp.Ge: (r"\geq",),
    sp.StrictLessThan: ("<",),
    sp.StrictGreaterThan: (">",),
}
DECLARED = {"statement": "latex", "printed_statement": "printed_latex"}
ORDER = sp.Function("O")
SINGLE = re.compile(r"\\?[A-Za-z]+(_\{[^{}]*\})?")
# Names of symbols as a program writes them, which no reader should see.
RAW = re.compile(
    r"\b(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|mu|rho|sigma|phi|psi|Gamma|Delta|Theta|Lambda|Sigma)"
    r"\w*|\w+(tilde|bar|hat|prime)\b|\w_\w"
)


def forms() -> Iterator[tuple[str, theory.Part, str]]:
    for claim in theory.claims():
        for part in claim.parts:
            for of in DECLARED:
                if getattr(part, of) is not None:
                    yield f"{claim.id}:{part.name}", part, of


ALL = list(forms())
WRITTEN = [each for each in ALL if getattr(each[1], DECLARED[each[2]])]
COMPARED = [each for each in WRITTEN if each[0] not in BY_LETTERS]
BESIDE = [each for each in WRITTEN if each[0] in BY_LETTERS]


def sides(latex: str) -> tuple[str, str, str]:
    depth = 0
    for found in re.finditer(rf"[({{\[]|[)}}\]]|{SIDES.pattern}", latex):
        depth += (found[0] in "({[") - (found[0] in ")}]")
        if depth == 0 and found[0] not in ")}]":
            return latex[: found.start()], found[0], latex[found.end() :]
    raise AssertionError(f"no relation in {latex}")


def plain(latex: str) -> str:
    return bare(re.sub(r"\\left(?![a-z])|\\right(?![a-z])|\\,|\s", "", braced(latex)))


class Numpy(SciPyPrinter):  # type: ignore[misc]
    def _print_Identity(self, expr: Any) -> str:
        return str(self._module_format("numpy.eye")) + "(3)"

    def _print_MatrixExponential(self, expr: Any) -> str:
        return f"expm({self._print(expr.args[0])})"

    def _print_Trace(self, expr: Any) -> str:
        return f"{self._module_format('numpy.trace')}({self._print(expr.arg)})"


def sizes(statement: sp.Basic) -> set[sp.Basic]:
    """Of the matrices in it."""
    return {size for symbol in statement.free_symbols for size in getattr(symbol, "shape", ())}


class Values:
    """What every letter of a statement is, in sympy and in LaTeX, at one drawn point."""

    def __init__(self, part: theory.Part, statement: sp.Basic) -> None:
        self.signs = letters(part)
        self.numbers: dict[sp.Basic, Any] = {}
        self.simple: dict[str, Any] = {"I": np.eye(3), r"\pi": np.pi}
        self.compound: dict[str, Any] = {}
        self.uncomputed: dict[sp.Basic, sp.Symbol] = {}
        for symbol in sorted(statement.free_symbols | {part.quantity.symbol}, key=str):
            self._add(symbol)
        for short in part.abbreviations:
            if short.stands_for.free_symbols <= set(self.numbers) | sizes(statement):
                self._shorten(short)

    def _add(self, symbol: sp.Basic) -> None:
        latex = braced(self.signs.get(name(symbol)) or written(name(symbol)))
        self.numbers[symbol] = value = self._value(symbol, latex)
        if SINGLE.fullmatch(latex):
            self.simple[latex] = value
        else:
            self.compound |= {latex: value, bare(latex): value}

    def _shorten(self, short: theory.Abbreviation) -> None:
        """The value of what is abbreviated; of an integral any, the same on both sides."""
        if short.stands_for.has(sp.Integral):
            self.uncomputed[short.stands_for] = letter = sp.Dummy()
            self.numbers[letter] = value = drawn(short.latex)
        else:
            value = self.of_sympy(short.stands_for)
        self.compound[braced(short.latex)] = value

    def _value(self, symbol: sp.Basic, latex: str) -> Any:
        if isinstance(symbol, MatrixSymbol):
            rows, columns = (3 if isinstance(size, sp.Symbol) else int(size) for size in symbol.shape)
            drawn_ = np.random.default_rng(sum(map(ord, symbol.name))).uniform(0.2, 0.9, (rows, columns))
            # Kernels are symmetric, and regular.
            return drawn_ + drawn_.T + np.eye(rows) if rows == columns else drawn_
        if symbol.is_integer:
            return 3
        try:
            told = float(read(latex, {}, self.draw))
        except UnreadableError:
            return drawn(latex)
        return told if told > 0 else drawn(latex)

    def draw(self, text: str) -> Any:
        inner = text.strip("|")
        return self.simple[inner] if inner in self.simple else drawn(text)

    def of_latex(self, latex: str) -> Any:
        return read(latex, self.compound, self.draw)

    def of_sympy(self, expression: sp.Basic) -> float:
        known = [symbol for symbol in self.numbers if isinstance(symbol, (sp.Symbol, MatrixSymbol))]
        inside = expression.xreplace(self.uncomputed).replace(
            lambda e: getattr(e, "func", None) == ORDER, lambda e: e.args[0]
        )
        printer = Numpy({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True})
        told = sp.lambdify(known, inside, modules=[{"expm": expm}, "scipy", "numpy"], printer=printer)
        return float(np.squeeze(told(*(self.numbers[symbol] for symbol in known))))


@pytest.mark.parametrize("label, part, of", COMPARED, ids=[f"{a}:{c}" for a, _, c in COMPARED])
def test_the_form_in_latex_has_the_value_of_the_form_in_sympy_at_a_drawn_point(
    label: str, part: theory.Part, of: str
) -> None:
    statement = getattr(part, of)
    values = Values(part, statement)
    assert values.of_latex(sides(form(part, of))[2]) == pytest.approx(values.of_sympy(statement.rhs), rel=1e-9)


@pytest.mark.parametrize("label, part, of", WRITTEN, ids=[f"{a}:{c}" for a, _, c in WRITTEN])
def test_a_form_in_latex_has_the_relation_and_the_left_hand_side_of_the_statement(
    label: str, part: theory.Part, of: str
) -> None:
    statement = getattr(part, of)
    left, relation, _ = sides(form(part, of))
    assert relation in RELATIONS[statement.func]
    sign = plain(letters(part)[name(part.quantity.symbol)])
    assert statement.lhs == part.quantity.symbol or statement.lhs.has(part.quantity.symbol)
    assert sign in plain(left)


@pytest.mark.parametrize("label, part, of", BESIDE, ids=[f"{a}:{c}" for a, _, c in BESIDE])
def test_a_form_that_is_not_evaluated_has_every_letter_of_the_statement_and_cannot_be_read(
    label: str, part: theory.Part, of: str
) -> None:
    statement, told, signs = getattr(part, of), plain(form(part, of)), letters(part)
    for symbol in statement.free_symbols - sizes(statement):
        assert plain(signs[name(symbol)]) in told


def test_the_list_of_forms_that_are_not_evaluated_names_none_that_could_be() -> None:
    assert {label for label, _, _ in BESIDE} == BY_LETTERS
    for _, part, of in BESIDE:
        with pytest.raises(UnreadableError):
            Values(part, getattr(part, of)).of_latex(sides(form(part, of))[2])


def test_a_wrong_coefficient_in_a_form_is_told() -> None:
    part = theory.claim("ghorbani2019.theorem1").parts[0]
    assert part.statement is not None
    values = Values(part, part.statement)
    right = sides(form(part))[2].replace("2+", "3+")
    assert values.of_latex(right) != pytest.approx(values.of_sympy(part.statement.rhs), rel=1e-3)


def test_no_raw_name_of_a_symbol_is_seen_in_any_statement() -> None:
    seen = {}
    for label, part, of in ALL:
        for told in (mathml(part, of), *(s.sign for s in symbols(part)), *(s.definition or "" for s in symbols(part))):
            if found := RAW.search(re.sub(r"<[^>]+>", " ", str(told))):
                seen[label] = found[0]
    assert not seen


def test_what_is_printed_differently_is_marked_in_both_forms() -> None:
    for _, part, _ in (each for each in ALL if each[2] == "printed_statement"):
        both = side_by_side(part)
        assert both is not None
        assert 'class="differs"' in both[0] + both[1]


def test_equal_forms_have_no_mark() -> None:
    assert "differs" not in "".join(marked("a+b", "a+b"))


def test_notation_changes_no_version_of_a_statement() -> None:
    claim = theory.claim("ghorbani2019.theorem2")
    other = replace(claim.parts[0], latex="x", quantity=replace(claim.parts[0].quantity, latex="y"))
    assert statement_version(claim, other) == statement_version(claim, claim.parts[0])
