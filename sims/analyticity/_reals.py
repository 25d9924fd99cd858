"""Whether a call's arguments are all read and all real numbers: masks of −∞, constants that are none, results that are.

−∞ is no real number: it may be added, chosen or filled in, and then only meet a softmax.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.analyticity._call import Call, Judgement, Known, not_certified
from lazy_assay.sims.analyticity._row import PLACES, Operator
from lazy_assay.sims.analyticity._rules import never
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.fx import Node


def moves(row: Operator) -> bool:
    return row.reason.startswith("moves entries")


def not_finite(known: Known) -> bool:
    """Whether a constant has an entry that is no real number."""
    value = known.value
    return isinstance(value, torch.Tensor) and value.is_floating_point() and not bool(value.isfinite().all())


def has_infinity(known: Known) -> bool:
    return isinstance(known.value, torch.Tensor) and known.value.is_floating_point() and bool(known.value.isinf().any())


def kept_finite(call: Call) -> Tensor | None:
    """Which entries a constant leaves finite; None where it holds no infinity."""
    if call.name == "masked_fill" and call.get("value") == -math.inf:
        mask = call.arguments["mask"].value
        return None if mask is None else (~mask).expand(call.shape)
    infinite = [known for known in call.tensors() if not known.tainted and has_infinity(known)]
    if not infinite or call.name not in ("add", "sub", "where"):
        return None
    (found, *_) = infinite
    finite: Tensor = found.value.isfinite()
    condition = call.arguments.get("condition")
    if call.name == "where":
        if not isinstance(condition, Known) or condition.value is None:
            return torch.zeros(call.shape, dtype=torch.bool)
        mine = condition.value if found is call.arguments.get("self") else ~condition.value
        finite = finite | ~mine
    return finite.expand(call.shape)


def not_real(node: Node) -> Judgement | None:
    """Refuses results that are no real numbers: whole numbers, truth values, complex numbers."""
    value: Any = node.meta.get("val")
    values = value if isinstance(value, (list, tuple)) else [value]
    other = [each.dtype for each in values[:1] if hasattr(each, "dtype") and not each.dtype.is_floating_point]
    return not_certified(f"its result is of {other[0]}, and no real number") if other else None


def not_wholly_read(call: Call, row: Operator) -> Judgement | None:
    """Refuses an argument that the row does not speak of, and means over nothing."""
    for name, value in call.arguments.items():
        entries = value if isinstance(value, (list, tuple)) else [value]
        plain = not any(isinstance(entry, Known) for entry in entries)
        read = name in PLACES or name in row.arguments.split() or row.rule is never
        if plain and not read and not call.left_at_default(name):
            return not_certified(f"nothing is known of it with {name}={value!r}")
    empty = any(0 in entry.shape for entry in call.tensors())
    if empty and 0 not in call.shape and not moves(row):
        return not_certified("it reduces no entries to a number")
    return None


def infinite_argument(call: Call) -> str:
    """A sentence where +∞, −∞ or NaN enters other than as a mask: −∞ added, chosen or filled in."""
    numbers = [
        v for n, v in call.arguments.items() if isinstance(v, float) and n not in ("min", "max", "min_val", "max_val")
    ]
    if any(math.isnan(v) or math.isinf(v) for v in numbers) and not (
        call.name == "masked_fill" and call.get("value") == -math.inf
    ):
        return "a number that is infinite or NaN enters it"
    for name, known in call.arguments.items():
        if not isinstance(known, Known) or known.tainted or not isinstance(known.value, torch.Tensor):
            continue
        if not known.value.is_floating_point() or bool(known.value.isfinite().all()):
            continue
        if float(call.get("alpha", 1)) == 0:
            return "an infinite constant times 0 enters it"
        taken_away = (call.name == "sub" and name == "other") != (float(call.get("alpha", 1)) < 0)
        wrong = -known.value if taken_away and name == "other" else known.value
        if bool(wrong.isnan().any()) or float(wrong.max()) == math.inf:
            return "a constant that is +∞ or NaN enters it"
    return ""
