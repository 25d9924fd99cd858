"""The version of a simulation's code: a hash of tokens, so that comments, docstrings and layout do not count."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import io
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_PACKAGE = "lazy_assay.sims"
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}
_OPENING = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def code_version(simulate: Callable[..., Any]) -> str:
    """A hash of the simulation's module and of all that it imports inside `sims`, however indirectly."""
    return _version_of(inspect.unwrap(simulate).__module__)


@functools.cache
def _version_of(module: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(_reached(module)):
        # A module counts by its name inside `sims` and by its code alone elsewhere: `__main__` has other names.
        label = name if name.startswith(_PACKAGE) else ""
        digest.update(f"{label}\n{token_text(_source(name))}\n".encode())
    return digest.hexdigest()


def _reached(module: str) -> set[str]:
    found: set[str] = set()
    frontier = [module]
    while frontier:
        name = frontier.pop()
        if name not in found:
            found.add(name)
            frontier += imports_inside(_source(name))
    # `sims/__init__.py` gathers the machinery's names and computes nothing.
    return found - {_PACKAGE}


def imports_inside(source: str) -> list[str]:
    """The modules of `sims` that this source imports, anywhere in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = f"{_PACKAGE}.{node.module}" if node.level and node.module else (node.module or _PACKAGE)
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.startswith(f"{_PACKAGE}.") and _is_module(name)]


def _is_module(name: str) -> bool:
    """False for `sims._torch.torch`: a name in a module is not a module."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _source(module: str) -> str:
    path = getattr(sys.modules.get(module), "__file__", None)
    if path is None:
        spec = importlib.util.find_spec(module)
        path = spec.origin if spec else None
    if path is None:
        raise TypeError(f"module {module!r} has no source file: a simulation must be importable to be addressed")
    return Path(path).read_text(encoding="utf-8")


def token_text(source: str) -> str:
    """The source's tokens, one a line, without comments, docstrings, blank lines and the width of indentation."""
    return "\n".join(_significant(source))


def _significant(source: str) -> Iterator[str]:
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in _LAYOUT]
    opening = dropped = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        # A string that is a whole statement, and the end of its line, compute nothing.
        starts = opening or token is tokens[0]
        bare = starts and token.type == tokenize.STRING and (following is None or following.type == tokenize.NEWLINE)
        if not bare and not dropped:
            yield tokenize.tok_name[token.type] if token.type in _OPENING else token.string
        opening, dropped = token.type in _OPENING, bare
