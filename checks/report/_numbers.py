"""Numbers as a reader wants them: as many digits as the interval warrants, powers of ten as such, infinities named."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = "−"
NAME = 40
_GREEK = {unicodedata.name(sign).split()[-1].replace("LAMDA", "LAMBDA"): sign for sign in "αβγδεζηθικλμνξπρστυφχψω"}
# Powers of ten that can be divided by without loss.
_ALIGNED = 300


def power_of_ten(exponent: int) -> str:
    """10 to that power, as text."""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return None


def _fixed(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")


def number(value: Any, digits: int = 3) -> str:
    """One number to `digits` significant digits; whole numbers below a million in full; NaN reads "none"."""
    value = float(value)
    if (special := _special(value)) is not None:
        return special
    if value == math.floor(value) and abs(value) < 1e6:
        return _fixed(value, 0)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -4 < exponent < 6:
        text = _fixed(value, max(0, digits - 1 - exponent))
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    mantissa = mantissa.replace("-", MINUS)
    return power_of_ten(exponent) if mantissa == "1" else f"{mantissa}·{power_of_ten(exponent)}"


def aligned(values: Sequence[Any], spread: Any) -> list[str]:
    """Several numbers to the same place: the second significant digit of `spread`, the half-width of their interval."""
    floats, spread = [float(value) for value in values], float(spread)
    sizes = [abs(value) for value in floats if math.isfinite(value)]
    largest = max(sizes, default=0.0)
    if not (math.isfinite(spread) and spread > 0 and largest > 0) or spread < 1e-13 * largest:
        return [number(value, 6) for value in floats]
    exponent = math.floor(math.log10(largest))
    if abs(exponent) >= _ALIGNED:
        return [number(value, 6) for value in floats]
    shift = exponent if not -4 < exponent < 6 else 0
    decimals = min(max(0, 1 - math.floor(math.log10(spread)) + shift), 12)
    suffix = f"·{power_of_ten(shift)}" if shift else ""
    return [_special(value) or (_fixed(value / 10.0**shift, decimals) + suffix if value else "0") for value in floats]


def percent(share: float) -> str:
    """A share as a percentage with two significant digits."""
    return f"{number(100 * share, 2)}\u00a0%"


def seconds(value: Any) -> str:
    """A duration in the unit that fits it."""
    value = float(value)
    if value < 90:
        return f"{number(value, 2)} s"
    return f"{number(value / 60, 2)} min" if value < 5400 else f"{number(value / 3600, 2)} h"


def scalar(value: Any) -> str:
    """A configuration's value: numbers short, names as they are, arrays that were written out cut short."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value, 4)
    return str(value) if len(str(value)) <= NAME else f"{str(value)[:NAME]}…"


def letter(name: str) -> str:
    """A parameter as a reader of the paper knows it: Γ for `Gamma`, λ_u for `lambda_u`, words without underscores."""
    first, _, rest = name.partition("_")
    if sign := _GREEK.get(first.upper()):
        sign = sign.upper() if first[0].isupper() else sign
        return f"{sign}_{letter(rest)}" if rest else sign
    return name.replace("_", " ")


def configuration(items: Mapping[str, Any], without: Iterable[str] = (), *, short: bool = False) -> str:
    """A configuration as `d = 50, N = 20`, less the keys that the reader was told already; `short` for a picture,
    where a value that is a word, such as `relu`, speaks for itself."""
    left = {letter(name): value for name, value in items.items() if name not in without}
    return ", ".join(
        value if short and isinstance(value, str) and len(name) > 3 else f"{name} = {scalar(value)}"
        for name, value in left.items()
    )


def training(figures: Mapping[str, Any]) -> str:
    """How long a trained route trained: `step size 0.1, 200 steps, time 20, α = 4`; empty for the others."""
    names = ("step size", "steps", "time", "alpha")
    if any(name not in figures for name in names):
        return ""
    size, steps, time, alpha = (number(figures[name], 4) for name in names)
    return f"step size {size}, {steps} steps, time {time}, α = {alpha}"


def plural(count: int, noun: str) -> str:
    """`1 claim`, `2 claims`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
