from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from lazy_assay import sims
from lazy_assay.sims.core.code_version import code_version, imports_inside, token_text
from lazy_assay.sims.quadratic import neural_tangent, random_features

SIZES = {"d": 5, "N": 3, "B": np.ones(5), "Gamma": np.ones(5) / 5, "activation": "relu"}


def address(**changes: Any) -> str:
    call: dict[str, Any] = {
        "simulate": random_features.population_risk,
        "parameters": SIZES,
        "entropy": 1,
        "trials": 4,
    } | changes
    return sims.content_address(**call)


def test_a_batch_carries_draws_moments_and_seconds() -> None:
    batch = sims.run(random_features.population_risk, SIZES, entropy=3, trials=6)
    assert batch.draws.dtype == np.float64
    assert batch.draws.shape == (6,)
    assert batch.moments.mean == pytest.approx(batch.draws.mean())
    assert batch.seconds > 0


def test_a_simulation_that_loses_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="2 rows for 3 trials"):
        sims.run(lambda *, trials, **_: np.zeros(trials - 1), {}, entropy=0, trials=3)


def test_equal_batches_have_equal_addresses() -> None:
    assert address() == address(parameters=dict(reversed(SIZES.items())))


@pytest.mark.parametrize(
    "changes",
    [
        {"entropy": 2},
        {"trials": 5},
        {"dtype": "float32"},
        {"simulate": random_features.captured_fraction},
        {"parameters": SIZES | {"N": 4}},
        {"parameters": SIZES | {"B": np.array([1, 1, 1, 1, 1 + 1e-15])}},
    ],
)
def test_whatever_decides_the_draws_is_in_the_address(changes: dict[str, Any]) -> None:
    assert address(**changes) != address()


def test_a_lambda_has_no_address() -> None:
    with pytest.raises(TypeError, match="not a function of a module"):
        address(simulate=lambda **_: None)


def test_comments_docstrings_and_layout_leave_the_code_version_alone() -> None:
    plain = "def f(x):\n    return x + 1\n"
    adorned = '"""Module."""\n# why\n\ndef f(x):\n        """Adds."""\n\n        return x + 1  # one\n'
    assert token_text(plain) == token_text(adorned)


@pytest.mark.parametrize("other", ["def f(x):\n    return x + 2\n", 'def f(x):\n    return "x + 1"\n', "f = 1\n"])
def test_code_and_strings_in_use_change_the_code_version(other: str) -> None:
    assert token_text("def f(x):\n    return x + 1\n") != token_text(other)


def test_imports_inside_the_package_are_followed() -> None:
    source = (
        "import numpy\nfrom lazy_assay.sims.numerics import forms\nfrom lazy_assay.sims.core.torch import torch\n"
        "import lazy_assay.sims.core.streams as s\n"
    )
    assert sorted(set(imports_inside(source))) == [
        f"lazy_assay.sims.{name}" for name in ("core.streams", "core.torch", "numerics", "numerics.forms")
    ]


def test_an_edit_in_theory_that_a_simulation_in_checks_computes_with_changes_its_code_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lazy_assay.checks.daniely2019._kernel_interpolation import power_norms
    from lazy_assay.sims.core import code_version as versions

    before, read = code_version(power_norms), versions._source
    edited = {"lazy_assay.theory._mathematics.dual_activations": "\nEDITED = 1\n"}
    versions._version_of.cache_clear()
    monkeypatch.setattr(versions, "_source", lambda module: read(module) + edited.get(module, ""))
    after = code_version(power_norms)
    versions._version_of.cache_clear()
    assert before != after


def test_relative_imports_are_followed_in_the_package_of_the_source() -> None:
    assert imports_inside("from . import _parameter", "lazy_assay.theory") == ["lazy_assay.theory._parameter"]
    assert imports_inside("from .._kernel_space import Scheme", "lazy_assay.theory.daniely2019.x") == [
        "lazy_assay.theory.daniely2019._kernel_space"
    ]


def test_a_name_from_the_face_of_the_simulations_is_followed_to_its_home() -> None:
    assert imports_inside("from lazy_assay.sims import Stream, chunk_sizes as sizes, torch") == [
        f"lazy_assay.sims.core.{name}" for name in ("streams", "chunks", "torch")
    ]


def test_simulations_of_different_modules_have_different_versions() -> None:
    assert code_version(random_features.population_risk) == code_version(random_features.captured_fraction)
    assert code_version(random_features.population_risk) != code_version(neural_tangent.projection_risk)


@pytest.mark.parametrize(
    "module", ["", ".quadratic.random_features", ".quadratic.neural_tangent", ".quadratic.network"]
)
def test_importing_simulations_does_not_import_torch(module: str) -> None:
    code = f"import sys, lazy_assay.sims{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
