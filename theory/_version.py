"""The version of a statement: a digest of what it says, in sympy and in the code of its formulas.

Comments, docstrings and layout do not count, nor does code that no formula of the part reaches: two nights whose
digests are equal asked the same question. Code is followed from a formula's function to all of ours that it names.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from sympy.printing.repr import ReprPrinter

if TYPE_CHECKING:
    from lazy_assay.theory._claim import Claim
    from lazy_assay.theory._part import Part

# What a statement says beside its formulas; sentences may be worded better without a new version.
_STATED = ("statement", "printed_statement", "rate", "side", "towards", "sharp", "growth")
_FORMULAS = ("published", "finite", "finite_allowance", "printed", "limit_of", "coefficient", "derivation")


def statement_version(claim: Claim, part: Part, decoy: str = "") -> str:
    """Sixteen hexadecimal digits; with the name of a decoy, those of that wrong version of the part."""
    package = claim.module.partition(".")[0]
    right = _right(_ById(part), package)
    wrong = [item for item in part.decoys if decoy and item.name == decoy]
    if not wrong:
        return right
    pieces = _Walk(package).pieces([(item.name, item.published, item.finite) for item in wrong])
    return _digest([right, *pieces])


@dataclass(frozen=True, eq=False)
class _ById:
    """A part as a key, since it holds what has no hash. The cache keeps it, so that no other part has its id."""

    part: Part

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.part is self.part

    def __hash__(self) -> int:
        return id(self.part)


@functools.cache
def _right(key: _ById, package: str) -> str:
    return _digest(_Walk(package).stated(key.part))


def _digest(pieces: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for piece in pieces:
        digest.update(piece.encode() + b"\n")
    return digest.hexdigest()


class _Walk:
    """Goes from a part through everything that decides its numbers, each function once."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.seen: set[Any] = set()

    def stated(self, part: Part) -> Iterator[str]:
        yield part.kind
        for name in (*_STATED, *_FORMULAS):
            yield name
            yield from self.pieces(getattr(part, name, None))
        for item in part.auxiliary:
            yield from self.pieces((item.symbol, item.value))
        for assumption in part.assumptions:
            yield from self.pieces((assumption.name, assumption.holds))

    def pieces(self, value: Any) -> Iterator[str]:
        """What tells one value from another, as text."""
        if isinstance(value, sp.Basic):
            yield _srepr(value)
        elif isinstance(value, (type, FunctionType)):
            yield from self.code(value)
        elif isinstance(value, Mapping):
            for key, entry in value.items():
                yield repr(key)
                yield from self.pieces(entry)
        elif isinstance(value, (tuple, list)):
            for entry in value:
                yield from self.pieces(entry)
        elif isinstance(value, np.ndarray):
            yield repr(value.tolist())
        elif is_dataclass(value):
            yield type(value).__qualname__
            for item in fields(value):
                # How a letter is written is no mathematics.
                if not item.metadata.get("notation"):
                    yield from self.pieces(getattr(value, item.name))
        elif callable(value):
            yield from self.code(value)
        elif not isinstance(value, ModuleType):
            yield repr(value) if isinstance(value, (str, int, float, complex, type(None))) else type(value).__qualname__

    def code(self, value: Callable[..., Any]) -> Iterator[str]:
        """A function's own text, what it closes over, and the code of ours that it names; a class by its text."""
        if isinstance(value, functools.partial):
            yield from self.pieces((value.func, value.args, value.keywords))
            return
        if isinstance(value, MethodType):
            yield from self.pieces((value.__self__, value.__func__))
            return
        if not self._ours(value):
            yield getattr(value, "__qualname__", type(value).__qualname__)
            return
        value = inspect.unwrap(value)
        if id(value) in self.seen:
            return
        self.seen.add(id(value))
        yield from _definition(value).texts
        if isinstance(value, FunctionType):
            yield from self.pieces([cell.cell_contents for cell in value.__closure__ or ()])
            yield from self.pieces(value.__defaults__ or ())
        yield from self._named(_definition(value), vars(sys.modules[value.__module__]))

    def _named(self, definition: _Definition, scope: Mapping[str, Any]) -> Iterator[str]:
        """The values of ours that a piece of code names, plainly or through a module."""
        for name in definition.names:
            if name in scope:
                yield from self.pieces(scope[name])
        for owner, name in definition.attributes:
            module = scope.get(owner)
            if isinstance(module, ModuleType) and self._within(module.__name__):
                yield from self.pieces(getattr(module, name, None))

    def _ours(self, value: Any) -> bool:
        return self._within(getattr(value, "__module__", None) or "")

    def _within(self, module: str) -> bool:
        """Whether a module's code counts: it is no library's, and what a part is made with says nothing of its own."""
        return module not in _LANGUAGE and (module.startswith(f"{self.package}.") or _own(module))


@functools.cache
def _own(module: str) -> bool:
    source = getattr(sys.modules.get(module), "__file__", None) or ""
    return source.endswith(".py") and "site-packages" not in source and not source.startswith(_LIBRARY)


_LIBRARY = str(inspect.getsourcefile(functools)).rpartition("/")[0]
_MACHINERY = (
    *(
        "_arrays",
        "_catalogue",
        "_claim",
        "_kinds",
        "_part",
        "_status",
        "_configurations",
        "_discovery",
        "_evidence",
        "_families",
        "_lists",
    ),
    *("_parameter", "_prediction"),
)
_LANGUAGE = {f"lazy_assay.theory.{name}" for name in _MACHINERY}


@dataclass(frozen=True)
class _Definition:
    """The text of a function or class, and what it names: plain names, and attributes of plain names."""

    texts: tuple[str, ...]
    names: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]


@functools.cache
def _definition(value: Any) -> _Definition:
    lambdas, others = _definitions(sys.modules[value.__module__])
    line = value.__code__.co_firstlineno if isinstance(value, FunctionType) else 0
    nodes = lambdas.get(line, ()) if value.__name__ == "<lambda>" else others.get((value.__name__, line), ())
    inner = [each for node in nodes for each in ast.walk(node)]
    names = {each.id for each in inner if isinstance(each, ast.Name)}
    dotted = [each for each in inner if isinstance(each, ast.Attribute)]
    attributes = {(each.value.id, each.attr) for each in dotted if isinstance(each.value, ast.Name)}
    return _Definition(tuple(map(ast.unparse, nodes)), tuple(sorted(names)), tuple(sorted(attributes)))


@functools.cache
def _definitions(module: ModuleType) -> tuple[dict[int, list[ast.AST]], dict[tuple[str, int], list[ast.AST]]]:
    """The lambdas of a module by their line, and its functions and classes by name and line (0 for a class)."""
    lambdas: dict[int, list[ast.AST]] = defaultdict(list)
    others: dict[tuple[str, int], list[ast.AST]] = defaultdict(list)
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Lambda):
            # Several lambdas of one line cannot be told apart: they count together.
            lambdas[node.lineno].append(node)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            others[node.name, first if isinstance(node, ast.FunctionDef) else 0].append(node)
    return lambdas, others


class _Printer(ReprPrinter):  # type: ignore[misc]
    """sympy's own, but for what it holds as a set, whose order hangs on the process: Min, Max, And, Or."""

    def _print_LatticeOp(self, expression: sp.Basic) -> str:
        return f"{type(expression).__name__}({', '.join(sorted(map(self._print, expression.args)))})"


_srepr = functools.cache(_Printer().doprint)
