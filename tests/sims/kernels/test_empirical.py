from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import KernelError, empirical_ntk, limiting_kernels
from lazy_assay.sims.kernels._plan import plans
from lazy_assay.sims.modules.alone import Subject
from lazy_assay.sims.modules.scrutiny import trained

SPEC = importlib.util.spec_from_file_location("kernel_modules", Path(__file__).with_name("modules.py"))
assert SPEC
assert SPEC.loader
EXAMPLES = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(EXAMPLES)
MODULES = EXAMPLES.MODULES


def made(name: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        module: nn.Module = MODULES[name][0]()
        return module.double()


def points(name: str, n: int) -> torch.Tensor:
    return Stream(stream_key(1, name, {}, 0)).normal(n, *MODULES[name][1])


def flattened(outputs: torch.Tensor, n: int) -> torch.Tensor:
    parts = outputs.values() if isinstance(outputs, dict) else outputs if isinstance(outputs, tuple) else None
    return outputs.reshape(n, -1) if parts is None else torch.cat([flattened(part, n) for part in parts], dim=1)


def gradients(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The Jacobian in the plainest words: a backward pass for each point and output."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    rows = []
    for point in x.split(1):
        outputs = flattened(module(point.clone()), 1)[0]
        for o in outputs:
            found = torch.autograd.grad(o, parameters, retain_graph=True, allow_unused=True)
            dense = [torch.zeros_like(p) if g is None else g.to_dense() for g, p in zip(found, parameters, strict=True)]
            rows.append(torch.cat([g.flatten() for g in dense]))
    return torch.stack(rows).reshape(len(x), -1, rows[0].numel())


def contracted(module: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.einsum("nop,mqp->nmoq", gradients(module, x), gradients(module, y))


@pytest.mark.parametrize("name", MODULES)
def test_a_kernel_is_the_contraction_of_jacobians(name: str) -> None:
    module, x = made(name), points(name, 5)
    y = x[2:] + 0.1
    kept, full = x.clone(), contracted(module, x, y)
    scale = full.abs().max()
    got = {kind: empirical_ntk(module, x, y, outputs=kind) for kind in ("full", "each", "mean")}
    each = full.diagonal(dim1=-2, dim2=-1)
    assert (got["full"] - full).abs().max() < 1e-10 * scale
    assert (got["each"] - each).abs().max() < 1e-10 * scale
    assert (got["mean"] - each.mean(-1)).abs().max() < 1e-10 * scale
    assert torch.equal(x, kept), "the caller's points are left alone"


@pytest.mark.parametrize("kind", ["full", "each", "mean"])
@pytest.mark.parametrize("name", MODULES)
def test_a_kernel_among_points_is_symmetric_and_blocks_do_not_matter(name: str, kind: str) -> None:
    module, x = made(name), points(name, 5)
    whole = empirical_ntk(module, x, outputs=kind)
    order = (1, 0, 3, 2) if kind == "full" else (1, 0, 2) if kind == "each" else (1, 0)
    assert torch.equal(whole, whole.permute(order))
    formed = empirical_ntk(module, x, outputs=kind, method="jacobian")
    assert (whole - formed).abs().max() < 1e-10 * formed.abs().max()
    least = smallest_limit(module, x, kind)
    blocked = empirical_ntk(module, x, outputs=kind, memory_limit=least)
    assert (whole - blocked).abs().max() < 1e-10 * formed.abs().max()


@pytest.mark.parametrize("kind", ["full", "each", "mean"])
def test_many_points_among_themselves_are_as_with_a_copy(kind: str) -> None:
    # More than a chunk of rows, and several squares on the diagonal; all points in one block.
    x = Stream(stream_key(1, "many", {}, 0)).normal(530, 3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        module = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    among, beside = (empirical_ntk(module, x, y, outputs=kind) for y in (None, x.clone()))
    assert (among - beside).abs().max() < 1e-13 * beside.abs().max()
    order = (1, 0, 3, 2) if kind == "full" else (1, 0, 2) if kind == "each" else (1, 0)
    assert torch.equal(among, among.permute(order))


def smallest_limit(module: nn.Module, x: torch.Tensor, kind: str) -> int:
    """The one that the message of the error names."""
    with pytest.raises(KernelError, match="two points need") as caught:
        empirical_ntk(module, x, outputs=kind, memory_limit=1000)
    return int(str(caught.value).split()[-2])


@pytest.mark.parametrize(
    "name, formed",
    [
        ("fully connected", 0),
        ("convolutional", 0),
        ("convolutional, wide patches", 0),
        ("tied", 0),
        ("several outputs", 0),
        ("flattened", 0),
        ("of sequences", 2),
        ("residual", 4),
        ("shared", 3),
        ("functional", 3),
        ("time first", 0),
    ],
)
def test_gradients_are_formed_where_nothing_cheaper_is_exact(name: str, formed: int) -> None:
    module = made(name)
    assert len(next(plans(Subject(module, trained(module)), points(name, 5))).others) == formed


@pytest.mark.parametrize("kind", ["full", "mean"])
def test_an_embedding_of_integers_has_a_kernel(kind: str) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = EXAMPLES.Embedded().double()
    x = torch.tensor([[0, 1, 2], [2, 2, 5], [6, 0, 1], [4, 3, 3]])
    full = contracted(module, x, x)
    expected = full if kind == "full" else full.diagonal(dim1=-2, dim2=-1).mean(-1)
    assert (empirical_ntk(module, x, outputs=kind) - expected).abs().max() < 1e-10 * full.abs().max()


def test_the_kernel_works_where_gradients_are_switched_off_and_leaves_no_trace() -> None:
    module, x = made("residual"), points("residual", 3)
    state = torch.get_rng_state()
    with torch.no_grad():
        got = empirical_ntk(module, x)
    assert not got.requires_grad
    assert all(p.grad is None for p in module.parameters())
    assert torch.equal(state, torch.get_rng_state())


def test_a_wide_network_is_near_its_limit() -> None:
    # Mean over draws of the weights and its standard error, at one hidden layer exact in every width.
    d, width, draws = 4, 64, 200
    stream = Stream(stream_key(2, "limit", {}, 0))
    x = stream.normal(5, d)
    layers = nn.Linear(d, width), nn.Linear(width, 1)
    module = nn.Sequential(layers[0], nn.ReLU(), layers[1]).double()
    kernels = []
    for _ in range(draws):
        with torch.no_grad():
            for layer in layers:
                layer.weight.copy_(stream.normal(*layer.weight.shape) * 1.5 / math.sqrt(layer.in_features))
                layer.bias.copy_(stream.normal(*layer.bias.shape) * 0.3)
        kernels.append(empirical_ntk(module, x))
    drawn = torch.stack(kernels)
    options: dict[str, Any] = {"weight_std": 1.5, "bias_std": 0.3, "parameterisation": "standard"}
    limit = limiting_kernels(x, activation="relu", depth=1, widths=width, **options).ntk
    error = drawn.std(0) / math.sqrt(draws)
    assert ((drawn.mean(0) - limit).abs() < 5 * error).all()
    wrong = limiting_kernels(x, activation="relu", depth=1, widths=width + 8, **options).ntk
    assert not ((drawn.mean(0) - wrong).abs() < 5 * error).all()


def test_a_deep_network_approaches_its_limit_as_it_widens() -> None:
    stream = Stream(stream_key(3, "deep", {}, 0))
    x, errors = stream.normal(6, 5), []
    for width in (32, 2048):
        module = nn.Sequential(nn.Linear(5, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        module = module.double()
        with torch.no_grad():
            for layer in module:
                if not isinstance(layer, nn.Linear):
                    continue
                layer.weight.copy_(stream.normal(*layer.weight.shape) / math.sqrt(layer.in_features))
                layer.bias.zero_()
        limit = limiting_kernels(x, activation="tanh", depth=2, parameterisation="standard", widths=width).ntk
        errors.append(((empirical_ntk(module, x) - limit).norm() / limit.norm()).item())
    assert errors[1] < 0.05
    assert errors[1] < errors[0] / 3


class Noisy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(self.layer(x), 0.5)


class Centred(Noisy):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layer(x - x.mean(0))
        return out


class Whole(Noisy):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layer(x).sum()
        return out


class Counting(Noisy):
    calls: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        out: torch.Tensor = self.layer(x)
        return out


class Deciding(Noisy):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layer(x).argmax(-1)
        return out


def frozen() -> nn.Module:
    return nn.Linear(3, 2).requires_grad_(False)


class Unused(Noisy):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.square()


def poisoned() -> nn.Module:
    module = nn.Linear(3, 2)
    with torch.no_grad():
        module.weight[0, 0] = math.nan
    return module


X = torch.linspace(-1, 1, 12).reshape(4, 3)
WRONG = [
    (nn.ReLU, X, "ReLU has no trainable parameters"),
    (frozen, X, "Linear has no trainable parameters"),
    (Unused, X, "depend on no trainable parameter"),
    (lambda: nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.1)), X, r"1 \(Dropout\) draws at random in training mode"),
    (lambda: nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), X, r"1 \(BatchNorm1d\) uses batch statistics"),
    (lambda: nn.BatchNorm1d(3, track_running_stats=False).eval(), X, "uses batch statistics"),
    (lambda: nn.MultiheadAttention(4, 2, dropout=0.1), X, "draws at random in training mode"),
    (Noisy, X, "the module draws at random"),
    (Centred, X, "depends on the other points"),
    (Counting, X, "changes its parameters or buffers"),
    (Whole, X, r"returns shape \(\) for 4 points"),
    (Deciding, X, "torch.int64, which has no gradient"),
    (poisoned, X, "the module's output holds NaN"),
    (Noisy, X * math.inf, "x holds NaN or infinite numbers"),
    (Noisy, X.double(), "x is torch.float64 but the module torch.float32"),
    (Noisy, X[:, :2], "the module fails on x: "),
    (Noisy, X.long(), "the module fails on x: "),
    (Noisy, X[:0], "n ≥ 1"),
    (Noisy, X.tolist(), "x is list"),
    (lambda: nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2).double()), X, "several dtypes or devices"),
    (lambda: nn.LazyLinear(2), X, "without a shape yet"),
]


@pytest.mark.parametrize("make, x, message", WRONG)
def test_what_has_no_kernel_is_said_in_one_line(make: Callable[..., nn.Module], x: Any, message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        empirical_ntk(make(), x)
    assert "\n" not in str(caught.value)


def test_evaluation_mode_mends_dropout_and_batch_statistics() -> None:
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1)).double().eval()
    x = X.double()
    expected = contracted(module, x, x)[..., 0, 0]
    assert (empirical_ntk(module, x) - expected).abs().max() < 1e-10 * expected.abs().max()


@pytest.mark.parametrize("options", [{"outputs": "all"}, {"method": "magic"}])
def test_an_unknown_option_is_an_error(options: dict[str, Any]) -> None:
    with pytest.raises(KernelError, match="outputs is one of"):
        empirical_ntk(nn.Linear(3, 2), X, **options)


def test_points_of_x_and_y_are_alike() -> None:
    with pytest.raises(KernelError, match="points of x are"):
        empirical_ntk(nn.Linear(3, 2), X, X[:, :2])


def test_importing_kernels_does_not_load_torch() -> None:
    program = "import sys, lazy_assay.sims.kernels; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


MEASURED = """
import resource, sys, torch
from pathlib import Path
from torch import nn
from lazy_assay.sims.kernels import empirical_ntk
limit, formed = int(sys.argv[1]), sys.argv[2]
def peak():
    # On Linux ru_maxrss outlives exec: it would be the parent's.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
torch.manual_seed(0)
module = nn.Sequential(nn.Linear(100, 300), nn.Tanh(), nn.Linear(300, 300), nn.Tanh(), nn.Linear(300, 1)).double()
empirical_ntk(module, torch.randn(4, 100).double(), method=formed)
before = peak()
empirical_ntk(module, torch.randn(80, 100).double(), memory_limit=limit, method=formed)
print(peak() - before)
"""


def memory_taken(method: str, limit: int) -> int:
    command = [sys.executable, "-c", MEASURED, str(limit), method]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


LIMIT = 36 * 2**20


@pytest.mark.parametrize("method", ["auto", "jacobian"])
def test_memory_stays_within_its_limit(method: str) -> None:
    assert memory_taken(method, LIMIT) < LIMIT


def test_memory_without_a_limit_would_be_more() -> None:
    # All gradients together take 77 MB.
    assert memory_taken("jacobian", 2**30) > LIMIT
