"""The checks of two-phase training: planted faults in the wrapper are noticed; configurations say what is run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay import theory
from lazy_assay.checks.configurations.datasets import load
from lazy_assay.checks.engine.perform import run as run_task
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.kawaguchi2021 import _controls
from lazy_assay.checks.kawaguchi2021 import _two_phase as runs
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.sims.two_phase import TwoPhase
from lazy_assay.sims.two_phase._rank import Watch
from lazy_assay.theory.kawaguchi2021._last_layer import decayed_loss


def results(claim: str, ending: str) -> list[Result]:
    (task,) = [task for task in tasks(f"kawaguchi2021.{claim}") if task.id.endswith(ending)]
    return run_task(task, Context(claim=task.claim, profile=PROFILES["quick"], entropy=3, suspects=2))


def of_claim(found: list[Result]) -> set[Verdict]:
    return {result.verdict for result in found if result.subject is Subject.CLAIM}


def test_a_wrapper_that_does_not_perturb_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TwoPhase, "_perturb", lambda self: None)
    found = results("algorithm1", "perturbation/certificates")
    assert {r.verdict for r in found if r.name == "full after"} == {Verdict.DISAGREES}


def test_a_wrapper_that_perturbs_makes_the_rank_full() -> None:
    assert of_claim(results("algorithm1", "perturbation/certificates")) == {Verdict.AGREES}


def test_a_wrapper_that_does_not_shorten_its_steps_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TwoPhase, "_keep_rank", lambda self, watch, before: None)
    assert of_claim(results("algorithm1", "one neuron")) == {Verdict.DISAGREES}


def test_a_watch_of_the_wrong_singular_value_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "value", lambda self: 1.0)
    assert of_claim(results("algorithm1", "one neuron")) == {Verdict.DISAGREES}


def test_every_control_leaves_the_loss_above_epsilon() -> None:
    found = results("algorithm1", "controls")
    assert {r.name for r in found} == {"expressivity", "no weight decay", "units that are on"}
    assert {(r.subject, r.verdict) for r in found} == {(Subject.CONTROL, Verdict.DISAGREES)}


def test_a_closed_form_of_the_weight_decay_that_is_off_by_a_hundredth_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(*given: Any, scale: float, **more: Any) -> float:
        return decayed_loss(*given, scale=1.01 * scale, **more)

    monkeypatch.setattr(_controls, "decayed_loss", wrong)
    found = {r.name: r.verdict for r in results("algorithm1", "controls")}
    assert found["no weight decay"] is Verdict.UNDECIDED


def test_hidden_layers_that_go_on_moving_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = TwoPhase.step_features

    def wrong(self: TwoPhase, features: torch.Tensor, targets: torch.Tensor) -> Any:
        for parameter in self.hidden.values():
            parameter.data.add_(1e-12)
        return right(self, features, targets)

    monkeypatch.setattr(TwoPhase, "step_features", wrong)
    (found,) = (r for r in results("algorithm1", "from copies") if r.subject is Subject.CLAIM)
    assert found.verdict is Verdict.UNDECIDED
    assert "hidden layers moved" in found.message


@pytest.mark.parametrize("name", ["algorithm1", "table1", "table2", "figure2"])
def test_each_part_says_what_is_expected_of_it(name: str) -> None:
    claim = theory.claim(f"kawaguchi2021.{name}")
    assert set(check(claim.id).expected) == {part.name for part in claim.parts}


def test_versions_are_found_in_the_order_in_which_a_run_returns_them() -> None:
    switches, noises = [0.4, 0.6], [0.1, 0.2, 0.3]
    grid = runs.changed(runs.PAPER, switches=switches, noises=noises)
    order = [(switch, noise) for switch in switches for noise in noises]
    assert [runs.version(grid, *pair) for pair in order] == [1, 2, 3, 4, 5, 6]


def test_training_and_test_set_share_no_image_and_leave_none_out() -> None:
    told: dict[str, Any] = runs.settings(theory.materialise({**runs.PAPER, "n": 300}, runs.PARAMETERS))
    assert (len(told["images"]), len(told["test_images"])) == (300, 1497)
    rows = np.concatenate([told["images"], told["test_images"]]).reshape(1797, -1)
    assert len(np.unique(rows, axis=0)) == len(np.unique(load("digits").inputs, axis=0))
    assert told["switches"] == [60]
    assert told["checkpoints"] == [60, 70, 80, 85, 90, 95, 100]
