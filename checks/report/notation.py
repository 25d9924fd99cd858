"""Statements as their paper writes them: the one place where LaTeX becomes MathML.

`mathml(part)` is a statement, `side_by_side(part)` what holds beside what is printed with the difference marked,
`symbols(part)` the letters and what they mean. latex2mathml does the typesetting; no script and no request.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import sympy as sp
from markupsafe import Markup

from lazy_assay.theory import Erratum, Part
from lazy_assay.theory._notation import bare, expression, form, letters

_NAMESPACE = re.compile(r' xmlns="[^"]*"')
_FUNCTIONS = ("log", "ln", "exp", "tanh", "max", "min", "Var", "Tr")
# What a reader sees is a difference in signs; the class is for the page's style to show.
DIFFERS = "differs"


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A letter of the statement: how it looks, what it means, what values it may take, and its equation."""

    sign: Markup
    meaning: str
    range: str = ""
    definition: Markup | None = None


def mathml(part: Part, of: str = "statement", *, block: bool = True) -> Markup | None:
    """The part's statement, `printed_statement` or `rate` as a `<math>` element; None where it has none."""
    latex = form(part, of)
    return typeset(latex, block=block) if latex else None


def side_by_side(part: Part) -> tuple[Markup, Markup] | None:
    """What is right and what is printed, every sign in which they differ of class `differs`; None if nothing does."""
    right, printed = form(part), form(part, "printed_statement")
    return marked(right, printed) if right and printed else None


def erratum_forms(part: Part, erratum: Erratum) -> tuple[Markup, Markup] | None:
    """The same of an erratum's two forms."""
    if erratum.printed_form is None or erratum.corrected_form is None:
        return None
    if part.printed_statement is not None and part.printed_statement.args[-1] == erratum.printed_form:
        return side_by_side(part)
    signs = letters(part)
    return marked(expression(erratum.corrected_form, signs), expression(erratum.printed_form, signs))


def symbols(part: Part) -> list[Symbol]:
    """The quantity, what is abbreviated, the auxiliary symbols and the parameters of a part, in that order."""
    signs = letters(part)
    observed = Symbol(sign=_sign(part.quantity.symbol, signs), meaning=part.quantity.meaning, range=part.quantity.units)
    abbreviated = [
        Symbol(
            sign=typeset(a.latex, block=False),
            meaning=a.meaning,
            definition=typeset(f"{a.latex}={a.definition_latex or expression(a.stands_for, signs)}", block=True),
        )
        for a in part.abbreviations
    ]
    auxiliary = [
        Symbol(
            sign=_sign(a.symbol, signs),
            meaning=a.meaning,
            definition=_definition(a.definition, a.definition_latex, signs),
        )
        for a in part.auxiliary
    ]
    parameters = [
        Symbol(sign=_sign(p.symbol, signs), meaning=p.meaning, range=f"{p.domain.describe()}; {p.units}")
        for p in part.parameters
    ]
    return [observed, *abbreviated, *auxiliary, *parameters]


def _sign(symbol: sp.Basic, signs: dict[str, str]) -> Markup:
    return typeset(bare(expression(symbol, signs)), block=False)


def _definition(equation: sp.Basic | None, latex: str, signs: dict[str, str]) -> Markup | None:
    told = latex or expression(equation, signs)
    return typeset(told, block=True) if told else None


@functools.cache
def typeset(latex: str, *, block: bool = False) -> Markup:
    """LaTeX as a `<math>` element, on a line of its own where `block`."""
    return _text(_tree(latex, block))


def marked(right: str, printed: str) -> tuple[Markup, Markup]:
    """Two formulas in LaTeX as blocks of MathML, the signs that only one of them has marked in either."""
    trees = _tree(right, True), _tree(printed, True)
    leaves = [list(_leaves(tree)) for tree in trees]
    ours, theirs = ([leaf.text or "" for leaf in each] for each in leaves)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag != "equal":
            for leaf in (*leaves[0][a:b], *leaves[1][c:d]):
                leaf.set("class", DIFFERS)
    return _text(trees[0]), _text(trees[1])


def _leaves(tree: ET.Element) -> Iterator[ET.Element]:
    return (node for node in tree.iter() if node.tag in ("mi", "mn", "mo", "mtext"))


def _converted(latex: str, display: str) -> str:
    # Loaded where a statement is typeset, for a run's own commands need none.
    from latex2mathml.converter import convert

    told: str = convert(latex, display=display)
    return _NAMESPACE.sub("", told)


def _tree(latex: str, block: bool) -> ET.Element:
    tree = ET.fromstring(_converted(latex, "block" if block else "inline"))
    if not block:
        del tree.attrib["display"]
    for node in tree.iter():
        _join_upright(node)
        _space(node)
    return tree


def _join_upright(node: ET.Element) -> None:
    """Letters of an upright word, which come one by one, as the one identifier that they are."""
    word: ET.Element | None = None
    for child in list(node):
        upright = child.tag == "mi" and child.get("mathvariant") == "normal"
        if upright and word is not None:
            word.text = (word.text or "") + (child.text or "")
            node.remove(child)
            # A word of two letters or more is upright by itself.
            word.attrib.pop("mathvariant", None)
        else:
            word = child if upright else None


def _space(node: ET.Element) -> None:
    """Room after the name of a function that has no parentheses, none around the bars of an absolute value."""
    for place, child in reversed(list(enumerate(node))):
        if child.text == "|":
            child.attrib.update(lspace="0", rspace="0", stretchy="false")
        named = child.tag in ("mi", "mo") and child.text in _FUNCTIONS
        if named and place + 1 < len(node) and node[place + 1].tag not in ("mspace", "mo"):
            node.insert(place + 1, ET.Element("mspace", width="0.17em"))


def _text(tree: ET.Element) -> Markup:
    return Markup(ET.tostring(tree, encoding="unicode"))
