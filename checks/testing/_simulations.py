"""What every simulation must pass."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from lazy_assay.checks.testing._battery import Battery
from lazy_assay.sims.core.torch import torch

Simulation = Callable[..., Any]
LARGE = 2**62 + 1
STANDIN = "standin"


class SimulationBattery(Battery):
    """Tests of one simulation at small sizes: streams, shapes, precision, independence of trials, placement.

    simulation: the function. sizes: its arguments but for trials, entropy, device and dtype. counts: its draws are
    counts, so that independent trials may agree. noiseless: it draws nothing (a form `…_at` given weights).
    """

    simulation: Simulation
    sizes: Mapping[str, Any]
    counts: bool = False
    noiseless: bool = False

    @property
    def function(self) -> Simulation:
        """The simulation, which is no method of this class."""
        return vars(self).get("simulation") or type(self).simulation

    def draws(self, **given: Any) -> Any:
        """Raw draws, a trial a row."""
        return self.function(**self.sizes, **given)

    @property
    def name(self) -> str:
        """The simulation in messages."""
        return f"{self.function.__module__}.{self.function.__name__}"

    def test_the_same_entropy_gives_the_same_bits(self) -> None:
        same = torch.equal(self.draws(trials=3, entropy=LARGE), self.draws(trials=3, entropy=LARGE))
        assert same, f"{self.name}: two calls with one entropy differ; draw from `Stream(entropy, device, dtype)` alone"

    def test_another_entropy_gives_other_bits(self) -> None:
        # A few draws that are counts may well agree.
        trials = 24 if self.counts else 3
        same = torch.equal(self.draws(trials=trials, entropy=1), self.draws(trials=trials, entropy=1 + 2**40))
        assert same == self.noiseless, f"{self.name}: entropies 1 and 1 + 2^40 give the same draws"

    def test_rows_are_finite_and_in_double_precision(self) -> None:
        drawn = self.draws(trials=3, entropy=4)
        assert drawn.dtype == torch.float64, f"{self.name}: draws are {drawn.dtype}, asked for float64"
        assert len(drawn) == 3, f"{self.name}: three trials give {len(drawn)} rows"
        assert bool(torch.isfinite(drawn).all()), f"{self.name}: a draw is not finite"

    def test_trials_are_independent_draws(self) -> None:
        trials = 24 if self.counts else 5
        different = len(np.unique(self.draws(trials=trials, entropy=4).reshape(trials, -1)[:, 0]))
        least, most = (1, 1) if self.noiseless else (2, trials) if self.counts else (trials, trials)
        told = f"{self.name}: of {trials} trials {different} differ in their first number"
        assert least <= different <= most, told

    def test_arguments_are_keywords_only(self) -> None:
        parameters = inspect.signature(self.function).parameters.values()
        loose = [parameter.name for parameter in parameters if parameter.kind is not parameter.KEYWORD_ONLY]
        assert not loose, f"{self.name}: {loose[0]} is no keyword-only argument; put a * before the first"

    def test_it_stays_on_its_device_and_in_single_precision(self) -> None:
        """Run without numbers on a device that is not there: a tensor left on the CPU raises, in either precision."""
        from torch._subclasses.fake_tensor import FakeTensorMode

        device = standin()
        with FakeTensorMode():
            drawn = self.draws(trials=2, entropy=0, device=device, dtype="float32")
        assert drawn.device.type == device, f"{self.name}: draws end on {drawn.device.type}, not on the device"
        assert drawn.dtype == torch.float32, f"{self.name}: draws are {drawn.dtype}, asked for float32"
        assert len(drawn) == 2, f"{self.name}: two trials give {len(drawn)} rows"


def standin() -> str:
    """A device that is not there: under FakeTensorMode tensors can be placed on it.

    To be called before the process's first backward pass: torch's autograd engine counts devices then, and never again.
    """
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    if torch._C._get_privateuse1_backend_name() != STANDIN:
        _setup_privateuseone_for_python_backend(STANDIN)
        # Checkpoints ask every accelerator, this one too, for what it computes in under autocast.
        getattr(torch, STANDIN).get_amp_supported_dtype = lambda: [torch.bfloat16]
    return STANDIN


def simulations_in(package: ModuleType, *, without: Sequence[str] = ()) -> dict[str, Simulation]:
    """Public functions of a package's public modules that take `trials` and `entropy`, by their path in it."""
    found: dict[str, Simulation] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        steps = info.name.removeprefix(f"{package.__name__}.").split(".")
        if steps[0] not in without and not any(step.startswith("_") for step in steps):
            module = importlib.import_module(info.name)
            found |= {f"{'.'.join(steps)}.{label}": function for label, function in _of(module)}
    return found


def _of(module: ModuleType) -> Iterator[tuple[str, Simulation]]:
    for label, function in inspect.getmembers(module, inspect.isfunction):
        own = function.__module__ == module.__name__ and not label.startswith("_")
        if own and {"trials", "entropy"} <= set(inspect.signature(function).parameters):
            yield label, function
