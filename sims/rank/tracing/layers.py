"""The rules of layers with weights, of normalisation and of attention."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.tracing.call import Call, Rule, number
from lazy_assay.sims.rank.tracing.compositions import (
    combined,
    inverse_root,
    log_sum,
    mean_square,
    negative,
    shifted,
)
from lazy_assay.sims.rank.tracing.masks import added, parted, require_given, require_some, unmasked
from lazy_assay.sims.rank.tracing.memory import NotUnderstoodError, Operand, exactly

Array = np.ndarray


def _affine(call: Call, x: Operand, W: Operand, bias: Operand | None) -> int:
    """x W + b: with weights that are there, or as a product of two values."""
    shape = (*x.shape[:-1], W.shape[-1])
    there = W.constant is not None and len(x.shape) == 2
    if there and (bias is None or (bias.constant is not None and bias.shape == (W.shape[-1],))):
        assert W.constant is not None
        b = None if bias is None or bias.constant is None else exactly(bias.constant)
        made = call.step(p.Affine(exactly(W.constant), b), call.as_value(x), shape=shape)
        call.tape.weighted[made] = (W, bias)
        return made
    made = call.step(p.Product(), call.as_value(x), call.as_value(W), shape=shape)
    if bias is None:
        return made
    masked = added(call, Operand(shape, value=made), bias)
    return call.step(p.Add(), made, call.as_value(bias), shape=shape) if masked is None else masked


def _matrix_vector(call: Call) -> int:
    rows, vector = call.value("self"), call.value("vec")
    column = call.reshape(vector, *call.tape.shapes[vector], 1)
    made = call.step(p.Product(), rows, column, shape=(*call.shape, 1))
    return call.reshape(made, *call.shape)


def _convolution(call: Call) -> int:
    """One or two axes of positions; groups as zeros in the weight."""
    x, weight, bias = call.value("input"), call.array("weight"), call.array("bias")
    assert weight is not None
    pairs = {name: [int(i) for i in call.take(name)] for name in ("stride", "padding", "dilation")}
    groups, shape = int(call.take("groups", 1)), call.tape.shapes[x]
    call.take("output_padding")
    if call.take("transposed"):
        raise NotUnderstoodError("transposed=True")
    if weight.ndim not in (3, 4) or len(shape) != weight.ndim:
        raise NotUnderstoodError(f"over {weight.ndim - 2} axes, on a value of shape {shape}")
    if weight.ndim == 3:
        x, weight = call.reshape(x, *shape[:2], 1, shape[2]), weight[:, :, None]
        pairs = {name: [0 if name == "padding" else 1, *given] for name, given in pairs.items()}
    stride, padding, dilation = ((pairs[n][0], pairs[n][-1]) for n in ("stride", "padding", "dilation"))
    operation = p.Convolution(_in_one_group(weight, groups), bias, stride, padding, dilation)
    out = (*call.shape[:2], 1, call.shape[2]) if len(call.shape) == 3 else call.shape
    return call.reshape(call.step(operation, x, shape=out), *call.shape)


def _in_one_group(weight: Array, groups: int) -> Array:
    """The weight of all channels: zeros between groups."""
    if groups == 1:
        return weight
    out, inside = weight.shape[:2]
    whole = np.zeros((out, inside * groups, *weight.shape[2:]))
    for group in range(groups):
        rows = slice(group * out // groups, (group + 1) * out // groups)
        whole[rows, group * inside : (group + 1) * inside] = weight[rows]
    return whole


def _batch_normalised(call: Call) -> Any:
    """By the statistics of all samples, or by stored ones."""
    x, scale, shift = call.value("input"), call.operand("weight"), call.operand("bias")
    training, size = bool(call.take("training")), call.tape.shapes[x][1]
    mean, variance = call.array("running_mean"), call.array("running_var")
    call.take("momentum")
    free = scale is not None and shift is not None and bool(scale.weight) and bool(shift.weight)
    given = call.array("weight"), call.array("bias")
    operation = p.Normalisation(
        np.ones(size) if given[0] is None else given[0],
        np.zeros(size) if given[1] is None else given[1],
        number(call.take("eps")),
        None if training else mean,
        None if training else variance,
        absorbable=free and training,
    )
    if not training and (mean is None or variance is None):
        raise NotUnderstoodError("stored statistics that are not there")
    made = call.step(operation, x)
    call.tape.weighted[made] = (scale, shift)
    if training:
        for name in ("running_mean", "running_var"):
            if call.arguments.get(name) is not None:
                call.memory.forget(call.arguments[name], "statistics that this very pass has changed")
    return made, None, None


def _normalised_alone(call: Call, rows: int, inner: int, affine: tuple[int, ...]) -> Any:
    """Of each of `rows` rows of `inner` entries by itself: batch normalisation where rows are the channels."""
    value = call.value("input")
    shape = call.tape.shapes[value]
    operation = p.Normalisation(np.ones(rows), np.zeros(rows), number(call.take("eps")))
    made = call.step(operation, call.reshape(value, 1, rows, inner), shape=(1, rows, inner))
    made = call.reshape(made, *shape)
    for name, kind in (("weight", p.Multiply()), ("bias", p.Add())):
        if call.operand(name) is not None:
            made = call.step(kind, made, call.reshape(call.value(name), *affine), shape=shape)
    return made, None, None


def _layer_normalised(call: Call) -> Any:
    inner = tuple(int(n) for n in call.take("normalized_shape"))
    return _normalised_alone(call, math.prod(call.shape) // math.prod(inner), math.prod(inner), inner)


def _group_normalised(call: Call) -> Any:
    n, channels, positions, groups = (int(call.take(name)) for name in ("N", "C", "HxW", "group"))
    affine = (1, channels, *[1] * (len(call.shape) - 2))
    return _normalised_alone(call, n * groups, channels // groups * positions, affine)


def _softmax(call: Call) -> int:
    if call.take("half_to_float"):
        raise NotUnderstoodError("half_to_float=True")
    value, kept = unmasked(call, "self")
    axes = len(call.shape)
    axis = int(call.take("dim")) % max(axes, 1)
    order = [i for i in range(axes) if i != axis] + [axis]
    moved = call.permuted(value, order)
    if kept is not None:
        kept = kept.transpose(order)
        require_some(kept)
    made = call.step(p.Softmax(kept), moved, shape=call.tape.shapes[moved])
    return call.permuted(made, np.argsort(order).tolist())


def _log_softmax(call: Call) -> int:
    """x − max x − ln Σ exp(x − max x)."""
    if call.take("half_to_float"):
        raise NotUnderstoodError("half_to_float=True")
    value, axis = call.value("self"), int(call.take("dim"))
    below, total = log_sum(call, value, [axis])
    return call.step(p.Add(), below, negative(call, total))


def _attention(call: Call) -> Any:
    """softmax(q kᵀ·scale) v, with entries left out by a mask that is a constant."""
    q, k, v = (call.value(name) for name in ("query", "key", "value"))
    (*front, rows, width), (*_, columns, _) = call.tape.shapes[q], call.tape.shapes[k]
    if call.tape.shapes[k][:-2] != tuple(front) or call.tape.shapes[v][:-2] != tuple(front):
        raise NotUnderstoodError("fewer heads for keys than for queries")
    scores_shape = (*front, rows, columns)
    axes = len(scores_shape)
    turned = call.permuted(k, [*range(axes - 2), axes - 1, axes - 2])
    scores = call.step(p.Product(), q, turned, shape=scores_shape)
    # As torch has it, in floats.
    scores = call.step(p.Scale(number(call.take("scale", 1 / math.sqrt(width)))), scores, shape=scores_shape)
    kept = np.tri(rows, columns, dtype=bool) if call.take("is_causal") else None
    if (mask := call.operand("attn_mask")) is not None:
        kept, scores = _masked(call, mask, kept, scores)
    weights = call.step(p.Softmax(kept), scores, shape=scores_shape)
    return call.step(p.Product(), weights, v, shape=(*front, rows, call.tape.shapes[v][-1])), None


def _masked(call: Call, mask: Operand, kept: Array | None, scores: int) -> tuple[Array, int]:
    """Which entries a constant mask leaves, and the scores with what it adds to them."""
    if mask.constant is None:
        raise NotUnderstoodError("a mask that depends on the data")
    given = np.asarray(mask.constant.detach().numpy())
    if given.dtype == bool or bool(np.isinf(given).any()):
        require_given(mask)
    left, finite = (given, np.zeros(given.shape)) if given.dtype == bool else parted(given)
    if kept is not None:
        left = left & kept
    require_some(left)
    if finite.any() or mask.weight:
        constant = call.step(p.Constant(finite.astype(np.float64), bool(mask.weight)), shape=finite.shape)
        scores = call.step(p.Add(), scores, constant, shape=call.tape.shapes[scores])
    return left, scores


def _embedded(call: Call) -> int:
    """Rows of a table at constant places."""
    table, places = call.value("weight"), call.needed("indices")
    for name in ("padding_idx", "scale_grad_by_freq", "sparse"):
        call.take(name)
    if places.constant is None or places.weight:
        raise NotUnderstoodError("places that depend on the data, or on weights")
    rows, width = call.tape.shapes[table]
    index = np.arange(1, 1 + rows * width).reshape(rows, width)[places.constant.numpy()]
    return call.tape.moved((table,), index, call.shape)


def _rms_normalised(call: Call) -> Any:
    """x/√(mean x² + ε)·w over the last axes."""
    inner, epsilon = [int(n) for n in call.take("normalized_shape")], call.take("eps")
    if epsilon is None:
        raise NotUnderstoodError("eps=None, which depends on the precision")
    value = call.value("input")
    squares = shifted(call, mean_square(call, value, list(range(-len(inner), 0))), number(epsilon))
    made = combined(call, p.Multiply(), value, inverse_root(call, squares))
    weight = call.operand("weight")
    return made if weight is None else combined(call, p.Multiply(), made, call.value("weight")), None


RULES: Mapping[str, Rule] = {
    "mm": lambda call: _affine(call, call.needed("self"), call.needed("mat2"), None),
    "addmm": lambda call: _affine(call, call.needed("mat1"), call.needed("mat2"), call.needed("self")),
    "bmm": lambda call: _affine(call, call.needed("self"), call.needed("mat2"), None),
    "baddbmm": lambda call: _affine(call, call.needed("batch1"), call.needed("batch2"), call.needed("self")),
    "mv": _matrix_vector,
    "convolution": _convolution,
    "native_batch_norm": _batch_normalised,
    "_native_batch_norm_legit": _batch_normalised,
    "cudnn_batch_norm": _batch_normalised,
    "native_layer_norm": _layer_normalised,
    "native_group_norm": _group_normalised,
    "_softmax": _softmax,
    "_safe_softmax": _softmax,
    "_log_softmax": _log_softmax,
    "embedding": _embedded,
    "_fused_rms_norm": _rms_normalised,
    "_scaled_dot_product_flash_attention_for_cpu": _attention,
}
