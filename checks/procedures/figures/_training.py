"""Trainings in segments: each a pure function of the state before it, kept as .npy, so that a kill costs one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.sims import content_address, stream_key
from lazy_assay.sims.core.batch import as_float64
from lazy_assay.sims.quadratic import training_segments

Values = Mapping[str, Any]
Array = np.ndarray
NAME = "sims.training_segments"

# About a minute of training on one core; a kill costs one segment.
FLOPS_PER_SEGMENT = 6e11


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network is trained at given values. `batch` 0 is gradient descent on the population's risk.

    data: the arrays that the simulation takes (B, or Sigma and Delta). steps, step_sizes: at size d.
    """

    model: str
    batch: int
    seeds: int
    data: Callable[[Values], Mapping[str, Array]]
    steps: Callable[[Values], int]
    step_sizes: Callable[[Values], tuple[float, ...]]
    initial_scale: Callable[[Values], float] = lambda values: 1.0
    offset_rate: Callable[[Values], float] = lambda values: 1.0

    def rows(self, d: int, N: int) -> int:
        """Rows of first-layer weights that a step moves: N > d are trained as their d by d factor."""
        return N if self.model == "general" else min(N, d)

    def flops(self, d: int, N: int, step_sizes: int) -> float:
        """Of one step of all seeds and step sizes."""
        n = self.rows(d, N)
        each = 4 * self.batch * d * n if self.batch else 4 * d * d * n + 4 * d**3 * (self.model == "general")
        return float(each * step_sizes * self.seeds)

    def numbers(self, d: int, N: int, step_sizes: int) -> float:
        """Floats held at once: parameters, their update, and the batch's products."""
        n = self.rows(d, N)
        return float(self.seeds * step_sizes * (3 * n * d + 4 * self.batch * n + 4 * d * d))


@dataclass(frozen=True)
class Chain:
    """One training: its parameters, the numbers of steps at which risks are wanted, and its key's labels.

    stage: tells the first layers of a confirmation from those of the search.
    """

    training: Training
    setting: Setting
    step_sizes: tuple[float, ...]
    checkpoints: tuple[int, ...]
    label: str
    stage: str = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """What `advance` takes beside state, steps and entropy."""
        values, training = self.setting.values, self.training
        return {
            "model": training.model,
            "d": int(values["d"]),
            "N": int(values["N"]),
            "initial_scale": training.initial_scale(values),
            "offset_rate": training.offset_rate(values),
            **training.data(values),
        }

    def first_layer(self, entropy: int) -> int:
        """The key of the first layers: the same for every way of training them."""
        return stream_key(entropy, f"{NAME}/first layer{self.stage}", self.setting.configuration, 0)

    def segments(self) -> list[int]:
        """The numbers of steps at which segments end; every checkpoint is one."""
        values = self.setting.values
        each = self.training.flops(int(values["d"]), int(values["N"]), len(self.step_sizes))
        longest = max(1, int(FLOPS_PER_SEGMENT / each))
        ends: list[int] = []
        for start, end in pairwise((0, *self.checkpoints)):
            pieces = max(1, math.ceil((end - start) / longest))
            ends += [start + round((end - start) * (k + 1) / pieces) for k in range(pieces)]
        return ends


@dataclass(frozen=True)
class Run:
    """What a chain left: risks (checkpoints, seeds, step sizes) and the last state (seeds, step sizes, parameters)."""

    risks: Array
    state: Array


def run(context: Context, chain: Chain) -> Run:
    """Train, from the last state that is kept."""
    ends = chain.segments()
    first, state, risks = _resume(context, chain, ends)
    for k in range(first, len(ends)):
        context.guard()
        begun = ends[k - 1] if k else 0
        state = _advance(context, chain, state, ends[k] - begun, k)
        context.store.save(_address(context, chain, ends[: k + 1], "state"), state)
        if ends[k] in chain.checkpoints:
            risks[ends[k]] = _risk(context, chain, state)
            context.store.save(_address(context, chain, ends[: k + 1], "risk"), risks[ends[k]])
        if k:
            context.store.discard(_address(context, chain, ends[:k], "state"))
    assert state is not None
    return Run(np.stack([risks[end] for end in chain.checkpoints]), state)


def _resume(context: Context, chain: Chain, ends: Sequence[int]) -> tuple[int, Array | None, dict[int, Array]]:
    """Where to go on: the first segment to train, the state before it, and the risks so far."""
    for k in range(len(ends), 0, -1):
        state = context.store.load(_address(context, chain, ends[:k], "state"))
        if state is None:
            continue
        earlier = [j for j in range(1, k + 1) if ends[j - 1] in chain.checkpoints]
        known = {ends[j - 1]: context.store.load(_address(context, chain, ends[:j], "risk")) for j in earlier}
        if earlier and earlier[-1] == k and known[ends[k - 1]] is None:
            # Killed between the two: the state is there, so its risk is too.
            known[ends[k - 1]] = risk = _risk(context, chain, state)
            context.store.save(_address(context, chain, ends[:k], "risk"), risk)
        there = {end: risk for end, risk in known.items() if risk is not None}
        if len(there) == len(known):
            return k, state, there
    return 0, None, {}


def _advance(context: Context, chain: Chain, state: Array | None, steps: int, k: int) -> Array:
    key = stream_key(context.entropy, f"{NAME}/{chain.label}", chain.setting.configuration, k)
    return as_float64(
        training_segments.advance(
            **chain.parameters,
            batch=chain.training.batch,
            steps=steps,
            step_sizes=np.array(chain.step_sizes),
            state=state,
            first_layer=chain.first_layer(context.entropy),
            trials=chain.training.seeds,
            entropy=key,
            device=context.device,
            dtype=context.dtype,
        )
    )


def _risk(context: Context, chain: Chain, state: Array) -> Array:
    return as_float64(
        training_segments.risk_at(
            **chain.parameters,
            state=state,
            first_layer=chain.first_layer(context.entropy),
            trials=len(state),
            device=context.device,
            dtype=context.dtype,
        )
    )


def gradient_noise(context: Context, chain: Chain, state: Array, samples: int) -> Array:
    """Tr S and E|∇f|² at a state, (seeds, step sizes, 2): see the simulation."""
    parameters = {
        **chain.parameters,
        "state": state,
        "samples": samples,
        "first_layer": chain.first_layer(context.entropy),
    }
    key = stream_key(context.entropy, f"{NAME}/{chain.label}/noise", chain.setting.configuration, 0)
    return context.cached(training_segments.gradient_noise, parameters, key=key, trials=len(state))


def _address(context: Context, chain: Chain, ends: Sequence[int], what: str) -> str:
    """A state is a pure function of the chain's key and the segments so far: that is its address."""
    content = {
        **chain.parameters,
        "batch": chain.training.batch,
        "step_sizes": np.array(chain.step_sizes),
        "first_layer": chain.first_layer(context.entropy),
        "segments": list(ends),
        "what": what,
    }
    key = stream_key(context.entropy, f"{NAME}/{chain.label}", chain.setting.configuration, 0)
    return content_address(
        training_segments.advance,
        content,
        entropy=key,
        trials=chain.training.seeds,
        device=context.device,
        dtype=context.dtype,
    )
