"""Exports a module and decides about its graph; whatever cannot be exported gets a reason and no verdict.

The reader's own code runs in three places, and may raise anything there: while it is traced, at other parameters, and,
where it could not be traced, as it is, which tells its own errors from the exporter's. All else is torch and this
package.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NoReturn

from lazy_assay.sims.analyticity._agreement import disagreement, run
from lazy_assay.sims.analyticity._call import Known
from lazy_assay.sims.analyticity._decision import Analyticity, summed_up, undecided
from lazy_assay.sims.analyticity._walk import Walk, constant
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import BRANCHES, FailsError, ModuleError, running, told
from lazy_assay.sims.modules.gate import admit
from lazy_assay.sims.modules.memory import storage
from lazy_assay.sims.modules.outputs import tensors

DATA_DEPENDENT = "data-dependent"
# What torch's operators raise on constants that they do not take.
COMPUTING = (RuntimeError, TypeError, ValueError, IndexError, ArithmeticError)


def decide(module: Any, example_input: Any, keywords: Mapping[str, Any]) -> Analyticity:
    """See `sims.analyticity.analyticity`."""
    arguments = example_input if isinstance(example_input, tuple) else (example_input,)
    inputs = {f"input {i}": x for i, x in enumerate(arguments)} | {f"input {k}": x for k, x in keywords.items()}
    try:
        admit(module, {name: x for name, x in inputs.items() if isinstance(x, torch.Tensor)}, real=False)
        return _decided(module, arguments, keywords)
    except ModuleError as error:
        return undecided(str(error))


def _decided(module: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Analyticity:
    program = _exported(module, arguments, keywords)
    try:
        walk = Walk(_placeholders(program, module, arguments, keywords))
        findings = walk.over(program.graph.nodes)
    except COMPUTING as error:
        raise ModuleError(f"a constant part of the graph could not be computed ({told(error)})") from error
    found = summed_up(findings, walk.operators)
    if found.certified:
        with _quiet(), running("at other parameters"):
            if wrong := disagreement(program, module, arguments, keywords, walk.operators):
                return undecided(wrong)
    return found


def _exported(module: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
    """The module's graph. Raises ModuleError for what cannot be exported, and for what is no function of numbers."""
    try:
        with _quiet(), running():
            program = torch.export.export(module, arguments, dict(keywords), strict=False)
    except FailsError as failure:
        with _quiet(), running():
            run(module, arguments, keywords)
        _refuse(failure)
    (returned,) = program.graph.output_node().args
    if not any(isinstance(each, torch.fx.Node) for each in torch.utils._pytree.tree_leaves(returned)):
        with _quiet(), running():
            tensors(run(module, arguments, keywords))
    return program


def _refuse(failure: FailsError) -> NoReturn:
    """What the exporter does not take of a module that runs: what, where, and what it usually means."""
    error = failure.__cause__
    where = [line.strip() for line in str(error).splitlines() if line.strip().startswith("File ")]
    place = f" at {where[-1]}" if where else ""
    if DATA_DEPENDENT in str(error) or "dynamic control flow" in str(error).lower():
        raise ModuleError(f"{BRANCHES}{place}; a jump between branches is not ruled out") from error
    assert isinstance(error, Exception)
    raise ModuleError(f"torch.export failed ({told(error)}){place}") from error


def _placeholders(
    program: Any, module: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> dict[str, Known]:
    """What is known of every placeholder: parameters are what everything is a function of, however they are reached;
    the rest is constant."""
    signature, state = program.graph_signature, program.state_dict
    held = {**signature.inputs_to_buffers, **signature.inputs_to_lifted_tensor_constants}
    known = {name: Known(tainted=True) for name in signature.inputs_to_parameters}
    spans = [storage(parameter) for parameter in module.parameters()]
    for name, target in held.items():
        known[name] = _known(state.get(target, program.constants.get(target)), spans)
    leaves = torch.utils._pytree.tree_leaves((arguments, dict(keywords)))
    known |= {name: _known(leaf, spans, data=True) for name, leaf in zip(_inputs(program), leaves, strict=True)}
    return known | {name: _known(value, spans) for name, value in program.constants.items()}


def _known(value: Any, spans: list[tuple[int, int]], *, data: bool = False) -> Known:
    """A constant; or a parameter by another way: in its memory, or trained beside it (as data may be)."""
    if isinstance(value, torch.Tensor):
        start, end = storage(value)
        if any(start < b and a < end for a, b in spans) or (value.requires_grad and not data):
            return Known(tainted=True)
    return constant(_copied(value))


def _inputs(program: Any) -> list[str]:
    kind = torch.export.graph_signature.InputKind.USER_INPUT
    return [spec.arg.name for spec in program.graph_signature.input_specs if spec.kind == kind]


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's own warnings and log: what matters of them is in the answer."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
