"""An independent copy of a training: everything that it changes is the copy's own, and nothing is left behind."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.two_phase._errors import TwoPhaseError

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from lazy_assay.sims.two_phase._training import TwoPhase


def forked(training: TwoPhase) -> TwoPhase:
    """A copy at the same point; the data are shared. Raises TwoPhaseError for what cannot be copied."""
    _require_apart(training)
    known = _tensors(training)
    try:
        _copied(training.optimiser, known)
        return copy.deepcopy(training, known)
    except TwoPhaseError:
        raise
    except Exception as error:
        told = (str(error).splitlines() or [type(error).__name__])[0]
        raise TwoPhaseError(f"the training cannot be copied: {told}") from error


def _tensors(training: TwoPhase) -> dict[int, Any]:
    """Tensors as the copy has them, by identity: data are shared, numbers that training changes are cloned."""
    known = {id(data): data for data in (training.inputs, training.targets, training.features) if data is not None}
    for p in training.module.parameters():
        known[id(p)] = torch.nn.Parameter(p.detach().clone(), requires_grad=p.requires_grad)
    states = [value for state in training.optimiser.state.values() for value in state.values()]
    for value in (*training.module.buffers(), *states):
        if isinstance(value, torch.Tensor):
            known[id(value)] = value.clone()
    return known


def _copied(optimiser: Optimizer, known: dict[int, Any]) -> None:
    """Notes a copy with every attribute: torch's own copy of an optimiser keeps its state and groups alone."""
    made = type(optimiser).__new__(type(optimiser))
    known[id(optimiser)] = made
    for name, value in vars(optimiser).items():
        # What a schedule has put around the step counts the original's steps, and a schedule does not follow.
        if not hasattr(value, "_wrapped_by_lr_sched"):
            for inner in _optimisers(value):
                if id(inner) not in known:
                    _copied(inner, known)
            made.__dict__[name] = copy.deepcopy(value, known)


def _optimisers(value: Any) -> Iterator[Optimizer]:
    """Those within, of an optimiser around another."""
    if isinstance(value, torch.optim.Optimizer):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _optimisers(part)
    elif isinstance(value, dict):
        yield from _optimisers(list(value.values()))


def _require_apart(training: TwoPhase) -> None:
    """Raises TwoPhaseError where a function reaches what is copied: functions are not, and it would be the original."""
    module, optimiser = training.module, training.optimiser
    own = {id(part) for part in (training, optimiser, *module.modules(), *module.parameters(), *module.buffers())}
    waiting: list[tuple[Any, str | None]] = [(value, None) for value in vars(training).values()]
    seen: set[tuple[int, bool]] = set()
    while waiting:
        value, function = waiting.pop()
        if (id(value), function is not None) in seen:
            continue
        seen.add((id(value), function is not None))
        if function is not None and id(value) in own:
            raise TwoPhaseError(
                f"the function {function} uses this training's own {type(value).__name__}, and would in a fork; make "
                "it a method, or an object that is called and holds it: these are copied"
            )
        if isinstance(value, FunctionType) and hasattr(value, "_wrapped_by_lr_sched"):
            continue
        inner = value.__qualname__ if isinstance(value, FunctionType) else function
        waiting += [(part, inner) for part in _within(value)]


def _within(value: Any) -> Iterator[Any]:
    """What an object holds."""
    if isinstance(value, FunctionType):
        yield from _of_function(value)
    elif isinstance(value, MethodType):
        yield from (value.__self__, value.__func__)
    elif isinstance(value, functools.partial):
        yield from (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, dict):
        yield from (*value.keys(), *value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif hasattr(value, "__dict__") and not isinstance(value, (type, torch.Tensor, type(functools))):
        yield from vars(value).values()


def _of_function(function: FunctionType) -> Iterator[Any]:
    """What a function's closure, its defaults and the globals that it names hold; torch's own hold nothing."""
    if function.__module__ and function.__module__.split(".")[0] == "torch":
        return
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    yield from (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    for name in _names(function.__code__):
        value = function.__globals__.get(name)
        if isinstance(value, (FunctionType, list, dict, tuple, torch.nn.Module, torch.optim.Optimizer, torch.Tensor)):
            yield value


def _names(code: Any) -> set[str]:
    inner = [part for part in code.co_consts if hasattr(part, "co_names")]
    return set(code.co_names).union(*(_names(part) for part in inner))
