"""The same malformed modules and data before every instrument: each is refused, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lazy_assay.sims.analyticity import Decision, analyticity
from lazy_assay.sims.kernels import KernelError, empirical_ntk
from lazy_assay.sims.rank import RankVerdict, certified_rank
from lazy_assay.sims.two_phase import TwoPhase, TwoPhaseError

NAN, INF = float("nan"), float("inf")


def network() -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)).double()


class Told(nn.Module):
    """Makes of its network and the data what it is told to."""

    def __init__(self, forward: Callable[[nn.Module, Tensor], Any]) -> None:
        super().__init__()
        self.net, self.told = network(), forward

    def forward(self, x: Tensor) -> Any:
        return self.told(self.net, x)


class Counting(nn.Module):
    """Keeps how often it was called, and uses it."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.net = network()
        self.register_buffer("calls", torch.zeros((), dtype=torch.float64))

    def forward(self, x: Tensor) -> Any:
        self.calls += 1
        return self.net(x / self.calls)


def having(parameter: Tensor) -> nn.Module:
    """With another first weight."""
    module = network()
    module[0].weight = nn.Parameter(parameter)
    return module


def holding(buffer: Tensor) -> nn.Module:
    module = network()
    module.register_buffer("extra", buffer)
    return module


def overlapping() -> nn.Module:
    module = network()
    first, last = module[0], module[2]
    assert isinstance(first, nn.Linear)
    last.bias = nn.Parameter(first.weight.detach().view(-1)[:3])
    return module


def failing(net: nn.Module, x: Tensor) -> Tensor:
    raise KeyError("no such\nkey")


def points() -> Tensor:
    return torch.linspace(-1, 1, 35, dtype=torch.float64).reshape(7, 5).sin()


def spoilt(value: float) -> Tensor:
    made = points()
    made[3, 1] = value
    return made


# -- the instruments: what each answers, or the line in which it refuses ----------------------------------------------


def of_kernels(module: Any, x: Any) -> str:
    try:
        return str(empirical_ntk(module, x).shape)
    except KernelError as error:
        return str(error)


def of_rank(module: Any, x: Any) -> str:
    found = certified_rank(module, x)
    return found.reason if found.verdict is RankVerdict.NONE else found.verdict


def of_analyticity(module: Any, x: Any) -> str:
    found = analyticity(module, x)
    return found.reason if found.decision is Decision.NO_VERDICT else found.decision


def of_two_phase(module: Any, x: Any) -> str:
    held = module.parameters() if isinstance(module, nn.Module) else network().parameters()
    try:
        return f"phase {TwoPhase(module, torch.optim.SGD(held, lr=0.1), x, torch.arange(7) % 3).phase}"
    except TwoPhaseError as error:
        return str(error)


@dataclass(frozen=True)
class Instrument:
    """`data` is what it calls the points, `takes` a sound module's answer."""

    ask: Callable[[Any, Any], str]
    data: str
    takes: str


INSTRUMENTS = {
    "kernels": Instrument(of_kernels, "x", "torch.Size([7, 7])"),
    "rank": Instrument(of_rank, "data", "full rank"),
    "analyticity": Instrument(of_analyticity, "input 0", "certified analytic"),
    "two_phase": Instrument(of_two_phase, "inputs", "phase 1"),
}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_what_is_spoilt_below_is_sound_as_it_is(name: str) -> None:
    instrument = INSTRUMENTS[name]
    for module in (network(), Told(lambda net, x: net(x)), holding(torch.ones(2, dtype=torch.float64))):
        assert instrument.ask(module, points()) == instrument.takes


# -- modules ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Malformed:
    """A module, what is said of it, and the instruments that take it all the same, with the reason."""

    make: Callable[[], Any]
    words: str
    but: tuple[str, ...] = ()


# Rank and analyticity take the whole batch, follow memory, and ask about the module in the state that it is in; to
# analyticity a draw is a constant, and operators that return no real numbers are in its table or not. Kernels are of
# each point alone, whatever branch it takes, and training follows the branch that it meets.
MODULES = {
    "a function": Malformed(lambda: torch.tanh, "a torch.nn.Module is needed, got builtin_function_or_method"),
    "a class": Malformed(lambda: nn.Linear, "a torch.nn.Module is needed, got type"),
    "nothing": Malformed(lambda: None, "a torch.nn.Module is needed, got NoneType"),
    "no shape yet": Malformed(
        lambda: nn.Sequential(nn.LazyLinear(8), nn.Tanh(), nn.Linear(8, 3)).double(),
        "parameter 0.weight has no shape yet; call the module once first",
    ),
    "complex parameters": Malformed(
        lambda: network().to(torch.complex128), "parameter 0.weight is torch.complex128; parameters are real: hold both"
    ),
    "a sparse parameter": Malformed(
        lambda: having(torch.eye(8, 5, dtype=torch.float64).to_sparse()),
        "parameter 0.weight is torch.sparse_coo, not dense; use to_dense()",
    ),
    "no numbers": Malformed(lambda: network().to("meta"), "parameter 0.weight is on the device 'meta' and holds no"),
    "NaN": Malformed(
        lambda: having(torch.full((8, 5), NAN, dtype=torch.float64)), "parameter 0.weight holds NaN or infinite numbers"
    ),
    "an infinity": Malformed(
        lambda: having(torch.full((8, 5), INF, dtype=torch.float64)), "parameter 0.weight holds NaN or infinite numbers"
    ),
    "two precisions": Malformed(
        lambda: nn.Sequential(nn.Linear(5, 8).double(), nn.Tanh(), nn.Linear(8, 3)),
        "mixed dtypes: DATA is torch.float64, parameter 2.weight is torch.float32; convert module and data to one",
    ),
    "single precision": Malformed(
        lambda: network().float(), "mixed dtypes: DATA is torch.float64, parameter 0.weight is torch.float32; convert"
    ),
    "a buffer of NaN": Malformed(
        lambda: holding(torch.full((2,), NAN, dtype=torch.float64)), "buffer extra holds NaN; replace it first"
    ),
    "a sparse buffer": Malformed(
        lambda: holding(torch.eye(2, dtype=torch.float64).to_sparse()), "buffer extra is torch.sparse_coo, not dense"
    ),
    "a quantised buffer": Malformed(
        lambda: holding(torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)), "buffer extra is quantised"
    ),
    "a buffer without numbers": Malformed(
        lambda: holding(torch.ones(2, device="meta", dtype=torch.float64)), "buffer extra is on the device 'meta' and"
    ),
    "parameters that overlap": Malformed(
        overlapping, "parameters 2.bias and 0.weight share memory but are two", ("rank", "analyticity")
    ),
    "an error of its own": Malformed(lambda: Told(failing), "the module fails on its inputs (KeyError: 'no such"),
    "another width": Malformed(
        lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double(),
        "the module fails on its inputs (RuntimeError: mat1 and mat2 shapes cannot be multiplied",
    ),
    "no result": Malformed(lambda: Told(lambda net, x: None), "the module returns NoneType, which has no gradient"),
    "a text": Malformed(lambda: Told(lambda net, x: "three"), "the module returns str, which has no gradient"),
    "an empty tuple": Malformed(lambda: Told(lambda net, x: ()), "the module returns no tensor; let it return real"),
    "classes": Malformed(
        lambda: Told(lambda net, x: net(x).argmax(-1)),
        "the module returns torch.int64, which has no gradient; let it return real numbers",
        ("analyticity",),
    ),
    "complex numbers": Malformed(
        lambda: Told(lambda net, x: torch.complex(net(x), net(x))),
        "the module returns torch.complex128; outputs are real: let it return torch.view_as_real",
        ("analyticity",),
    ),
    "a draw": Malformed(
        lambda: Told(lambda net, x: net(x + torch.rand_like(x))),
        "the module draws at random, so that its outputs are no function of its inputs; call module.eval() first",
        ("analyticity",),
    ),
    "a count": Malformed(
        Counting, "the module changes its parameters or buffers when called; call", ("rank", "analyticity")
    ),
    "points that mix": Malformed(
        lambda: Told(lambda net, x: net(x - x.mean(0))),
        "what the module makes of a point depends on the other points of a batch; let each point go through alone",
        ("rank", "analyticity"),
    ),
    "a branch on values": Malformed(
        lambda: Told(lambda net, x: net(x) if float(x.sum()) > 0 else net(-x)),
        "the module's control flow depends on values, so that no one network stands for it",
        ("kernels", "two_phase"),
    ),
}
DATA: dict[str, tuple[Callable[[], Any], str, tuple[str, ...]]] = {
    "a list": (lambda: points().tolist(), "DATA is list; a torch.Tensor is needed", ("rank", "analyticity")),
    "a sparse tensor": (lambda: points().to_sparse(), "DATA is torch.sparse_coo, not dense; use to_dense()", ()),
    "NaN in a row": (lambda: spoilt(NAN), "DATA holds NaN or infinite numbers: clean the data first", ()),
    "infinity in a row": (lambda: spoilt(-INF), "DATA holds NaN or infinite numbers: clean the data first", ()),
    "complex rows": (lambda: points() + 0j, "DATA is torch.complex128; data are real: torch.view", ("analyticity",)),
    "another precision": (lambda: points().float(), "mixed dtypes: DATA is torch.float32, parameter 0.weight is", ()),
    "another device": (
        lambda: points().to("meta"),
        "mixed devices: DATA is meta, ",
        ("rank",),
    ),
}


@pytest.mark.filterwarnings("ignore:Lazy modules", "ignore:.*quantized", "ignore:.*omplex modules")
@pytest.mark.parametrize(
    "case, name",
    [(case, name) for case, malformed in MODULES.items() for name in INSTRUMENTS if name not in malformed.but],
)
def test_a_malformed_module_is_refused_by_every_instrument_in_the_same_words(case: str, name: str) -> None:
    instrument, malformed = INSTRUMENTS[name], MODULES[case]
    found = instrument.ask(malformed.make(), points())
    assert found.startswith(malformed.words.replace("DATA", instrument.data))
    assert "\n" not in found


@pytest.mark.parametrize(
    "case, name", [(case, name) for case, (_, _, but) in DATA.items() for name in INSTRUMENTS if name not in but]
)
def test_malformed_data_are_refused_by_every_instrument_in_the_same_words(case: str, name: str) -> None:
    instrument, (make, words, _) = INSTRUMENTS[name], DATA[case]
    found = instrument.ask(network(), make())
    assert found.startswith(words.replace("DATA", instrument.data))
    assert "\n" not in found


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_module_that_is_refused_is_left_as_it_was(name: str) -> None:
    module = Told(failing)
    before = {key: value.clone() for key, value in module.state_dict().items()}
    state = torch.get_rng_state()
    INSTRUMENTS[name].ask(module, points())
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert module.training
