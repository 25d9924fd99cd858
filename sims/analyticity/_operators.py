"""The table of operators: which are analytic, where, and why. The one place to add an operator.

A row holds the names of ATen operators (without overload; an in-place one is read as the other), a sentence, what the
rule asks of a call, and the range of its result. Operators that have no row are not certified, by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from lazy_assay.sims.analyticity import _ranges as of
from lazy_assay.sims.analyticity import _rules as rule
from lazy_assay.sims.analyticity._kinks import KINKS
from lazy_assay.sims.analyticity._range import ALL, NONNEGATIVE, POSITIVE, UNIT, Range, increasing
from lazy_assay.sims.analyticity._row import Operator


def _elementary(names: str, f: Callable[[float], float], inside: Range, reason: str) -> Operator:
    return Operator(names, reason, range=of.through(increasing(f, inside)))


BETWEEN = Range(-1, 1, True, True)
ENTIRE = "a power series that converges everywhere"
TABLE: tuple[Operator, ...] = (
    # -- moves entries, or is linear in them
    Operator(
        "view reshape transpose permute t numpy_T expand expand_as squeeze unsqueeze flatten unflatten slice select "
        "narrow contiguous clone detach alias view_as reshape_as cat stack concat hstack vstack split "
        "split_with_sizes chunk unbind tensor_split index_select gather take index repeat repeat_interleave roll flip "
        "tile movedim swapaxes diagonal pixel_shuffle pixel_unshuffle channel_shuffle unfold mT "
        "lift_fresh_copy lift_fresh resolve_conj broadcast_to adjoint take_along_dim",
        "moves entries: linear",
        range=of.joined,
    ),
    Operator(
        "constant_pad_nd pad reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d tril triu im2col "
        "col2im zero zeros_like diag diag_embed",
        "moves entries and fills with constants: affine",
        range=of.anything,
        arguments="value mode",
    ),
    Operator("as_strided _reshape_alias", "moves entries, also some that its argument leaves out: linear"),
    Operator("to _to_copy type_as", "a change of precision: linear", rule.to_a_float, of.first, arguments="dtype"),
    Operator(
        "linear addmm addmv addbmm baddbmm matmul mm bmm mv dot vdot inner outer ger einsum bilinear tensordot "
        "chain_matmul linalg_vecdot linalg_multi_dot conv1d conv2d conv3d convolution _convolution conv_transpose1d "
        "conv_transpose2d conv_transpose3d cross linalg_cross trace kron embedding addr lerp cumsum det linalg_det "
        "cumprod",
        "a polynomial of its arguments",
        arguments="alpha beta weight out_dtype dtype",
    ),
    Operator(
        "embedding_bag _embedding_bag",
        "sums and means are linear in the table",
        rule.no_maximum_of_rows,
        arguments="mode",
    ),
    Operator(
        "avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d mean "
        "_adaptive_avg_pool2d _adaptive_avg_pool3d",
        "averages: linear",
        range=of.averaged,
        arguments="divisor_override dtype",
    ),
    Operator(
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d "
        "upsample_trilinear3d upsample_bicubic2d",
        "interpolation between fixed places: linear in the values",
    ),
    Operator("sum", "linear", range=of.sum_over, arguments="dtype"),
    Operator("prod", "a polynomial", range=of.product_over, arguments="dtype"),
    # -- arithmetic
    Operator("add", "linear", range=of.added, masks=True, arguments="other alpha"),
    Operator("sub", "linear", range=of.subtracted, masks=True, arguments="other alpha"),
    Operator("rsub", "linear", range=of.subtracted_from, arguments="other alpha"),
    Operator("neg negative", "linear", range=of.negated),
    Operator("mul multiply", "a polynomial", range=of.multiplied, arguments="other"),
    Operator("square", "a polynomial", range=of.squared),
    Operator("addcmul", "a polynomial", arguments="value"),
    Operator("addcdiv", "analytic where the divisor is not 0", rule.nonzero("tensor2"), arguments="value", total=False),
    Operator(
        "div divide true_divide",
        "analytic where the divisor is not 0",
        rule.division,
        of.divided,
        arguments="other rounding_mode",
        total=False,
    ),
    Operator("reciprocal", "analytic where the argument is not 0", rule.nonzero("self"), of.inverted, total=False),
    Operator(
        "pow float_power",
        "analytic for whole exponents ≥ 0, else off 0 or for bases > 0",
        rule.power,
        of.power,
        arguments="self exponent",
        total=False,
    ),
    Operator(
        "var var_mean",
        "a polynomial over the number of values less the correction",
        rule.variance,
        of.spread,
        arguments="unbiased correction",
        total=False,
    ),
    # -- elementary functions
    _elementary("exp", math.exp, POSITIVE, ENTIRE),
    _elementary("exp2", math.exp2, POSITIVE, ENTIRE),
    _elementary("expm1", math.expm1, Range(-1, math.inf, True), ENTIRE),
    _elementary("sinh", math.sinh, ALL, ENTIRE),
    _elementary("tanh", math.tanh, BETWEEN, "a quotient of exponentials whose divisor has no real zero"),
    _elementary("erf", math.erf, BETWEEN, "the integral of a power series that converges everywhere"),
    _elementary("atan arctan", math.atan, Range(-1.6, 1.6), "the integral of 1/(1 + x²)"),
    _elementary("asinh arcsinh", math.asinh, ALL, "the integral of 1/√(1 + x²), where 1 + x² > 0"),
    Operator("erfc", "1 − erf", range=of.constant(Range(0, 2, True, True))),
    Operator("sin", ENTIRE, range=of.constant(Range(-1, 1))),
    Operator("cos", ENTIRE, range=of.constant(Range(-1, 1))),
    Operator("cosh", ENTIRE, range=of.constant(Range(1, math.inf))),
    Operator("sinc", ENTIRE, range=of.constant(Range(-1, 1))),
    Operator("sqrt", "analytic on (0, ∞); at 0 its slope is infinite", rule.above("self", 0), of.root, total=False),
    Operator("rsqrt", "analytic on (0, ∞)", rule.above("self", 0), of.constant(POSITIVE), total=False),
    Operator("log", "analytic on (0, ∞)", rule.above("self", 0), of.logarithm, total=False),
    Operator("log2 log10", "analytic on (0, ∞)", rule.above("self", 0), total=False),
    Operator("log1p", "analytic on (−1, ∞)", rule.above("self", -1), of.log1p, total=False),
    Operator("lgamma digamma", "analytic on (0, ∞)", rule.above("self", 0), total=False),
    Operator("asin acos atanh arcsin arccos arctanh", "analytic on (−1, 1)", rule.within("self", -1, 1), total=False),
    Operator("acosh arccosh", "analytic on (1, ∞)", rule.above("self", 1), of.constant(POSITIVE), total=False),
    # -- activations
    Operator(
        "sigmoid",
        "1/(1 + exp(−x)), and the divisor has no real zero",
        range=of.through(increasing(lambda x: 1 / (1 + math.exp(-x)), UNIT)),
    ),
    Operator("log_sigmoid", "−log(1 + exp(−x)): the argument is > 1", range=of.constant(-POSITIVE)),
    Operator(
        "silu gelu mish",
        "products of analytic functions: x·sigmoid(x), x·Φ(x), x·tanh(log(1 + exp(x)))",
        arguments="approximate",
    ),
    Operator("glu", "a product with a sigmoid"),
    Operator("logaddexp logaddexp2", "the logarithm of a sum of exponentials, which is > 0", range=of.log_sum),
    Operator("logsumexp", "the logarithm of a sum of exponentials, which is > 0", rule.rows_not_masked, masks=True),
    Operator(
        "softmax _softmax",
        "exponentials over their sum, which is > 0",
        rule.rows_not_masked,
        of.constant(Range(0, 1)),
        masks=True,
        arguments="half_to_float dtype",
    ),
    Operator(
        "log_softmax _log_softmax",
        "x less the logarithm of a sum of exponentials",
        range=of.constant(-NONNEGATIVE),
        arguments="half_to_float dtype",
    ),
    Operator(
        "scaled_dot_product_attention _scaled_dot_product_flash_attention_for_cpu",
        "products and a softmax over rows that are not wholly masked",
        rule.attention,
        arguments="dropout_p is_causal scale",
    ),
    Operator(
        "softplus",
        "log(1 + exp(βx))/β is analytic, but torch switches to a straight line above βx = threshold",
        rule.softplus,
        of.softplus,
        arguments="beta threshold",
        total=False,
    ),
    # -- normalisation: (x − mean)/√(variance + eps)
    Operator(
        "batch_norm cudnn_batch_norm native_batch_norm",
        "analytic where variance + eps > 0",
        rule.batch_norm,
        arguments="training train momentum eps epsilon exponential_average_factor",
        total=False,
    ),
    Operator(
        "layer_norm native_layer_norm group_norm rms_norm",
        "analytic where variance + eps > 0",
        rule.eps,
        arguments="eps",
        total=False,
    ),
    Operator(
        "instance_norm",
        "analytic where variance + eps > 0",
        rule.instance_norm,
        arguments="use_input_stats momentum eps",
        total=False,
    ),
    # -- recurrent layers
    Operator(
        "lstm gru rnn_tanh lstm_cell gru_cell rnn_tanh_cell",
        "polynomials, sigmoids and hyperbolic tangents",
        arguments="dropout train",
    ),
    # -- noise: a mask that does not depend on the parameters
    Operator(
        "dropout feature_dropout native_dropout alpha_dropout feature_alpha_dropout",
        "affine: its mask does not depend on the parameters",
        arguments="p train",
    ),
    Operator(
        "rand_like randn_like ones_like full_like empty_like new_zeros new_ones new_full new_empty",
        "takes the shape alone: constant",
        arguments="dtype fill_value",
    ),
    # -- losses
    Operator("mse_loss", "a polynomial", range=of.constant(NONNEGATIVE), arguments="reduction"),
    Operator(
        "binary_cross_entropy_with_logits",
        "logarithms of 1 + exp(−x), linear in the target",
        range=of.anything,
        arguments="reduction",
    ),
    Operator(
        "cross_entropy_loss",
        "log-softmax, linear in the target's probabilities",
        rule.class_loss,
        arguments="reduction ignore_index label_smoothing",
        total=False,
    ),
    Operator(
        "nll_loss nll_loss_nd nll_loss2d nll_loss_forward",
        "linear in the log-probabilities",
        rule.class_loss,
        arguments="reduction ignore_index",
        total=False,
    ),
    # -- choices by a constant condition
    Operator(
        "where", "for a constant condition, a choice of entries", range=of.chosen, masks=True, arguments="self other"
    ),
    Operator(
        "masked_fill", "for a constant mask, entries set to a constant", range=of.filled, masks=True, arguments="value"
    ),
    Operator(
        "masked_scatter index_put index_add index_copy scatter scatter_add copy slice_scatter select_scatter fill",
        "entries set or added at constant places: linear",
        arguments="value accumulate reduce alpha",
    ),
    *KINKS,
)


def _rows() -> Iterator[tuple[str, Operator]]:
    for row in TABLE:
        for name in row.names.split():
            yield name, row


def by_name() -> dict[str, Operator]:
    """Every row by each of its names. Raises ValueError for a name that two rows hold."""
    found: dict[str, Operator] = {}
    for name, row in _rows():
        if name in found:
            raise ValueError(f"the operator {name} has two rows")
        found[name] = row
    return found
