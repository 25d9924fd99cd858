from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.chunks import chunk_sizes


def test_the_same_entropy_gives_the_same_bits(simulate):
    assert torch.equal(simulate(trials=3, entropy=2**62 + 1), simulate(trials=3, entropy=2**62 + 1))


def test_another_entropy_gives_other_bits(simulate, simulation, different_rows):
    # A few draws that are counts may well agree.
    trials = 24 if different_rows == 2 else 3
    same = torch.equal(simulate(trials=trials, entropy=1), simulate(trials=trials, entropy=1 + 2**40))
    assert same == simulation.endswith("_at"), "only at given weights is there no noise"


def test_rows_are_finite_and_in_double_precision(simulate):
    draws = simulate(trials=3, entropy=4)
    assert draws.dtype == torch.float64
    assert len(draws) == 3
    assert torch.isfinite(draws).all()


def test_trials_are_independent_draws(simulate, different_rows):
    rows = simulate(trials=5, entropy=4).reshape(5, -1)[:, 0]
    assert different_rows <= len(np.unique(rows)) <= (1 if different_rows == 1 else 5)


@pytest.mark.parametrize("total", [1, 7, 1000])
@pytest.mark.parametrize("numbers", [1, 2**16, 2**40])
def test_chunks_add_up(total, numbers):
    assert sum(chunk_sizes(total, numbers, torch.device("cpu"))) == total


def test_no_trials_is_an_error():
    with pytest.raises(ValueError, match="at least one trial"):
        chunk_sizes(0, 10, torch.device("cpu"))


def test_arguments_are_keywords_only(simulation, found_simulations):
    module, _, name = simulation.rpartition(".")
    function = getattr(importlib.import_module(f"lazy_assay.sims.{module}"), name)
    kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
