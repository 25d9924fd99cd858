"""Walks an exported graph: what depends on parameters, in which range each value lies, what each operator does to it.

Constants are computed as they are met, so that the domain of log(w² + data) is decided on the data themselves. A value
that is changed in place takes all that may share its memory with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.analyticity._call import Call, Judgement, Known, not_certified, number
from lazy_assay.sims.analyticity._decision import Decision, Finding
from lazy_assay.sims.analyticity._nodes import (
    NORMALISATIONS,
    aliases,
    dtype,
    module_path,
    operator_label,
    operator_name,
    shape,
    source_line,
    written_by,
)
from lazy_assay.sims.analyticity._operators import by_name
from lazy_assay.sims.analyticity._range import ALL, Range
from lazy_assay.sims.analyticity._reals import (
    has_infinity,
    infinite_argument,
    kept_finite,
    moves,
    not_finite,
    not_real,
    not_wholly_read,
)
from lazy_assay.sims.analyticity._row import Operator
from lazy_assay.sims.analyticity._rules import never
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.fx import Node

# Draws by themselves: a constant of unknown value, in the range of its law.
RANDOM: Mapping[str, Range] = {"rand": Range(0, 1, False, True), "rand_like": Range(0, 1, False, True)}
NOISE = ("randn", "randn_like", "randint", "randint_like", "randperm", "normal", "bernoulli", "dropout", "uniform",
         "native_dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", "multinomial", "exponential",
         "rrelu", "rrelu_with_noise", "empty", "empty_like", "new_empty", "poisson")  # fmt: skip
# They check shapes and types, and return nothing.
SILENT = ("_assert", "sym_", "size", "_check", "detach_check")


class Walk:
    """One walk over the nodes of a graph; `known` holds what placeholders are."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        self.known: dict[Node, Known] = {}
        self.placeholders = known
        self.shared: dict[Node, set[Node]] = {}
        self.findings: list[Finding] = []
        self.operators = 0
        self.table = by_name()

    def over(self, nodes: Iterable[Node]) -> tuple[Finding, ...]:
        """Visit every node; the findings in the order of the graph."""
        for node in nodes:
            self.shared[node] = {node}
            if node.op in ("placeholder", "get_attr"):
                self.known[node] = self._given(node)
            elif node.op == "call_function":
                self._call(node)
            elif node.op == "output":
                self._output(node)
        return tuple(self.findings)

    def _given(self, node: Node) -> Known:
        """What is not known to be constant may depend on parameters; sub-graphs are no values."""
        found = self.placeholders.get(node.name) or self.placeholders.get(str(node.target))
        return found or Known(tainted="val" in node.meta or node.op == "placeholder")

    def _output(self, node: Node) -> None:
        """What is returned must be real numbers throughout."""
        for entry in node.all_input_nodes:
            known = self.known[entry]
            if known.masked or known.unsure or not_finite(known):
                self._report(entry, "the output", not_certified("entries of it may be infinite or NaN"), None)

    def _call(self, node: Node) -> None:
        self.operators += 1
        arguments = [*node.all_input_nodes]
        name = operator_name(node.target)
        if not any(self.known[argument].tainted for argument in arguments):
            self.known[node] = self._constant(node, name)
        elif isinstance(node.target, torch._ops.OpOverload):
            self._tainted(node, name)
        elif name == "getitem":
            self.known[node] = self.known[arguments[0]]
        else:
            self.known[node] = Known(tainted=True)
            self._report(node, name, not_certified("this operator is not in the table"), None)
        self._share(node)
        self._write(node, name)

    # -- constants

    def _constant(self, node: Node, name: str) -> Known:
        """A constant: computed, where nothing random or unknown goes into it."""
        if name in RANDOM:
            return Known(False, RANDOM[name])
        unknown = [argument for argument in node.all_input_nodes if self.known[argument].value is None]
        random = name in NOISE and not (name.endswith("dropout") and _eval(node))
        if unknown or random or name.startswith(SILENT) or not callable(node.target):
            return self._constant_in_range(node, name)
        with torch.no_grad():
            value = node.target(*self._values(node.args), **self._values(node.kwargs))
        return constant(value)

    def _constant_in_range(self, node: Node, name: str) -> Known:
        row = self.table.get(name)
        if name in NOISE or name.startswith(SILENT):
            return Known(False)
        unsure = any(self.known[argument].unsure for argument in node.all_input_nodes)
        if row is None or not str(node.target).startswith("aten."):
            passes = name == "getitem" or str(node.target).startswith("aten._assert")
            return Known(False, unsure=unsure or not passes)
        call = self._as_call(node, name)
        if not row.total or row.rule is never:
            judgement = row.rule(call)
            unsure = unsure or (judgement is not None and judgement.decision is not Decision.ANALYTIC_ON_DOMAIN)
        return Known(False, row.range(call), unsure=unsure)

    def _values(self, tree: Any) -> Any:
        return _mapped(tree, lambda node: self.known[node].value)

    # -- what depends on parameters

    def _tainted(self, node: Node, name: str) -> None:
        row, call = self.table.get(name), self._as_call(node, name)
        if name.startswith(SILENT):
            self.known[node] = Known(False)
            return
        if row is None or not str(node.target).startswith("aten."):
            self.known[node] = Known(tainted=True)
            self._report(node, operator_label(node), not_certified("this operator is not in the table"), None)
            return
        # A domain that holds does not excuse what else stands in the way.
        found = [row.rule(call), self._of_infinities(call, row), not_real(node), not_wholly_read(call, row)]
        hindering = [each for each in found if each is not None and each.decision is not Decision.ANALYTIC_ON_DOMAIN]
        worst = [each for each in hindering if each.decision is Decision.NOT_CERTIFIED]
        judgement = next(iter([*worst, *hindering]), found[0])
        if judgement is not None:
            self._report(node, operator_label(node), judgement, row)
        self.known[node] = self._masked(call, row, Known(tainted=True, range=row.range(call)))

    def _as_call(self, node: Node, name: str) -> Call:
        names = [argument.name for argument in node.target._schema.arguments]  # type: ignore[union-attr]
        given = {**dict(zip(names, node.args, strict=False)), **node.kwargs}
        nodes = [value for value in given.values() if isinstance(value, torch.fx.Node)]
        same = len(nodes) > 1 and nodes[0] is nodes[1]
        looked_up = _mapped(given, lambda argument: replace(_in_call(self.known[argument]), shape=shape(argument)))
        defaults = {argument.name: argument.default_value for argument in node.target._schema.arguments}  # type: ignore[union-attr]
        return Call(name, looked_up, shape(node), same, dtype(node), defaults)

    def _of_infinities(self, call: Call, row: Operator) -> Judgement | None:
        """−∞ is no real number: it may be added, filled in, and then only meet a softmax."""
        if unreal := infinite_argument(call):
            return not_certified(unreal)
        known = {name: value for name, value in call.arguments.items() if name != "attn_mask"}
        entries = Call(call.name, known).tensors()
        if any(entry.unsure for entry in call.tensors()):
            return not_certified("a constant that may be infinite or NaN enters it")
        if any(entry.masked or has_infinity(entry) for entry in entries) and not row.masks and not moves(row):
            return not_certified("entries that are −∞ (a mask) may enter it; only a softmax is known to take them")
        return None

    def _masked(self, call: Call, row: Operator, known: Known) -> Known:
        """Where a constant −∞ enters: which entries stay finite, for the softmax that should follow."""
        if "softmax" in call.name or call.name == "logsumexp":
            return known
        already = [entry for entry in call.tensors() if entry.masked]
        mask = kept_finite(call)
        if mask is None and not already:
            return known
        if moves(row):
            return replace(known, masked=True, finite=None)
        kept = [entry.finite for entry in already] + ([mask] if mask is not None else [])
        parts = [part for part in kept if part is not None]
        finite = None
        if len(parts) == len(kept):
            finite = torch.stack([part.expand(call.shape) for part in parts]).all(0)
        return replace(known, masked=True, finite=finite)

    # -- memory that is shared, and changed in place

    def _share(self, node: Node) -> None:
        """A result may share its memory with any argument of an operator that moves entries or returns a view."""
        row = self.table.get(operator_name(node.target))
        views = row is None or moves(row) or row.names.startswith("to ") or (node.target is not None and aliases(node))
        if operator_name(node.target) in ("getitem", "dropout") or views:
            for argument in node.all_input_nodes:
                union = self.shared[node] | self.shared[argument]
                for member in union:
                    self.shared[member] = union

    def _write(self, node: Node, name: str) -> None:
        """What is changed in place depends, from here on, on all that went into the change."""
        for argument in written_by(node, name):
            result = self.known[node]
            if name in NORMALISATIONS:
                result = Known(tainted=any(self.known[entry].tainted for entry in node.all_input_nodes))
            if not result.tainted and all(self.known[member].value is not None for member in self.shared[argument]):
                continue  # computed for real: views have changed with it
            for member in self.shared[argument]:
                before = self.known[member]
                self.known[member] = Known(
                    before.tainted or result.tainted, before.range | result.range, masked=before.masked or result.masked
                )

    def _report(self, node: Node, name: str, judgement: Judgement, row: Operator | None) -> None:
        told = [row.reason] if row else []
        reason = "; ".join([*told, judgement.reason] if judgement.reason else told)
        self.findings.append(
            Finding(
                operator=name,
                module=module_path(node),
                source=source_line(node),
                decision=judgement.decision,
                reason=reason,
            )
        )


def constant(value: Any) -> Known:
    """What is known of a constant: itself, and its range."""
    if not isinstance(value, torch.Tensor):
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return Known(False, Range(float(value), float(value)) if number else ALL, value)
    return Known(False, range_of(value), value)


def range_of(value: Tensor) -> Range:
    """From the smallest entry to the largest; everything where some entry is NaN, or there are none."""
    if not value.numel() or value.is_complex() or value.dtype == torch.bool:
        return ALL
    ends = number(value.min().item(), None), number(value.max().item(), None)
    return Range(ends[0].low, ends[1].high) if all(math.isfinite(end.low + end.high) for end in ends) else ALL


def _mapped(tree: Any, image: Callable[[Node], Any]) -> Any:
    """The arguments of a node with another value in place of each node."""
    return torch.fx.node.map_arg(tree, image)


def _in_call(known: Known) -> Known:
    """A constant may have changed in place since its range was taken."""
    return replace(known, range=range_of(known.value)) if isinstance(known.value, torch.Tensor) else known


def _eval(node: Node) -> bool:
    """Whether a dropout is switched off."""
    return len(node.args) > 2 and node.args[2] is False
