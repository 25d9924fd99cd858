from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lazy_assay import expect, scaling
from lazy_assay.checks.scaling import Scaling
from lazy_assay.checks.scaling.page import page
from lazy_assay.checks.scaling.tables import TABLES, allowed

INPUTS = torch.randn(16, 8, generator=torch.Generator().manual_seed(0))
DATA = (INPUTS, INPUTS.sign())
OPTIONS: dict[str, Any] = {"widths": (16, 32, 64, 128, 256), "seeds": 12, "steps": (0, 1)}


class Layers(nn.Module):
    """Two layers, tanh between; the readout is drawn with `start` and its output multiplied by `factor`."""

    def __init__(self, width: int, start: float, factor: float = 1.0) -> None:
        super().__init__()
        self.hidden, self.readout = nn.Linear(8, width, bias=False), nn.Linear(width, 8, bias=False)
        nn.init.normal_(self.hidden.weight, std=0.35)
        nn.init.normal_(self.readout.weight, std=start)
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.readout(torch.tanh(self.hidden(x)))
        return self.factor * features


def adam(hidden: float = 0.0, readout: float = -1.0) -> Callable[[Layers, int], torch.optim.Optimizer]:
    """Adam moves every weight by its step: these are the steps' powers of width."""

    def optimiser(module: Layers, width: int) -> torch.optim.Optimizer:
        steps = ((module.hidden, 0.02 * (width / 32) ** hidden), (module.readout, 0.02 * (width / 32) ** readout))
        return torch.optim.Adam([{"params": layer.parameters(), "lr": step} for layer, step in steps])

    return optimiser


def mup(width: int) -> Layers:
    return Layers(width, 1 / width)


RIGHT = adam()
# The readout's own output is not the network's here: it is multiplied by a factor after it.
NAMED = {"activation readout": (-math.inf, -0.5)}


def judged(model: Callable[[int], nn.Module] = mup, optimiser: Any = RIGHT, **options: Any) -> Scaling:
    return scaling(model, DATA, **{**OPTIONS, "optimiser": optimiser, "exceptions": NAMED, **options})


def test_a_right_parameterisation_is_right() -> None:
    result = judged()
    assert result.verdict == "right", str(result)
    result.require()


@pytest.mark.parametrize(
    "model,optimiser,size",
    [
        (mup, adam(readout=0.0), "change output"),
        (lambda width: Layers(width, width**-0.5), RIGHT, "activation output"),
        (mup, adam(hidden=-1.0), "change hidden"),
    ],
    ids=["readout not slowed", "readout drawn too large", "features too slow"],
)
def test_a_planted_error_is_found_where_it_is(model: Any, optimiser: Any, size: str) -> None:
    result = judged(model, optimiser)
    assert result.verdict == "wrong"
    wrong = {f"{row.kind} {row.name}" for row in result.rows if row.verdict == "wrong"}
    assert size in wrong
    with pytest.raises(expect.Wrong, match=size):
        result.require()


def test_the_tangent_parameterisation_is_right_by_its_own_table_and_wrong_by_that_of_features() -> None:
    def tangent(width: int) -> Layers:
        return Layers(width, 1.0, width**-0.5)

    def descent(module: Layers, width: int) -> torch.optim.Optimizer:
        return torch.optim.SGD(module.parameters(), lr=0.1)

    ntk = {"table": "ntk", "exceptions": {"activation readout": 0.5, "change readout": 0.5}}
    assert judged(tangent, descent, **ntk).verdict == "right"
    assert judged(tangent, descent).verdict == "wrong"


def test_few_seeds_and_small_widths_are_undecided_and_no_assertion_error() -> None:
    result = judged(widths=(2, 3, 4, 5), seeds=4)
    assert result.verdict == "undecided"
    with pytest.raises(expect.Undecided):
        result.require()


def test_a_readout_that_begins_at_zero_is_a_named_exception() -> None:
    def silent(width: int) -> Layers:
        return Layers(width, 0.0)

    plain = judged(silent, exceptions={"change hidden": (-math.inf, 0.0)})
    unnamed = [row for row in plain.rows if row.verdict == "undecided"]
    assert [(row.kind, row.name, row.step) for row in unnamed] == [("activation", "readout", 0)]
    assert "exceptions=" in unnamed[0].reason
    assert judged(silent, exceptions={"change hidden": (-math.inf, 0.0), **NAMED}).verdict == "right"


def test_the_last_line_of_a_table_that_fits_decides() -> None:
    assert allowed(TABLES["mup"], "activation", "layer.1", 0) == (0.0, 0.0)
    assert allowed(TABLES["mup"], "activation", "output", 0) == (-math.inf, -0.5)
    assert allowed(TABLES["mup"], "activation", "output", 3) is None
    assert allowed({"update *": -1.0}, "update", "readout.weight", 2) == (-1.0, -1.0)


def test_levels_are_shared_by_what_is_judged() -> None:
    narrow = judged(table={"change output": 0.0}, exceptions={})
    wide = judged(table={"change output": 0.0, "tensor *": (-9.0, 9.0)}, exceptions={})
    one, other = (next(r for r in it.rows if (r.kind, r.name) == ("change", "output")) for it in (narrow, wide))
    assert one.exponent == other.exponent
    assert one.interval[1] - one.interval[0] < other.interval[1] - other.interval[0]


REFUSED: dict[str, tuple[Callable[[], Scaling], str]] = {
    "widths stay": (lambda: judged(widths=(8, 8, 16, 32)), "do not grow"),
    "three widths": (lambda: judged(widths=(8, 16, 32)), "do not grow"),
    "table": (lambda: judged(table="best"), "one of mup"),
    "seeds": (lambda: judged(seeds=2), "at least 4"),
    "steps": (lambda: judged(steps=(-1,)), "0 for the start"),
    "no module": (lambda: judged(lambda width: 3), "torch.nn.Module is needed"),  # type: ignore[arg-type, return-value]
    "own draws": (lambda: judged(undetermined), "torch's same seed"),
    "factory fails": (lambda: judged(lambda width: 1 / 0), "the factory fails"),  # type: ignore[arg-type, return-value]
    "diverges": (lambda: judged(optimiser=lambda m, w: torch.optim.SGD(m.parameters(), lr=math.inf)), "finite"),
    "other shape": (lambda: judged(lambda width: nn.Linear(3, width)), "width 16, seed"),
    "NaN in data": (lambda: on_data((INPUTS * math.nan, INPUTS)), "inputs holds NaN"),
    "infinite targets": (lambda: on_data((INPUTS, INPUTS / 0)), "targets holds"),
    "no targets": (lambda: on_data((INPUTS,)), "two of them"),
    "infinite weights": (lambda: judged(lambda width: Layers(width, math.inf)), "readout.weight holds"),
    "no optimiser": (lambda: judged(optimiser=lambda module, width: None), "width 16, seed"),
    "meta": (lambda: judged(lambda width: mup(width).to("meta")), "holds no numbers"),
}


def on_data(data: Any) -> Scaling:
    return scaling(mup, data, **{**OPTIONS, "optimiser": RIGHT, "seeds": 4})


def undetermined(width: int) -> nn.Module:
    generator = torch.Generator()
    generator.seed()
    layer = nn.Linear(8, width)
    nn.init.normal_(layer.weight, generator=generator)
    return layer


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_measured_is_refused_in_one_line(kind: str) -> None:
    call, words = REFUSED[kind]
    with pytest.raises(expect.Refused, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a machine without CUDA")
def test_a_cuda_module_on_a_machine_without_cuda_is_one_line() -> None:
    with pytest.raises(expect.Refused, match="the factory fails") as caught:
        judged(lambda width: mup(width).cuda())
    assert "\n" not in str(caught.value)


def test_a_page_shows_each_size_and_no_code_of_a_name() -> None:
    class Named(Layers):
        def __init__(self, width: int) -> None:
            super().__init__(width, 1 / width)
            self.add_module("<b>$x", nn.Identity())

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * super().get_submodule("<b>$x")(super().forward(x))  # type: ignore[no-any-return]

    text = page(judged(Named, steps=(0,), widths=(4, 8, 16, 32), seeds=4))
    assert text.count("<svg") == 1
    assert "&lt;b&gt;$x" in text
    assert "<b>" not in text
