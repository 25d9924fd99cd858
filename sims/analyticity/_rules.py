"""What a row of the table asks of a call: nothing, a domain, the absence of a kink; or that it be refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.analyticity._call import Call, Judgement, Known, not_certified, number, on_domain
from lazy_assay.sims.analyticity._decision import Decision
from lazy_assay.sims.analyticity._range import Range
from lazy_assay.sims.analyticity._ranges import ends as ends_of_clamp

if TYPE_CHECKING:
    from torch import Tensor

Rule = Callable[[Call], Judgement | None]
Kinks = Callable[[Call], tuple[float, ...] | None]


def analytic(call: Call) -> Judgement | None:
    """For every argument."""
    return None


def never(call: Call) -> Judgement | None:
    """Refused; the row says why."""
    return not_certified("")


def _asked(holds: bool, what: str, where: str, range_: Range) -> Judgement:
    if holds:
        return on_domain(f"{what} {where}, for it lies in {range_}")
    return not_certified(f"nothing shows that {what} {where}: it lies in {range_} as far as is known")


def above(name: str, bound: float) -> Rule:
    """The argument must be > bound."""

    def rule(call: Call) -> Judgement | None:
        range_ = call.range(name)
        return _asked(range_.above(bound), "its argument", f"is > {bound:g}", range_)

    return rule


def within(name: str, low: float, high: float) -> Rule:
    """The argument must lie strictly between two bounds."""

    def rule(call: Call) -> Judgement | None:
        range_ = call.range(name)
        holds = range_.above(low) and range_.below(high)
        return _asked(holds, "its argument", f"lies in ({low:g}, {high:g})", range_)

    return rule


def nonzero(name: str) -> Rule:
    """The argument must not be 0; a constant that is not 0 needs no mention."""

    def rule(call: Call) -> Judgement | None:
        value, range_ = call.arguments.get(name), call.range(name)
        nonzero = range_.avoids(0) or _no_zero(value)
        if nonzero and not (isinstance(value, Known) and value.tainted):
            return None
        return _asked(nonzero, "the divisor", "is not 0", range_)

    return rule


def _no_zero(value: Any) -> bool:
    """Whether a constant tensor has no entry 0."""
    return isinstance(value, Known) and value.value is not None and bool((value.value != 0).all())


def division(call: Call) -> Judgement | None:
    """Division by what is not 0, and no rounding of the quotient."""
    if call.get("rounding_mode"):
        return not_certified("a rounded quotient is constant between jumps")
    return nonzero("other")(call)


def power(call: Call) -> Judgement | None:
    """Whole exponents ≥ 0 anywhere; whole ones < 0 off 0; any other for bases > 0."""
    base, exponent = call.range("self"), call.arguments.get("exponent")
    if isinstance(exponent, Known) and exponent.value is not None and exponent.value.numel() == 1:
        exponent = float(exponent.value)
    if isinstance(exponent, (int, float)) and float(exponent).is_integer():
        return None if exponent >= 0 else _asked(base.avoids(0), "the base of a negative power", "is not 0", base)
    if base.above(0) and not isinstance(call.arguments.get("self"), Known):
        return None
    return _asked(base.above(0), "the base of a power", "is > 0", base)


def to_a_float(call: Call) -> Judgement | None:
    """A change of precision is the identity on real numbers; a cast to whole numbers or truth values jumps."""
    dtype = call.get("dtype")
    if dtype is None or getattr(dtype, "is_floating_point", False):
        return None
    return not_certified(f"a cast to {dtype} jumps")


def eps(call: Call) -> Judgement | None:
    """variance + eps > 0, since a variance (or mean square) is ≥ 0; without an eps rms_norm takes a positive one."""
    given = _eps(call)
    return _asked(given.above(0), "variance + eps", "is > 0", Range(given.low, math.inf))


def _eps(call: Call) -> Range:
    return number(float(call.get("eps", call.get("epsilon", 1e-5))), call.dtype)


def instance_norm(call: Call) -> Judgement | None:
    """Of each sample's own statistics, or of running ones."""
    return eps(call) if call.get("use_input_stats", True) else _running(call)


def batch_norm(call: Call) -> Judgement | None:
    """Of the batch, as `eps`; of running statistics, an affine map where they are constants with variance + eps > 0."""
    return eps(call) if call.get("training", call.get("train", True)) else _running(call)


def _running(call: Call) -> Judgement | None:
    variance = call.arguments.get("running_var")
    if not isinstance(variance, Known):
        return eps(call)
    shifted = variance.range + _eps(call)
    if not variance.tainted and shifted.above(0):
        return None
    return _asked(shifted.above(0), "running variance + eps", "is > 0", shifted)


def softplus(call: Call) -> Judgement | None:
    """Its own verdict: analytic as a formula, and a straight line above the threshold as torch computes it."""
    beta, threshold = float(call.get("beta", 1.0)), float(call.get("threshold", 20.0))
    range_ = call.first().range
    if beta == 0:
        return not_certified("β is 0, which it divides by")
    if (number(beta, call.dtype) * range_).high <= number(threshold, call.dtype).low:
        return on_domain(f"β·x stays at or below the threshold {threshold:g}, for x lies in {range_}")
    jump = (max(-threshold, 0.0) + math.log1p(math.exp(-abs(threshold)))) / abs(beta)
    return Judgement(
        Decision.NOT_AS_COMPUTED,
        f"torch switches to the straight line x above β·x = {threshold:g}, a jump of {jump:.2g}; "
        "torch.logaddexp(β·x, 0)/β is analytic as computed",
    )


def no_maximum_of_rows(call: Call) -> Judgement | None:
    """Mode 2 of an embedding bag takes maxima."""
    largest = call.get("mode", 0) == 2
    return not_certified("the largest of several rows has kinks where two are equal") if largest else None


def variance(call: Call) -> Judgement | None:
    """Sums of squares over (count − correction), which must be > 0: one value has no unbiased variance."""
    shape, given = call.first().shape, call.get("dim", [])
    axes = [given] if isinstance(given, int) else list(given) or range(len(shape))
    count = math.prod(shape[axis] for axis in {axis % len(shape) for axis in axes} if shape)
    unbiased = call.arguments.get("unbiased", call.arguments.get("correction"))
    correction = 1.0 if unbiased is None else float(unbiased)
    if count > correction:
        return None
    return not_certified(f"a variance of {count} values with correction {correction:g} divides by no positive number")


def class_loss(call: Call) -> Judgement | None:
    """A mean over classes divides by the sum of their weights: something must be left of it."""
    target, weight = call.arguments.get("target"), call.arguments.get("weight")
    if call.get("reduction", 1) != 1:
        return None
    if isinstance(weight, Known) and weight.value is None:
        return not_certified("a mean over classes divides by the sum of their weights, which are not constants")
    if not isinstance(target, Known) or target.value is None:
        whole = isinstance(target, Known) and target.tainted
        return None if whole else not_certified("its target is not a known constant")
    if target.value.is_floating_point():
        return None
    kept = target.value[target.value != call.get("ignore_index", -100)]
    total = len(kept) if not isinstance(weight, Known) else float(weight.value[kept].sum())
    return (
        None if total > 0 else not_certified("a mean over targets that are all ignored, or of no weight, divides by 0")
    )


# -- kinks


def at(*places: float) -> Kinks:
    """Kinks at fixed places."""
    return lambda call: places


def ends(low: str, high: str, default_low: float, default_high: float) -> Kinks:
    """Kinks at two arguments."""
    return lambda call: (float(call.get(low, default_low)), float(call.get(high, default_high)))


def both_signs(name: str, default: float) -> Kinks:
    """Kinks at plus and minus an argument."""
    return lambda call: (-float(call.get(name, default)), float(call.get(name, default)))


def kinks(places: Kinks) -> Rule:
    """Analytic on every piece: certified where the argument is shown to avoid each kink."""

    def rule(call: Call) -> Judgement | None:
        found, range_ = places(call), call.first().range
        near = None if found is None else [number(place, call.dtype) for place in found]
        if near is not None and all(range_.above(place.high) or range_.below(place.low) for place in near):
            return on_domain(f"its argument stays on one piece, for it lies in {range_}")
        return not_certified(f"(its argument lies in {range_} as far as is known)")

    return rule


def clamp(call: Call) -> Judgement | None:
    """Kinks at its ends, where these are numbers."""
    low, high = ends_of_clamp(call)
    places = tuple(end for end in (low, high) if end is not None and not math.isinf(end))
    plain = not any(isinstance(call.arguments.get(name), Known) for name in ("min", "max"))
    if low is not None and high is not None and not low <= high:
        return not_certified("its lower end is not below its upper one")
    return kinks(lambda _: places if plain else None)(call)


# -- masks


def rows_not_masked(call: Call) -> Judgement | None:
    """A softmax over a row that is −∞ throughout is NaN: each row must keep an entry."""
    known = call.first()
    if not known.masked:
        return None
    dim = call.get("dim", -1)
    if known.finite is not None and bool(known.finite.any(dim if isinstance(dim, int) else tuple(dim)).all()):
        return None
    return not_certified("nothing shows that every row keeps an entry that is not masked")


def attention(call: Call) -> Judgement | None:
    """A softmax of products; its mask, where it has one, is a constant that leaves something of each row."""
    mask = call.arguments.get("attn_mask")
    if not isinstance(mask, Known):
        return None
    if mask.value is None:
        return None if mask.tainted and not mask.masked else not_certified("its mask is not a known constant")
    return None if bool(_kept(mask.value).any(-1).all()) else not_certified("its mask leaves nothing of some row")


def _kept(mask: Tensor) -> Tensor:
    return mask if not mask.is_floating_point() else mask.isfinite()
