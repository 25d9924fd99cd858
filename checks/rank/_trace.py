"""From a torch module to a `Program`, by torch.fx: supported layers and functions, by name; all else is refused."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from lazy_assay.checks.rank import _program as p
from lazy_assay.checks.rank._result import NoVerdictError

SIZE = "size"


def program(module: nn.Module) -> p.Program:
    """The network that `module` computes. Raises NoVerdictError: what is unsupported, or why it cannot be traced."""
    try:
        graph = fx.Tracer().trace(module)
    except Exception as error:  # whatever the user's code raises while it is traced
        raise NoVerdictError(f"the module cannot be traced ({type(error).__name__}: {_line(error)})") from None
    reader = _Reader(module, dict(module.named_modules()))
    for node in graph.nodes:
        reader.read(node)
    return reader.program()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


@dataclass
class _Reader:
    module: nn.Module
    layers: Mapping[str, nn.Module]
    steps: list[p.Step] = field(default_factory=list)
    values: dict[fx.Node, Any] = field(default_factory=dict)
    last: tuple[nn.Linear, int] | None = None
    called: list[nn.Module] = field(default_factory=list)

    def read(self, node: fx.Node) -> None:
        if node.op == "placeholder":
            self._placeholder(node)
        elif node.op == "output":
            self._output(node)
        elif node.op in ("call_module", "call_function", "call_method"):
            self.values[node] = self._call(node)
        else:
            self._refuse(f"{node.op} {node.target}", node)

    def _placeholder(self, node: fx.Node) -> None:
        if self.values:
            raise NoVerdictError("the module takes more than one input; wrap it so that it takes the data alone")
        self.values[node] = 0

    def _call(self, node: fx.Node) -> Any:
        if node.op == "call_module":
            layer = self.layers[str(node.target)]
            convert = LAYERS.get(type(layer))
            if convert is None:
                self._refuse(type(layer).__name__, node)
            assert convert is not None
            self.called.append(layer)
            return self._steps([convert(layer, str(node.target))], node.args[:1], node)
        name = node.target if node.op == "call_method" else getattr(node.target, "__name__", str(node.target))
        known = FUNCTIONS.get(str(name))
        if known is None:
            self._refuse(str(name), node)
        assert known is not None
        return known(self, node)

    def _steps(self, operations: list[p.Operation], inputs: Any, node: fx.Node) -> int:
        numbers = tuple(self.values[i] if isinstance(i, fx.Node) else i for i in inputs)
        if any(not isinstance(i, fx.Node) for i in inputs) or any(not isinstance(n, int) for n in numbers):
            self._refuse(f"{node.target} of something that is no traced value", node)
        for operation in operations:
            self.steps.append(p.Step(operation, numbers, str(node.name)))
            numbers = (len(self.steps),)
        return int(numbers[0])

    def _output(self, node: fx.Node) -> None:
        made = node.args[0]
        layer = self.layers.get(str(made.target)) if isinstance(made, fx.Node) and made.op == "call_module" else None
        if type(layer) is not nn.Linear:
            told = type(layer).__name__ if layer is not None else getattr(made, "target", type(made).__name__)
            raise NoVerdictError(
                f"the network must end in a linear layer, f = h W + b; it ends in {getattr(told, '__name__', told)}"
            )
        assert isinstance(made, fx.Node)
        source = made.args[0]
        assert isinstance(source, fx.Node)
        self.last = (layer, self.values[source])

    def program(self) -> p.Program:
        if self.last is None:
            raise NoVerdictError("the module returns nothing")
        layer, output = self.last
        # The last layer itself is a step of the trace; what comes after the features is not run.
        hidden = [called for called in self.called if isinstance(called, nn.Linear) and called is not layer]
        norms = [called for called in self.called if isinstance(called, (nn.BatchNorm1d, nn.BatchNorm2d))]
        return p.Program(
            tuple(self.steps),
            output,
            layer.in_features,
            layer.bias is not None,
            last_is_free=bool(hidden) and self._is_free(hidden[-1]),
            norms_are_free=all(norm.affine and self._is_free(norm) for norm in norms),
        )

    def _is_free(self, layer: nn.Module) -> bool:
        """Whether the layer is called once and shares no weight with another."""
        others = [called for called in self.called if called is not layer]
        shared = {id(weight) for other in others for weight in other.parameters(recurse=False)}
        return len(others) == len(self.called) - 1 and not any(id(w) in shared for w in layer.parameters())

    def _refuse(self, what: str, node: fx.Node) -> None:
        where = f" (at {node.target})" if node.op == "call_module" else f" (at node {node.name})"
        raise NoVerdictError(f"unsupported operator: {what}{where}")


# -- layers ------------------------------------------------------------------------------------------------------------


def _array(tensor: torch.Tensor) -> np.ndarray:
    """Exactly: every float of 64 bits or fewer is a float64."""
    return np.asarray(tensor.detach().cpu().to(torch.float64).numpy())


def _maybe(tensor: torch.Tensor | None) -> np.ndarray | None:
    return None if tensor is None else _array(tensor)


def _pair(value: Any) -> tuple[int, int]:
    first, second = (value, value) if isinstance(value, int) else value
    return int(first), int(second)


def _linear(layer: Any, where: str) -> p.Operation:
    return p.Affine(_array(layer.weight).T.copy(), _maybe(layer.bias))


def _convolution(layer: Any, where: str) -> p.Operation:
    plain = layer.groups == 1 and layer.padding_mode == "zeros" and _pair(layer.dilation) == (1, 1)
    if not plain or isinstance(layer.padding, str):
        raise NoVerdictError(
            f"unsupported operator: Conv2d with groups, dilation or padding {layer.padding!r} (at {where})"
        )
    return p.Convolution(_array(layer.weight), _maybe(layer.bias), _pair(layer.stride), _pair(layer.padding))


def _normalisation(layer: Any, where: str) -> p.Operation:
    size, batch = layer.num_features, layer.training or layer.running_mean is None
    return p.Normalisation(
        _array(layer.weight) if layer.affine else np.ones(size),
        _array(layer.bias) if layer.affine else np.zeros(size),
        float(layer.eps),
        4 if isinstance(layer, nn.BatchNorm2d) else 2,
        None if batch else _array(layer.running_mean),
        None if batch else _array(layer.running_var),
    )


def _average(layer: Any, where: str) -> p.Operation:
    window, stride = _pair(layer.kernel_size), _pair(layer.stride)
    if _pair(layer.padding) != (0, 0) or layer.ceil_mode or layer.divisor_override is not None:
        raise NoVerdictError(f"unsupported operator: AvgPool2d with padding, ceil_mode or a divisor (at {where})")
    return p.AveragePool(window, stride)


def _adaptive(layer: Any, where: str) -> p.Operation:
    if layer.output_size not in (1, (1, 1)):
        raise NoVerdictError(f"unsupported operator: AdaptiveAvgPool2d to {layer.output_size} (at {where})")
    return p.AveragePool(None)


def _flatten(layer: Any, where: str) -> p.Operation:
    if (layer.start_dim, layer.end_dim) != (1, -1):
        raise NoVerdictError(f"unsupported operator: Flatten of other axes than 1 to the last (at {where})")
    return p.Flatten()


def _dropout(layer: Any, where: str) -> p.Operation:
    if layer.training and layer.p > 0:
        raise NoVerdictError(
            f"unsupported operator: Dropout in training mode draws at random (at {where}); call eval()"
        )
    return p.Scale(1.0)


LAYERS: Mapping[type[nn.Module], Callable[[Any, str], p.Operation]] = {
    nn.Linear: _linear,
    nn.Conv2d: _convolution,
    nn.BatchNorm1d: _normalisation,
    nn.BatchNorm2d: _normalisation,
    nn.Softplus: lambda layer, where: p.Softplus(float(layer.beta), float(layer.threshold)),
    nn.ReLU: lambda layer, where: p.Relu(),
    nn.Tanh: lambda layer, where: p.Tanh(),
    nn.Sigmoid: lambda layer, where: p.Sigmoid(),
    nn.AvgPool2d: _average,
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.Flatten: _flatten,
    nn.Identity: lambda layer, where: p.Scale(1.0),
    nn.Dropout: _dropout,
}

# -- functions and methods -------------------------------------------------------------------------------------------

Read = Callable[[_Reader, fx.Node], Any]


def _plainly(operation: p.Operation) -> Read:
    return lambda reader, node: reader._steps([operation], node.args[:1], node)


def _softplus(reader: _Reader, node: fx.Node) -> int:
    given = {**dict(zip(("beta", "threshold"), node.args[1:], strict=False)), **node.kwargs}
    beta, threshold = float(given.get("beta", 1.0)), float(given.get("threshold", 20.0))  # type: ignore[arg-type]
    return reader._steps([p.Softplus(beta, threshold)], node.args[:1], node)


def _add(reader: _Reader, node: fx.Node) -> int:
    return reader._steps([p.Add()], node.args[:2], node)


def _multiply(reader: _Reader, node: fx.Node) -> int:
    numbers = [float(a) for a in node.args if isinstance(a, (int, float)) and math.isfinite(a)]
    values = [a for a in node.args if isinstance(a, fx.Node)]
    if len(numbers) != 1 or len(values) != 1:
        reader._refuse(f"{node.target} of two values", node)
    return reader._steps([p.Scale(numbers[0])], values, node)


def _divide(reader: _Reader, node: fx.Node) -> int:
    value, divisor = node.args
    if not isinstance(divisor, (int, float)) or not math.isfinite(divisor) or divisor == 0:
        reader._refuse(f"{node.target} by something that is no number", node)
    assert isinstance(divisor, (int, float))
    made = reader._steps([p.Divide(float(divisor))], [value], node)
    return _fused(reader, made)


def _fused(reader: _Reader, made: int) -> int:
    """logaddexp(zeta z, 0)/zeta, written out, is one softplus: its derivative is then bounded once."""
    if made < 3 or [step.inputs for step in reader.steps[made - 2 : made]] != [(made - 2,), (made - 1,)]:
        return made
    first, second, third = (step.operation for step in reader.steps[made - 3 : made])
    match first, second, third:
        case p.Scale(zeta), p.Softplus(1.0, None), p.Divide(divisor) if zeta == divisor > 0:
            step = p.Step(p.Softplus(zeta), reader.steps[made - 3].inputs, reader.steps[made - 1].name)
            reader.steps.append(step)
            return made + 1
    return made


def _zeros(reader: _Reader, node: fx.Node) -> str:
    return "zeros"


def _logaddexp(reader: _Reader, node: fx.Node) -> int:
    kinds = [reader.values.get(a) if isinstance(a, fx.Node) else a for a in node.args]
    zero = [kind == "zeros" for kind in kinds]
    if zero not in ([True, False], [False, True]):
        reader._refuse("logaddexp of two values (with zeros it is softplus)", node)
    return reader._steps([p.Softplus(1.0)], [node.args[zero.index(False)]], node)


def _flattened(reader: _Reader, node: fx.Node) -> int:
    given = {"start_dim": 0, "end_dim": -1, **dict(zip(("start_dim", "end_dim"), node.args[1:], strict=False))}
    given |= node.kwargs
    if (given["start_dim"], given["end_dim"]) != (1, -1):
        reader._refuse("flatten of other axes than 1 to the last", node)
    return reader._steps([p.Flatten()], node.args[:1], node)


def _size(reader: _Reader, node: fx.Node) -> str:
    if list(node.args[1:]) != [0]:
        reader._refuse("size of other axes than the first", node)
    return SIZE


def _view(reader: _Reader, node: fx.Node) -> int:
    shape = [reader.values.get(a) if isinstance(a, fx.Node) else a for a in node.args[1:]]
    if shape != [SIZE, -1]:
        reader._refuse(f"{node.target} to a shape other than (size(0), -1)", node)
    return reader._steps([p.Flatten()], node.args[:1], node)


def _mean(reader: _Reader, node: fx.Node) -> int:
    axes = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim")
    pair = {int(axis) for axis in axes} if isinstance(axes, (list, tuple)) else set()
    if pair not in ({2, 3}, {-2, -1}):
        reader._refuse("mean over axes other than the last two of an image", node)
    kept = bool(node.kwargs.get("keepdim", False))
    return reader._steps([p.AveragePool(None, keep_axes=kept)], node.args[:1], node)


FUNCTIONS: Mapping[str, Read] = {
    "softplus": _softplus,
    "relu": _plainly(p.Relu()),
    "tanh": _plainly(p.Tanh()),
    "sigmoid": _plainly(p.Sigmoid()),
    **dict.fromkeys((operator.add.__name__, "iadd"), _add),
    **dict.fromkeys((operator.mul.__name__, "multiply"), _multiply),
    **dict.fromkeys((operator.truediv.__name__, "div"), _divide),
    "zeros_like": _zeros,
    "logaddexp": _logaddexp,
    "flatten": _flattened,
    "size": _size,
    **dict.fromkeys(("view", "reshape"), _view),
    "mean": _mean,
}
