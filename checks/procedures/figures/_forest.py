"""Draws effects one below the other: interval and estimate, what they are held against, controls in grey."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from lazy_assay.checks.procedures.figures._picture import saved
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Claim

# Okabe and Ito's: told apart with any colour vision, and beside that by their signs.
COLOURS = {Verdict.AGREES: ("#0072B2", "o"), Verdict.DISAGREES: ("#D55E00", "X")}
OPEN, CONTROL = ("#E69F00", "D"), ("0.5", "s")
# Inches: a panel a part, a line an effect; large letters for a width that a phone shrinks to 400 pixels.
WIDTH, HEAD, LINE, FONT = 6.4, 0.9, 0.52, 12
# What a line below an axis has room for.
LETTERS = 64
# What a line of the title has room for, in larger letters.
ACROSS = 60


def draw(folder: Path, claim: Claim, title: str, results: Sequence[Result]) -> list[Path]:
    """figure.svg and figure.png; the same results give the same bytes."""
    drawn = [result for result in results if np.isfinite(result.estimate) and result.subject is not Subject.DECOY]
    parts = list(dict.fromkeys(result.part for result in drawn))
    groups = [[result for result in drawn if result.part == part] for part in parts]

    def panels(canvas: Any) -> None:
        canvas.suptitle("\n".join(fill(line, ACROSS) for line in title.splitlines()), fontsize=FONT)
        ratios = [1 + len(group) for group in groups]
        for axes, part, group in zip(
            canvas.subplots(max(len(groups), 1), 1, squeeze=False, height_ratios=ratios or None)[:, 0],
            parts,
            groups,
            strict=False,
        ):
            _panel(axes, claim, part, group)

    height = HEAD + sum(HEAD + LINE * len(group) for group in groups)
    return saved(folder, claim.id, title.partition("\n")[0], (WIDTH, height), FONT, panels)


def _panel(axes: Any, claim: Claim, part: str, group: Sequence[Result]) -> None:
    for level, result in enumerate(reversed(group)):
        colour, sign = CONTROL if result.subject is Subject.CONTROL else COLOURS.get(result.verdict, OPEN)
        ends = [end if np.isfinite(end) else result.estimate for end in result.interval]
        axes.plot(ends, [level, level], color=colour, linewidth=2.2)
        axes.plot([result.estimate], [level], color=colour, marker=sign, markersize=8, linestyle="none")
        axes.plot([result.predicted], [level], color="0.2", marker="|", markersize=18, linestyle="none")
    axes.axvline(0.0, color="0.6", linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(group)), [_label(result, group) for result in reversed(group)], fontsize=FONT - 3)
    axes.set_ylim(-0.6, len(group) - 0.4)
    axes.grid(axis="x", alpha=0.25, linewidth=0.6)
    stated = claim.part(part)
    told = f"{stated.quantity.meaning} ({stated.estimated_units}); | is the {stated.beside}"
    # Towards the left there is the room of the names.
    axes.set_xlabel(fill(told, LETTERS), fontsize=FONT - 3, loc="right")


def _label(result: Result, group: Sequence[Result]) -> str:
    """Its name, and what of its configuration tells it from others of that name."""
    name = result.name or result.route
    others = [other.configuration for other in group if (other.name or other.route) == name]
    own = [
        f"{key} = {value}" for key, value in result.configuration.items() if any(o.get(key) != value for o in others)
    ]
    told = ", ".join([name, *own])
    return f"{told}\n{result.word or result.verdict.value.lower()}, {result.trials} seeds"
