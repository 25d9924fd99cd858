"""Elementary functions, a file a family: each brings its radii, its ball, and the operators that ask for it.

To add one, write a subclass of `Function` with a table `FUNCTIONS` in a file here; the files are found by walking. Of
the libraries' functions it is assumed what each file says, and tests hold them to that against ball arithmetic.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from lazy_assay.sims.rank.program import Function

__all__ = ["FUNCTIONS"]


def _found() -> dict[str, Function]:
    found: dict[str, Function] = {}
    for file in sorted(iter_modules(__path__), key=lambda each: each.name):
        found |= import_module(f"{__name__}.{file.name}").FUNCTIONS
    return found


# By the name that torch's operator has.
FUNCTIONS = _found()
