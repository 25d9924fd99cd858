"""The rows of operators that have kinks, and of those that jump: the second part of the one table of operators."""

from __future__ import annotations

from lazy_assay.sims.analyticity import _ranges as of
from lazy_assay.sims.analyticity import _rules as rule
from lazy_assay.sims.analyticity._range import NONNEGATIVE, Range
from lazy_assay.sims.analyticity._row import Operator

KINKS: tuple[Operator, ...] = (
    # -- kinks: analytic on either side
    Operator("relu", "max(x, 0) has a kink at 0", rule.kinks(rule.at(0)), of.constant(NONNEGATIVE)),
    Operator("relu6", "has kinks at 0 and 6", rule.kinks(rule.at(0, 6)), of.constant(Range(0, 6))),
    Operator("leaky_relu", "has a kink at 0", rule.kinks(rule.at(0)), arguments="negative_slope"),
    Operator(
        "prelu _prelu_kernel rrelu rrelu_with_noise",
        "has a kink at 0",
        rule.kinks(rule.at(0)),
        arguments="lower upper training",
    ),
    Operator(
        "elu",
        "an exponential and a straight line: the second derivative jumps at 0",
        rule.kinks(rule.at(0)),
        arguments="alpha scale input_scale",
    ),
    Operator(
        "selu celu",
        "an exponential and a straight line: a derivative jumps at 0",
        rule.kinks(rule.at(0)),
        arguments="alpha",
    ),
    Operator(
        "hardtanh",
        "has kinks at its ends",
        rule.kinks(rule.ends("min_val", "max_val", -1, 1)),
        arguments="min_val max_val",
    ),
    Operator("clamp clamp_min clamp_max clip", "has kinks at its ends", rule.clamp, of.clamped, arguments="min max"),
    Operator("hardswish hardsigmoid", "has kinks at −3 and 3", rule.kinks(rule.at(-3, 3))),
    Operator("softshrink hardshrink", "has kinks at ±λ", rule.kinks(rule.both_signs("lambd", 0.5)), arguments="lambd"),
    Operator(
        "threshold",
        "jumps or has a kink at its threshold",
        rule.kinks(rule.ends("threshold", "threshold", 0, 0)),
        arguments="threshold value",
    ),
    Operator("abs absolute", "|x| has a kink at 0", rule.kinks(rule.at(0)), of.absolute),
    Operator("sign sgn", "jumps at 0", rule.kinks(rule.at(0)), of.constant(Range(-1, 1))),
    # -- never
    Operator(
        "max_pool1d max_pool2d max_pool3d max_pool2d_with_indices adaptive_max_pool1d adaptive_max_pool2d "
        "adaptive_max_pool3d fractional_max_pool2d max min amax amin maximum minimum fmax fmin aminmax cummax "
        "median nanmedian kthvalue mode quantile",
        "the largest or smallest of several values has kinks where two are equal",
        rule.never,
    ),
    Operator(
        "sort topk argsort argmax argmin unique bincount searchsorted bucketize",
        "an order of values changes by jumps",
        rule.never,
    ),
    Operator(
        "gt lt ge le eq ne greater less isclose logical_not logical_and logical_or isnan isfinite isinf bitwise_not",
        "a comparison of values that depend on parameters jumps",
        rule.never,
    ),
    Operator(
        "round floor ceil trunc frac remainder fmod floor_divide heaviside", "is constant between jumps", rule.never
    ),
    Operator(
        "norm linalg_vector_norm linalg_norm frobenius_norm dist cdist "
        "pairwise_distance cosine_similarity std std_mean _weight_norm",
        "a norm has a kink where its argument is 0",
        rule.never,
    ),
    Operator(
        "l1_loss smooth_l1_loss huber_loss hinge_embedding_loss margin_ranking_loss multi_margin_loss",
        "pieces of |x|: has kinks",
        rule.never,
    ),
    Operator("binary_cross_entropy", "torch cuts its logarithms off at −100: a kink", rule.never),
    Operator("rnn_relu rnn_relu_cell", "its activation has a kink at 0", rule.never),
    Operator(
        "bernoulli multinomial poisson", "draws from probabilities that depend on parameters: it jumps", rule.never
    ),
)
