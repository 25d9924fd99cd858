"""What exponents in width a parameterisation promises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fnmatch import fnmatchcase

Span = tuple[float, float]
# kind and pattern of names, as in "change *": the exponents allowed, one number or (lowest, highest).
Table = Mapping[str, float | Span]

_BELOW = -math.inf

# Yang & Hu 2021, section 3 and Theorem 3.8, in the words of a coordinate check (Tensor programs V, appendix D.1):
# activations of order 1 at the start; what training adds to them of order 1 (muP, and mean field for two layers), or of
# order 1/√width in what is hidden (NTK). A standard parameterisation with a step size that is the same at every width
# is the one that grows: what it promises holds at the start alone. The output of muP begins at 1/√width, or at zero.
TABLES: dict[str, Table] = {
    "mup": {"activation *": 0.0, "change *": 0.0, "activation output": (_BELOW, -0.5)},
    "mean field": {"activation *": 0.0, "change *": 0.0, "activation output": (_BELOW, -0.5)},
    "ntk": {"activation *": 0.0, "change *": -0.5, "change output": 0.0},
    "standard": {"activation *": 0.0},
}


def allowed(table: Table, kind: str, name: str, step: int) -> Span | None:
    """The exponents that the last pattern which fits allows; None where none does.

    Activations are promised at the start: after that they are the start and the change, whichever is larger.
    """
    span: Span | None = None
    for pattern, exponent in table.items():
        if fnmatchcase(f"{kind} {name}", pattern) and not (kind == "activation" and step):
            span = exponent if isinstance(exponent, tuple) else (float(exponent), float(exponent))
    return span
