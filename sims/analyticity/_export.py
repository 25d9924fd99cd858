"""Exports a module and decides about its graph; whatever cannot be exported gets a reason and no verdict."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from lazy_assay.sims.analyticity._agreement import disagreement
from lazy_assay.sims.analyticity._call import Known
from lazy_assay.sims.analyticity._decision import Analyticity, summed_up, undecided
from lazy_assay.sims.analyticity._walk import Walk, constant
from lazy_assay.sims.core.torch import torch

DATA_DEPENDENT = "data-dependent"


def decide(module: Any, example_input: Any, keywords: Mapping[str, Any]) -> Analyticity:
    """See `sims.analyticity.analyticity`."""
    if not isinstance(module, torch.nn.Module):
        return undecided(f"not a torch.nn.Module but {type(module).__name__}")
    arguments = example_input if isinstance(example_input, tuple) else (example_input,)
    inputs = {f"input {i}": x for i, x in enumerate(arguments)} | {f"input {k}": x for k, x in keywords.items()}
    if wrong := _wrong_data(inputs | _state(module)) or _mixed(inputs | dict(module.named_parameters())):
        return undecided(wrong)
    try:
        with _quiet():
            program = torch.export.export(module, arguments, dict(keywords), strict=False)
    except Exception as error:  # Whatever a module may raise while it is traced.
        return undecided(_told(error))
    try:
        walk = Walk(_placeholders(program, module, arguments, keywords))
        findings = walk.over(program.graph.nodes)
    except Exception as error:  # Whatever the operators of the constant part may raise.
        return undecided(f"a constant part of the graph could not be computed: {_first_line(error)}")
    found = summed_up(findings, walk.operators)
    if not found.certified:
        return found
    try:
        with _quiet():
            wrong = disagreement(program, module, arguments, keywords, walk.operators)
    except Exception as error:  # Whatever the module raises at other parameters.
        wrong = f"at other parameters the module fails ({type(error).__name__}: {_first_line(error)})"
    return undecided(wrong) if wrong else found


def _state(module: Any) -> dict[str, Any]:
    named = [*module.named_parameters(), *module.named_buffers()]
    return {f"{'parameter' if isinstance(t, torch.nn.Parameter) else 'buffer'} {name}": t for name, t in named}


def _wrong_data(named: Mapping[str, Any]) -> str:
    """A sentence about the first tensor with NaN (an infinity, where it is no buffer), or none."""
    for name, value in named.items():
        if isinstance(value, torch.Tensor) and (value.layout is not torch.strided or value.is_quantized):
            return f"{name} is not dense but {value.layout}; use to_dense()"
        if isinstance(value, torch.nn.Parameter) and value.is_complex():
            return f"{name} is {value.dtype}; only real parameters are decided about"
        if not isinstance(value, torch.Tensor) or not value.is_floating_point() or value.is_meta:
            continue
        if torch.isnan(value).any():
            return f"{name} holds NaN; there is nothing to decide about until it is replaced"
        if name.startswith("input") and torch.isinf(value).any():
            return f"{name} holds an infinity; data are real numbers"
    return ""


def _mixed(named: Mapping[str, Any]) -> str:
    """A sentence about inputs and parameters of several precisions, or none: a traced graph would not notice."""
    floats = {n: v.dtype for n, v in named.items() if isinstance(v, torch.Tensor) and v.is_floating_point()}
    if len(set(floats.values())) < 2:
        return ""
    (first, one), *_ = floats.items()
    other = next(name for name in floats if floats[name] != one)
    return (
        f"mixed dtypes: {first} is {one}, {other} is {floats[other]}; convert data and module to one, as by .double()"
    )


def _placeholders(
    program: Any, module: Any, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> dict[str, Known]:
    """What is known of every placeholder: parameters are what everything is a function of, however they are reached;
    the rest is constant."""
    signature, state = program.graph_signature, program.state_dict
    held = {**signature.inputs_to_buffers, **signature.inputs_to_lifted_tensor_constants}
    known = {name: Known(tainted=True) for name in signature.inputs_to_parameters}
    spans = [_span(parameter) for parameter in module.parameters()]
    for name, target in held.items():
        known[name] = _known(state.get(target, program.constants.get(target)), spans)
    leaves = torch.utils._pytree.tree_leaves((arguments, dict(keywords)))
    known |= {name: _known(leaf, spans, data=True) for name, leaf in zip(_inputs(program), leaves, strict=True)}
    return known | {name: _known(value, spans) for name, value in program.constants.items()}


def _span(tensor: Any) -> tuple[int, int]:
    """From where to where its memory goes."""
    start = tensor.untyped_storage().data_ptr()
    return start, start + tensor.untyped_storage().nbytes()


def _known(value: Any, spans: list[tuple[int, int]], *, data: bool = False) -> Known:
    """A constant; or a parameter by another way: in its memory, or trained beside it (as data may be)."""
    if isinstance(value, torch.Tensor):
        start, end = _span(value)
        if any(start < b and a < end for a, b in spans) or (value.requires_grad and not data):
            return Known(tainted=True)
    return constant(_copied(value))


def _inputs(program: Any) -> list[str]:
    kind = torch.export.graph_signature.InputKind.USER_INPUT
    return [spec.arg.name for spec in program.graph_signature.input_specs if spec.kind == kind]


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


def _told(error: Exception) -> str:
    """One sentence: what could not be exported, where, and what it usually means."""
    text = str(error)
    where = [line.strip() for line in text.splitlines() if line.strip().startswith("File ")]
    place = f" at {where[-1]}" if where else ""
    if DATA_DEPENDENT in text or "dynamic control flow" in text.lower():
        return (
            f"the control flow depends on values, so that no one graph stands for the module{place}; a jump between "
            "branches is not ruled out"
        )
    return f"torch.export failed ({type(error).__name__}): {_first_line(error)}{place}"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


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
