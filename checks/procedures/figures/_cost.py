"""What a figure costs before it is run: FLOPs, memory, time here at a measured rate, time on a GPU at a stated one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lazy_assay.checks.procedures.figures._declaration import Drawn, Figure
from lazy_assay.checks.procedures.figures._drawn import draws_at
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.procedures.figures._procedure import jobs

# A data-centre GPU in float64 sustains about this on products of a few hundred rows (an A100's peak is 19.5 TFLOP/s);
# a step is some ten kernels, and launching one takes about ten microseconds however small it is.
GPU_FLOPS, GPU_SECONDS_PER_STEP = 10e12, 1e-4
BYTES = 8


@dataclass(frozen=True)
class Cost:
    """One series: operations, bytes held at once, and sequential steps (each at least a kernel's launch)."""

    name: str
    points: int
    flops: float
    bytes: float
    steps: int

    def seconds(self, rate: float) -> float:
        """On this machine, on one core."""
        return self.flops / rate

    @property
    def gpu_seconds(self) -> float:
        """At the stated throughput, or bound by launches."""
        return max(self.flops / GPU_FLOPS, self.steps * GPU_SECONDS_PER_STEP)


def costs(figure: Figure, options: Options) -> list[Cost]:
    """One row a series."""
    return [_cost(figure, options, k) for k in range(len(figure.series))]


def _cost(figure: Figure, options: Options, k: int) -> Cost:
    series, d = figure.series[k], options.size
    neurons = [job.N for job in jobs(figure, d) if job.series == k]
    name = f"{series.name} by {series.how}"
    if isinstance(series, Drawn):
        draws = options.draws or draws_at(d)
        flops = sum(series.flops(d, N) for N in neurons) * draws
        return Cost(name, len(neurons), flops, BYTES * max(series.numbers(d, N) for N in neurons), len(neurons))
    training = series.training
    chosen = options if training.batch else Options(size=d)
    total, memory, sequential = 0.0, 0.0, 0
    for N in neurons:
        values = figure.setting(series.line, d, N).values
        steps, grid = chosen.steps or training.steps(values), chosen.step_sizes or training.step_sizes(values)
        total += steps * training.flops(d, N, len(grid))
        memory = max(memory, training.numbers(d, N, len(grid)))
        sequential += steps
    return Cost(name, len(neurons), total, BYTES * memory, sequential)


def measured_rate() -> float:
    """FLOP/s of one core on batched products of the size that trainings make, over a fifth of a second."""
    from lazy_assay.sims.core.torch import torch

    left = torch.ones(16, 100, 100, dtype=torch.float64)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < 0.2:
        torch.bmm(left, left)
        done += 1
    return done * 2 * 16 * 100**3 / (time.perf_counter() - begun)


def told(figure: Figure, options: Options, cores: int) -> list[str]:
    """The plan in lines, one a series, and the sum."""
    rate, found = measured_rate(), costs(figure, options)
    wide = max(len(cost.name) for cost in found)
    lines = [f"{figure.claim.id} at d = {options.size}: a plan; nothing is run or written"]
    lines += [
        f"{cost.name:{wide}}  {cost.points:3d} points  {cost.flops:9.2e} FLOP  {_memory(cost.bytes):>8}  "
        f"here {_time(cost.seconds(rate))}  GPU {_time(cost.gpu_seconds)}"
        for cost in found
    ]
    total, gpu = sum(cost.seconds(rate) for cost in found), sum(cost.gpu_seconds for cost in found)
    return [*lines, *_in_all(total, gpu, cores, rate)]


def summed(what: str, flops: float, cores: int) -> list[str]:
    """The plan of a figure that is costed as a whole."""
    rate = measured_rate()
    lines = [f"{what}: a plan; nothing is run or written", f"{flops:9.2e} FLOP"]
    return [*lines, *_in_all(flops / rate, flops / GPU_FLOPS, cores, rate)]


def _in_all(total: float, gpu: float, cores: int, rate: float) -> list[str]:
    return [
        f"in all: here {_time(total)} on one core, {_time(total / cores)} on {cores}; GPU {_time(gpu)}",
        f"here: {rate / 1e9:.1f} GFLOP/s a core in float64, measured now on batched 100 x 100 products, "
        f"sampling not counted; GPU: assumed {GPU_FLOPS / 1e12:g} TFLOP/s sustained in float64, "
        f"at least {GPU_SECONDS_PER_STEP * 1e6:g} us a step",
    ]


def _memory(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(count / 2**20, 0.1):.1f} MiB"


def _time(seconds: float) -> str:
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
