"""One row of the table of operators, and the arguments that no row needs to speak of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lazy_assay.sims.analyticity import _ranges as of
from lazy_assay.sims.analyticity import _rules as rule
from lazy_assay.sims.analyticity._call import Call, Judgement
from lazy_assay.sims.analyticity._range import Range

# They say where entries lie, which are taken, in which order and how they are stored.
PLACES = frozenset({
    "axis0", "axis1", "align_corners", "allow_tf32", "batch_first", "benchmark", "bidirectional", "ceil_mode", "chunks",
    "copy", "count_include_pad", "cudnn_enable", "cudnn_enabled", "destination", "deterministic", "device", "diagonal",
    "dilation", "dim", "dim0", "dim1", "dim2", "dimension", "dims", "dims_other", "dims_self", "downscale_factor",
    "enable_gqa", "end", "end_dim", "equation", "groups", "implicit", "include_last_offset", "index", "indices",
    "input_size", "keepdim", "kernel_size", "layout", "length", "memory_format", "non_blocking", "normalized_shape",
    "num_groups", "num_layers", "offset", "offsets", "output_padding", "output_size", "pad", "padding", "padding_idx",
    "path", "pin_memory", "repeats", "scale_factors", "scale_grad_by_freq", "scales", "scales_d", "scales_h",
    "scales_w", "sections", "shape", "shifts", "size", "sizes", "source", "sparse", "sparse_grad", "split_size",
    "split_sizes", "start", "start_dim", "step", "storage_offset", "stride", "transposed", "upscale_factor",
    "N", "C", "HxW", "group", "has_biases", "bias_defined", "output_mask",
})  # fmt: skip
Rule = Callable[[Call], Judgement | None]


@dataclass(frozen=True)
class Operator:
    """One row: names, the reason, the rule (None from it: analytic for every argument), the result's range.

    arguments: those, beside tensors and what only says where entries lie, that the reason holds for whatever their
    values, or that rule and range look at. Any other, not at its default, refuses the call. total: whether finite
    arguments have a finite result.
    """

    names: str
    reason: str
    rule: Rule = rule.analytic
    range: Callable[[Call], Range] = of.anything
    masks: bool = False
    arguments: str = ""
    total: bool = True
