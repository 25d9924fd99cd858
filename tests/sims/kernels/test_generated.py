from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from lazy_assay.sims.kernels import KernelError, empirical_ntk, limiting_kernels

if TYPE_CHECKING:
    from tests.sims.modules_drawn import Program

FOLDER = Path(__file__).parents[1] / "modules_drawn"
SPEC = importlib.util.spec_from_file_location("modules_drawn", FOLDER / "__init__.py")
assert SPEC
assert SPEC.loader
DRAWN = importlib.util.module_from_spec(SPEC)
sys.modules["modules_drawn"] = DRAWN
SPEC.loader.exec_module(DRAWN)

# Always the same 200 here; ASSAY_GENERATED_MODULES=2000 by night, others each time, and with
# --hypothesis-show-statistics how many were right and how many refused, by reason.
COUNT = int(os.environ.get("ASSAY_GENERATED_MODULES", "200"))
QUIET = settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    derandomize=COUNT == 200,
    suppress_health_check=list(HealthCheck),
)
TWIN = "through_a_twin"


def numbers(
    outputs: dict[str, Any] | list[torch.Tensor] | torch.Tensor | tuple[torch.Tensor, torch.Tensor], one: bool
) -> torch.Tensor:
    """All outputs in a row; the first point's alone with `one`."""
    if isinstance(outputs, dict):
        outputs = list(outputs.values())
    if isinstance(outputs, (tuple, list)):
        return torch.cat([numbers(part, one) for part in outputs])
    return outputs[:1].reshape(-1) if one else outputs.reshape(-1)


def gradients(module: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Each point alone through the module, and a pass of plain autograd back from each of its outputs: (n, O, P)."""
    parameters, rows = [p for p in module.parameters() if p.requires_grad], []
    for point in x.split(1):
        for output in numbers(module(point.clone()), False):
            found = torch.autograd.grad(output, parameters, retain_graph=True, allow_unused=True)
            dense = [torch.zeros_like(p) if g is None else g for g, p in zip(found, parameters, strict=True)]
            rows.append(torch.cat([g.flatten() for g in dense]).double())
    return torch.stack(rows).reshape(len(x), -1, rows[0].numel())


def is_right(got: torch.Tensor, module: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, kind: str) -> bool:
    """Inner products of gradients known to half their digits."""
    left, right = gradients(module, x), gradients(module, y)
    full = torch.einsum("nop,mqp->nmoq", left, right)
    each = full.diagonal(dim1=-2, dim2=-1)
    wanted = {"full": full, "each": each, "mean": each.mean(-1)}[kind]
    scale = left.flatten(1).norm(dim=1)[:, None] * right.flatten(1).norm(dim=1)
    slack = torch.finfo(got.dtype).eps ** 0.5 * scale.reshape(*scale.shape, *(1,) * (wanted.ndim - 2))
    return got.shape == wanted.shape and bool(((got.double() - wanted).abs() <= slack).all())


def mixes(module: torch.nn.Module, x: torch.Tensor) -> bool:
    """Whether the first point comes out otherwise in the company of the rest."""
    together, alone = numbers(module(x.clone()), True), numbers(module(x[:1].clone()), False)
    return together.shape != alone.shape or bool((together - alone).abs().max() > 1e-3 * alone.abs().max())


def verdict(
    program: Program,
    kernel: Callable[..., torch.Tensor] = empirical_ntk,
    error: type[KernelError] = KernelError,
    kind: str = "full",
    apart: bool = True,
    **options: str,
) -> str:
    """What comes of a program: "right", "refused: …", or what is wrong."""
    module, x = DRAWN.build(program), DRAWN.points(program, 4)
    y = DRAWN.points(program, 3, salt=1) if apart else x
    try:
        got = kernel(module, x, y if apart else None, outputs=kind, **options)
    except error as told:
        return f"refused: {told}"
    if set(program.steps) & set(DRAWN.COUPLING) and mixes(module, x):
        return "wrong: a kernel of a module that mixes the points"
    if TWIN in program.steps:
        return "wrong: the kernel is without a twin's gradient"
    return "right" if is_right(got, module, x, y, kind) else "wrong: another kernel"


def may_be(program: Program, found: str) -> bool:
    """Right, or refused for a reason that the program gives."""
    mixed = set(program.steps) & set(DRAWN.COUPLING) and "depends on the other points" in found
    twin = TWIN in program.steps and "reads the memory of" in found
    mended = "\n" not in found and (mixed or twin)
    return found == "right" or (found.startswith("refused") and bool(mended))


METHODS = st.sampled_from(["auto", "auto", "jacobian"])
CALLS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["mean", "each", "full"]), "apart": st.booleans(), "method": METHODS}
)


@QUIET
@given(program=DRAWN.programs(), call=CALLS)
def test_a_kernel_of_a_drawn_module_is_that_of_plain_autograd_at_each_point_or_is_refused(
    program: Program, call: dict[str, Any]
) -> None:
    found = verdict(program, **call)
    event(found.split(" of ")[0][:60])
    assert may_be(program, found), found


@pytest.mark.parametrize("name", sorted(DRAWN.STEPS))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_step_alone_is_right_or_refused_for_what_it_is(name: str, dtype: str) -> None:
    start = next(kind for kind in sorted(DRAWN.STARTS) if kind != "tokens" and takes(name, kind))
    program = DRAWN.Program(start, (name,), "head", dtype, 3)
    found = verdict(program)
    assert (found == "right") == (name not in {*DRAWN.COUPLING, TWIN}), found
    assert may_be(program, found), found


def takes(name: str, kind: str) -> bool:
    return bool(DRAWN.STEPS[name].takes(DRAWN.STARTS[kind]))


@QUIET
@given(
    activation=st.sampled_from(["relu", "abs", "erf", "sin", "tanh"]),
    depth=st.integers(0, 3),
    entropy=st.integers(0, 2**20),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 4)),
)
def test_an_entry_of_a_limiting_kernel_is_that_of_its_two_points_alone(
    activation: str, depth: int, entropy: int, shape: tuple[int, int]
) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(entropy), dtype=torch.float64)
    whole = limiting_kernels(x, activation=activation, depth=depth, weight_std=1.2, bias_std=0.1)
    i, j = entropy % len(x), (entropy // 7) % len(x)
    pair = limiting_kernels(
        x[i : i + 1], x[j : j + 1], activation=activation, depth=depth, weight_std=1.2, bias_std=0.1
    )
    for one, other in ((whole.nngp, pair.nngp), (whole.ntk, pair.ntk)):
        # Angles near zero are known to 1e-11, as the docstring says.
        assert float((one[i, j] - other[0, 0]).abs()) <= 1e-10 * float(one.diagonal().max())
