"""What a node of an exported graph says of itself: its operator's name, its place in the module, what it writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch.fx import Node

# Statistics that normalisation changes in place without saying so in its schema, and the operators that do.
HIDDEN_WRITES = ("running_mean", "running_var")
NORMALISATIONS = ("batch_norm", "instance_norm", "native_batch_norm")


def operator_name(target: Any) -> str:
    """`relu` of aten::relu_.default; the function's own name for what is no ATen operator."""
    schema = getattr(target, "_schema", None)
    name = schema.name.rpartition("::")[2] if schema is not None else str(getattr(target, "__name__", target))
    return name if name.startswith("__") else name.rstrip("_")


def operator_label(node: Node) -> str:
    """As a reader looks it up: aten::relu."""
    schema = getattr(node.target, "_schema", None)
    return str(schema.name) if schema is not None else operator_name(node.target)


def shape(node: Node) -> tuple[int, ...]:
    """The shape of a node's result; of the first where it has several."""
    value: Any = node.meta.get("val")
    value = value[0] if isinstance(value, (list, tuple)) and value else value
    return tuple(int(n) for n in value.shape) if hasattr(value, "shape") else ()


def dtype(node: Node) -> Any:
    """The dtype of a node's result, of the first where it has several; None where it has none."""
    value: Any = node.meta.get("val")
    value = value[0] if isinstance(value, (list, tuple)) and value else value
    return getattr(value, "dtype", None)


def aliases(node: Node) -> bool:
    schema = getattr(node.target, "_schema", None)
    return schema is not None and any(r.alias_info is not None for r in schema.returns)


def written_by(node: Node, name: str) -> list[Node]:
    """The arguments that a call changes in place."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return []
    names = [argument.name for argument in schema.arguments]
    given = {**dict(zip(names, node.args, strict=False)), **node.kwargs}
    written = {a.name for a in schema.arguments if a.alias_info is not None and a.alias_info.is_write}
    if name in NORMALISATIONS:
        written |= set(HIDDEN_WRITES)
    return [given[n] for n in written if isinstance(given.get(n), torch.fx.Node)]


def module_path(node: Node) -> str:
    """`layers.2 (ReLU)`: where in the module the call stands."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    if not stack:
        return ""
    path, kind = stack[-1]
    kind = kind if isinstance(kind, str) else kind.__name__
    return f"{path} ({kind.rpartition('.')[2]})" if path else f"({kind.rpartition('.')[2]})"


def source_line(node: Node) -> str:
    """File, line and code of the call: the caller's own, where the call was not made inside torch."""
    lines = [line.strip() for line in (node.meta.get("stack_trace") or "").splitlines() if line.strip()]
    frames = [
        (lines[i], lines[i + 1] if i + 1 < len(lines) else "")
        for i in range(len(lines))
        if lines[i].startswith("File ")
    ]
    own = [frame for frame in frames if f"{Path(torch.__file__).parent}" not in frame[0]] or frames
    if not own:
        return "an unknown line"
    place, code = own[-1]
    file, line = place.split(",")[:2]
    return f"{file.removeprefix('File ').strip(chr(34))}:{line.removeprefix(' line ')} `{code}`"
