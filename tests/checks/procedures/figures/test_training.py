from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay import theory
from lazy_assay.checks.ghorbani2019 import (
    _mixture_frames,
    _quadratic_frames,
    figure1_left,
    figure1_right,
    figure2_left,
    figure2_right,
)
from lazy_assay.checks.ghorbani2019._training_budget import network_gap
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.procedures.figures import Drawn, _training
from lazy_assay.checks.procedures.figures._declaration import Figure, Trained
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.procedures.figures._procedure import Job, jobs, results
from lazy_assay.checks.procedures.figures._training import Chain, run
from lazy_assay.checks.procedures.figures._trajectory import geometric
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.sims.quadratic import training_segments

FIGURES = [figure1_left.FIGURE, figure1_right.FIGURE, figure2_left.FIGURE, figure2_right.FIGURE]


def context(folder: Path, claim: str = "ghorbani2019.figure1_left") -> Context:
    return Context(claim=theory.claim(claim), profile=PROFILES["full"], entropy=3, store=FolderStore(folder))


def chain(series: Trained, figure: Figure, steps: int, checkpoints: int = 1) -> Chain:
    return Chain(
        series.training, figure.setting(series.line, 6, 3), (0.01, 0.02), geometric(steps, checkpoints), "test"
    )


TRAINED = [
    (_quadratic_frames.NETWORK_BY_SGD, figure1_left.FIGURE),
    (_quadratic_frames.TANGENT_BY_SGD, figure1_left.FIGURE),
    (_quadratic_frames.NETWORK_BY_DESCENT, figure1_left.FIGURE),
    (_mixture_frames.NETWORK_BY_SGD, figure2_left.FIGURE),
    (_mixture_frames.TANGENT_BY_SGD, figure2_left.FIGURE),
]


@pytest.mark.parametrize("series,figure", TRAINED)
def test_a_killed_training_goes_on_to_the_same_bits(
    series: Trained, figure: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = chain(series, figure, 40, checkpoints=3)
    monkeypatch.setattr(_training, "FLOPS_PER_SEGMENT", 7 * series.training.flops(6, 3, 2))
    assert len(plan.segments()) >= 6
    whole = run(context(tmp_path / "whole"), plan)
    advance = training_segments.advance
    calls: list[dict[str, Any]] = []

    def killed(**arguments: Any) -> torch.Tensor:
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append(arguments)
        return advance(**arguments)

    monkeypatch.setattr(training_segments, "advance", killed)
    monkeypatch.setattr(_training, "_address", lambda context, plan, ends, what: f"{what}{len(ends)}")
    with pytest.raises(KeyboardInterrupt):
        run(context(tmp_path / "killed"), plan)

    def counted(**arguments: Any) -> torch.Tensor:
        calls.append(arguments)
        return advance(**arguments)

    monkeypatch.setattr(training_segments, "advance", counted)
    again = run(context(tmp_path / "killed"), plan)
    assert len(calls) == len(plan.segments()), "no segment is trained twice"
    np.testing.assert_array_equal(again.state, whole.state)
    np.testing.assert_array_equal(again.risks, whole.risks)


def test_only_the_last_state_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_training, "FLOPS_PER_SEGMENT", 1.0)
    run(context(tmp_path), chain(*TRAINED[0], 5))
    assert len(list(tmp_path.rglob("*.npy"))) == 2


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.claim.id)
def test_the_full_size_plan_runs_at_three_steps(figure: Figure, tmp_path: Path) -> None:
    every = jobs(figure, 450)
    assert {45, 4500} <= {job.N for job in every} or figure.over_samples
    trained = [job for job in every if hasattr(figure.series[job.series], "training")]
    # Each trained series at its smallest N of the paper's own d, by the code of every other size.
    first = {job.series: job for job in reversed(trained)}
    short = replace(figure, series=tuple(_three_steps(series) for series in figure.series))
    for job in first.values():
        rows = results(context(tmp_path, figure.claim.id), short, Options(size=450, steps=3, step_sizes=(0.001,)), job)
        assert all(row.configuration["d"] == 450 and np.isfinite(row.estimate) for row in rows if row.check == "points")


def _three_steps(series: Trained | Drawn) -> Trained | Drawn:
    if not isinstance(series, Trained):
        return series
    return replace(series, training=replace(series.training, steps=lambda values: 3, seeds=2))


def test_trials_of_a_network_wider_than_its_input_are_those_of_its_factor() -> None:
    d, N, B = 3, 5, np.array([0.1, 0.3, 0.2])
    settings: dict[str, Any] = {"d": d, "N": N, "B": B, "initial_scale": 1.0, "offset_rate": 1.0}
    state = training_segments.advance(
        model="network", **settings, batch=7, steps=4, step_sizes=[0.02], first_layer=1, trials=2, entropy=2
    )
    assert state.shape == (2, 1, d * d + 1)
    W = training_segments.first_layers(d=d, N=N, trials=2, entropy=1).numpy() / np.sqrt(N)
    c = np.zeros(2)
    from lazy_assay.sims.core.streams import Stream

    stream = Stream(2)
    for _ in range(4):
        x = stream.normal(2, 1, 7, d).numpy()[:, 0]
        e = (x * B * x).sum(-1) - ((x @ W.transpose(0, 2, 1)) ** 2).sum(-1) - c[:, None]
        step = np.einsum("tb,tbi,tbj->tij", e, x, x) / 7
        W, c = W + 4 * 0.02 * W @ step, c + 2 * 0.02 * e.mean(-1)
    form = state[:, 0, :-1].reshape(2, d, d).numpy()
    np.testing.assert_allclose(form.transpose(0, 2, 1) @ form, W.transpose(0, 2, 1) @ W, rtol=1e-12)
    np.testing.assert_allclose(state[:, 0, -1], c, rtol=1e-12)


@pytest.mark.parametrize("model", ["network", "tangent", "general"])
def test_a_step_on_the_population_is_the_mean_of_steps_on_batches(model: str) -> None:
    d, N = 3, 2
    data = (
        {"B": np.array([0.3, 0.2, 0.1])}
        if model != "general"
        else {"Sigma": np.ones(d), "Delta": np.array([0.3, 0.2, -0.2])}
    )
    settings: dict[str, Any] = {
        "model": model,
        "d": d,
        "N": N,
        **data,
        "initial_scale": 1.0,
        "offset_rate": 2.0,
        "first_layer": 4,
        "trials": 1,
    }
    start = training_segments.advance(**settings, batch=50, steps=5, step_sizes=[0.05], entropy=1).numpy()
    quiet = training_segments.advance(**settings, batch=0, steps=1, step_sizes=[0.1], entropy=0, state=start)
    rows = [
        training_segments.advance(**settings, batch=20_000, steps=1, step_sizes=[0.1], entropy=k, state=start)
        for k in range(30)
    ]
    steps = np.array([row.numpy() for row in rows])[:, 0, 0]
    error = steps.std(axis=0, ddof=1) / np.sqrt(len(steps))
    assert (np.abs(steps.mean(axis=0) - quiet.numpy()[0, 0]) <= 6 * error + 1e-15).all()


def test_the_gap_that_time_leaves_vanishes_and_starts_at_the_targets_size() -> None:
    B = np.random.default_rng(0).exponential(size=20)
    B /= np.sqrt(2 * B @ B)
    gaps = [network_gap(10, B, time, 0.01, 1.0) for time in (1.0, 10.0, 100.0, 1000.0)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-6 < gaps[0]


def test_a_job_names_a_series_and_its_neurons() -> None:
    assert jobs(figure1_right.FIGURE, 10) == [Job(0, 5), Job(1, 5)]
