from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

import pytest

NETWORKS = runpy.run_path(str(Path(__file__).parents[3] / "benchmarks" / "_parameterisations.py"))
# Each planted error is off by half a power of width, or by a whole one.
RESOLUTION = 0.45
# Of a right block: means over places and products of two draws, both smaller at the start than an activation.
NAMED = {"activation readout": (-math.inf, -0.5), "activation scores": (-math.inf, 0.0)}


def judged(widths: tuple[int, ...], seeds: int, **error: float) -> Any:
    recipe = NETWORKS["Recipe"](**error)
    options = {"exceptions": NAMED, "widths": widths, "seeds": seeds, "resolution": RESOLUTION}
    return NETWORKS["judged"](NETWORKS["Transformer"], recipe, **options)


def test_a_right_transformer_is_right() -> None:
    result = judged((16, 32, 64, 128, 256), 16)
    assert result.verdict == "right", str(result)


@pytest.mark.parametrize(
    "error, size",
    [({"attention": 0.5}, "change scores"), ({"readout_step": 0.0}, "change output")],
    ids=["attention over √d", "readout not slowed"],
)
def test_a_transformer_s_planted_error_is_found_where_it_is(error: dict[str, float], size: str) -> None:
    result = judged((16, 32, 64, 128), 16, **error)
    assert size in {f"{row.kind} {row.name}" for row in result.rows if row.verdict == "wrong"}


def test_at_widths_that_are_too_small_a_transformer_is_undecided_and_told_what_would_tell() -> None:
    result = judged((4, 6, 8, 12), 4)
    assert result.verdict == "undecided"
    assert "would tell" in str(result)
