"""What a user hands over, made sure of: the module's last linear layer, its parameters, data that fit."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.errors import COUPLES, FailsError, ModuleError, running, told
from lazy_assay.sims.modules.gate import admit, is_known
from lazy_assay.sims.modules.memory import require_apart
from lazy_assay.sims.modules.outputs import tensors
from lazy_assay.sims.modules.scrutiny import Randomness, unchanged
from lazy_assay.sims.modules.strangers import strangers
from lazy_assay.sims.two_phase import _statistics
from lazy_assay.sims.two_phase._errors import TwoPhaseError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Linear, Module, Parameter

Loss = Callable[["Tensor", "Tensor"], "Tensor"]


def require_data(module: Module, inputs: Any, targets: Any) -> None:
    """What the gate asks, n ≥ 2 points with a target each, and parameters that no other is stepped with."""
    admit(module, {"inputs": inputs, "targets": targets})
    for name, values in (("inputs", inputs), ("targets", targets)):
        if values.ndim == 0 or len(values) < 2:
            raise TwoPhaseError(f"{name} must hold at least two points, got shape {tuple(values.shape)}")
    if len(inputs) != len(targets):
        raise TwoPhaseError(f"there are {len(inputs)} inputs and {len(targets)} targets; one target a point is needed")
    require_apart(dict(module.named_parameters()))


def last_linear(module: Module, inputs: Tensor) -> tuple[str, Linear]:
    """The nn.Linear whose result is the module's output, with its path; found by running two points."""
    met: list[tuple[str, Any, Tensor, Any, int]] = []
    used: list[Any] = []

    def note(name: str) -> Callable[..., None]:
        def noted(layer: Any, given: Any, named: Any, out: Any) -> None:
            met.append((name, layer, next(iter((*given, *named.values()))), out, out._version))

        return noted

    linears = [(name, layer) for name, layer in module.named_modules() if isinstance(layer, torch.nn.Linear)]
    hooks = [layer.register_forward_hook(note(name), with_kwargs=True) for name, layer in linears]
    norms = _statistics.norms(module)
    hooks += [norm.register_forward_pre_hook(lambda layer, _: used.append(layer)) for norm in norms]
    try:
        with running(), torch.enable_grad(), _statistics.mode(module, training=False):
            out = module(inputs[:2])
    finally:
        for hook in hooks:
            hook.remove()
    tensors(out)
    found = [each for each in met if each[3] is out and each[4] == out._version]
    if not found:
        raise TwoPhaseError(
            f"the module's last layer is not linear: its output is no nn.Linear's result (of {len(linears)} there); "
            "leave what follows to the loss, as cross_entropy does with softmax"
        )
    name, layer, read, _, _ = found[0]
    _require_own(module, name, layer, calls=sum(each is layer for _, each, *_ in met))
    _require_affine(name, layer, read, out)
    _require_norms(module, used)
    return name, layer


def require_points(module: Module, last: Linear, inputs: Tensor) -> None:
    """What the last layer reads and returns has a row for each point, and the row is that point's alone.

    In evaluation mode: the features that are kept are read so.
    """
    with torch.no_grad(), _statistics.mode(module, training=False):
        drawing = Randomness(inputs.device) if is_known(inputs) else nullcontext()
        with drawing, unchanged([*module.parameters(), *module.buffers()]), running():
            alone = _statistics.inputs_of(module, last, inputs[:1])
        if alone[0].ndim < 2 or len(alone[0]) != 1:
            raise TwoPhaseError(
                f"the last layer reads shape {tuple(alone[0].shape)} for one point, where features are kept a row a "
                "point; let its input be (n, …, units), points first"
            )
        for count, batch in enumerate(strangers(inputs)):
            try:
                with running():
                    found = _statistics.inputs_of(module, last, batch)
            except FailsError:
                # What is no point of the module's may be more than it takes; the first batch is of points.
                if not count:
                    raise
                continue
            _require_alone(found, alone)


def _require_alone(found: tuple[Tensor, Tensor], alone: tuple[Tensor, Tensor]) -> None:
    """The second row of what a batch of four gives is what that point gives alone."""
    for part, own in zip(found, alone, strict=True):
        if len(part) != 4 or not _alike(part[1], own[0]):
            raise ModuleError(COUPLES)


def _alike(one: Tensor, other: Tensor) -> bool:
    """The same but for rounding."""
    if not is_known(one):
        return True
    eps = torch.finfo(other.dtype).eps
    return bool((one - other).abs().max() <= eps**0.5 * other.abs().max() + eps**0.75)


def require_batches(module: Module, inputs: Tensor, batch_size: int | None) -> None:
    """No mini-batch of an epoch is one point where batch normalisation needs two."""
    n = len(inputs)
    size = min(batch_size or n, n)
    if 1 not in (size, n % size) or not _statistics.trained_norms(module):
        return
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]), _statistics.stilled(module):
            module(inputs[:1])
    except ValueError as error:
        which = "mini-batches hold" if size == 1 else f"of {n} points in mini-batches of {size} the last holds"
        raise TwoPhaseError(
            f"{which} one point, and batch normalisation takes more ({told(error)}); change batch_size"
        ) from None


def _require_affine(name: str, layer: Linear, read: Tensor, out: Tensor) -> None:
    """The output is read @ weight.T + bias, and what is read has nothing of them."""
    with torch.no_grad():
        expected = torch.nn.functional.linear(read, layer.weight, layer.bias)
    if is_known(out) and not torch.allclose(out, expected, equal_nan=True):
        raise TwoPhaseError(f"{name} has a forward or a hook of its own; the output is not linear in its parameters")
    if read.requires_grad:
        slopes = torch.autograd.grad(read.sum(), list(layer.parameters()), allow_unused=True)
        if any(slope is not None for slope in slopes):
            raise TwoPhaseError(f"{name} is the last layer and its parameters are used earlier too; give it its own")


def _require_norms(module: Module, used: list[Any]) -> None:
    for path, layer in module.named_modules():
        if calls := sum(each is layer for each in used):
            if calls > 1:
                raise TwoPhaseError(f"{path} normalises in {calls} places; it can keep the statistics of one")
            if layer.running_mean is None:
                raise TwoPhaseError(f"{path} keeps no running statistics (track_running_stats=False)")


def _require_own(module: Module, name: str, layer: Linear, calls: int) -> None:
    """The last layer's parameters are parameters, its own, trained, and used once: the output is affine in them."""
    own = {id(parameter) for parameter in layer.parameters(recurse=False)}
    if id(layer.weight) not in own or torch.nn.utils.parametrize.is_parametrized(layer):
        raise TwoPhaseError(f"{name or 'the module'} is parametrised, and its output not linear in its parameters")
    if fixed := [label for label, p in layer.named_parameters() if not p.requires_grad]:
        raise TwoPhaseError(f"{name}.{fixed[0]} of the last layer takes no gradient; call requires_grad_()")
    uses = [label for label, p in module.named_parameters(remove_duplicate=False) if id(p) in own]
    if calls > 1 or len(uses) > len(own):
        raise TwoPhaseError(f"{name} is the last layer and shares its parameters with an earlier one; give it its own")
    if not hidden_parameters(module, layer):
        raise TwoPhaseError("the module has a last layer only; two-phase training needs hidden layers before it")


def hidden_parameters(module: Module, last: Linear) -> dict[str, Parameter]:
    """Every parameter but the last layer's, by name."""
    own = {id(parameter) for parameter in last.parameters()}
    return {name: parameter for name, parameter in module.named_parameters() if id(parameter) not in own}


def require_optimiser(optimiser: Any, module: Module, last: Linear) -> None:
    """A torch optimiser of this module's parameters, the last layer's among them."""
    if not isinstance(optimiser, torch.optim.Optimizer):
        raise TwoPhaseError(f"a torch.optim.Optimizer is needed, got {type(optimiser).__name__}")
    held = {id(p) for group in optimiser.param_groups for p in group["params"]}
    if missing := [name for name, p in module.named_parameters() if p in set(last.parameters()) and id(p) not in held]:
        raise TwoPhaseError(f"the optimiser does not hold {missing[0]}, a parameter of the last layer")
    if held - {id(p) for p in module.parameters()}:
        raise TwoPhaseError(
            "the optimiser holds parameters that are not the module's; make it from module.parameters()"
        )


def require_loss(loss: Loss, module: Module, inputs: Tensor, targets: Tensor) -> None:
    """A finite scalar at the start, of which outputs have a gradient; every target is looked at, with one output."""
    with torch.no_grad(), _statistics.mode(module, training=False):
        out = module(inputs[:2])
    out = out[:1].expand(len(targets), *out.shape[1:]).detach().clone().requires_grad_()
    try:
        with warnings.catch_warnings():
            # Outputs (n, 1) against targets (n,): torch broadcasts them, and only warns.
            warnings.simplefilter("error")
            value = loss(out, targets)
    except Exception as error:  # The loss is the reader's own code too.
        raise TwoPhaseError(f"the loss does not take outputs and targets: {told(error)}") from None
    if not isinstance(value, torch.Tensor) or value.ndim:
        raise TwoPhaseError("the loss must be a scalar tensor, the mean over the points that it is given")
    if not value.requires_grad:
        raise TwoPhaseError("the loss has no gradient in the outputs")
    if is_known(value) and not bool(torch.isfinite(value)):
        raise TwoPhaseError("the loss is not finite at the start; scale the weights or the data down")


def deviations(noise: float | Mapping[str, float], hidden: Mapping[str, Parameter]) -> dict[str, float]:
    """σ_h of each hidden parameter: one number, or numbers by the path of a layer (the longest that fits counts)."""
    if not isinstance(noise, Mapping):
        found = dict.fromkeys(hidden, noise)
    else:
        if strange := [path for path in noise if not isinstance(path, str)]:
            raise TwoPhaseError(f"noise has the path {strange[0]!r}; a layer's path is a string, such as '0'")
        found = {name: _longest(noise, name) for name in hidden}
        if unused := [path for path in noise if not any(_within(name, path) for name in hidden)]:
            raise TwoPhaseError(f"noise names {unused[0]!r}, which is no hidden layer; there are {', '.join(hidden)}")
    for name, sigma in found.items():
        if isinstance(sigma, bool) or not isinstance(sigma, (int, float)) or not 0 < sigma < float("inf"):
            raise TwoPhaseError(
                f"the noise of {name} must be a standard deviation above 0, got {' '.join(repr(sigma).split())}: "
                "the perturbation is a non-degenerate Gaussian"
            )
    return found


def _longest(noise: Mapping[str, float], name: str) -> float:
    paths = [path for path in noise if _within(name, path)]
    if not paths:
        raise TwoPhaseError(f"noise has no standard deviation for {name}; every hidden layer needs one")
    return noise[max(paths, key=len)]


def _within(name: str, path: str) -> bool:
    return not path or name == path or name.startswith(f"{path}.")
