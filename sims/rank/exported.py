"""Programs of `torch.export`: a graph of operators that torch has traced, read by the same rules as a module that runs.

The graph is what was proved to be there at export: its branches are decided and its shapes known, and none of the
module's Python is left. It is run as a module, so that every operator is seen with its numbers. Refused by name are
what changes its state or its inputs, control flow on values, numbers read off values, and operators that are not
torch's own.
"""

from __future__ import annotations

import operator
from typing import Any

import torch

from lazy_assay.sims.modules.errors import BRANCHES, ModuleError

NUMBERS_READ = frozenset({"_local_scalar_dense", "item", "_assert_scalar", "_assert_async", "sym_constrain_range",
                          "sym_constrain_range_for_size", "nonzero"})  # fmt: skip
CONVERSIONS = frozenset({"to", "_to_copy", "type_as"})
# Of whole numbers, exact in every precision.
COUNTING = frozenset({"arange", "zeros", "ones", "to", "_to_copy"})
MUTATIONS = ("buffers_to_mutate", "parameters_to_mutate", "user_inputs_to_mutate")


def opened(module: Any) -> Any:
    """An exported program as a module whose graph is in order; anything else as it is. Raises ModuleError."""
    kind = type(module)
    if kind.__name__ != "ExportedProgram" or not kind.__module__.startswith("torch.export"):
        return module
    for name in MUTATIONS:
        if changed := list(getattr(module.graph_signature, name, {}).values()):
            raise ModuleError(f"the exported program changes {changed[0]} when called; export it in evaluation")
    made = module.module()
    for node in list(made.graph.nodes):
        if node.op == "call_function":
            _require_understood(node)
            _in_any_precision(made.graph, node)
    made.recompile()
    return made


def _require_understood(node: Any) -> None:
    """Raises ModuleError for what is no plain operator of torch's; the rules judge the rest."""
    target = node.target
    if isinstance(target, torch._ops.OpOverload):
        name = target._schema.name.rpartition("::")[2]
        if name in NUMBERS_READ:
            raise ModuleError(f"{BRANCHES}: {name} at {node.name}")
        if target.namespace != "aten":
            raise ModuleError(f"unsupported operator: {target._schema.name} (at {node.name})")
    elif getattr(target, "__module__", "") not in (operator.__name__, "_operator") and target is not GRADIENTS:
        told = getattr(target, "_name", None) or getattr(target, "__name__", str(target))
        raise ModuleError(f"unsupported operator: {told} (at {node.name})")


GRADIENTS = torch._C._set_grad_enabled


def _in_any_precision(graph: Any, node: Any) -> None:
    """A graph knows the precision that it was exported in; it is read in float64, at the numbers that it has."""
    if not isinstance(node.target, torch._ops.OpOverload):
        return
    name = node.target._schema.name.rpartition("::")[2]
    if name == "_assert_tensor_metadata":
        graph.erase_node(node)
    elif name in CONVERSIONS and _dtype(node) is not None and _dtype(node) == _dtype(node.args[0]):
        node.replace_all_uses_with(node.args[0])
        graph.erase_node(node)
    elif name in COUNTING and not any(_is_float(each) for each in node.all_input_nodes):
        node.args = tuple(_wide(each) for each in node.args)
        node.kwargs = {key: _wide(each) for key, each in node.kwargs.items()}
    elif name == "rms_norm":
        # What is left out is the spacing of the precision.
        given = [*node.args, *[None] * (4 - len(node.args))]
        if given[3] is None and node.kwargs.get("eps") is None:
            given[3] = torch.finfo(_dtype(node.args[0])).eps
            node.args = tuple(given)


def _wide(given: Any) -> Any:
    narrow = isinstance(given, torch.dtype) and given.is_floating_point and not given.is_complex
    return torch.float64 if narrow else given


def _is_float(node: Any) -> bool:
    found = _dtype(node)
    return found is None or found.is_floating_point or found.is_complex


def _dtype(node: Any) -> Any:
    found = getattr(node, "meta", {}).get("val")
    return found.dtype if isinstance(found, torch.Tensor) else None
