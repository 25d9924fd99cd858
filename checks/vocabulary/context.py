"""What a task is run with: the budget, the entropy, the device, and where draws are kept."""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np

from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Route, Values
from lazy_assay.checks.vocabulary.deadline import TimeGuardError, stopped_at
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.checks.vocabulary.setting import NOTHING, Setting
from lazy_assay.sims import content_address, stream_key, stream_name
from lazy_assay.sims import run as run_batch
from lazy_assay.sims.core.batch import as_float64
from lazy_assay.theory import Claim, Part

T = TypeVar("T")


class RepeatedDrawsError(Exception):
    """Two batches under different keys hold the same draws: whatever the keys are for, the draws do not follow them."""


# So many rows that differ are not drawn twice by chance; what is the same in every trial may well be.
TOLD_APART = 32


class DrawStore(Protocol):
    """Keeps raw draws by content address."""

    def load(self, address: str) -> np.ndarray | None: ...

    def save(self, address: str, draws: np.ndarray) -> None: ...

    def computing(self, address: str) -> AbstractContextManager[None]: ...

    def discard(self, address: str) -> None: ...


@dataclass
class MemoryStore:
    """Keeps the draws of one task, so that a claim, its decoys and its printed form share them."""

    draws: dict[str, np.ndarray] = field(default_factory=dict)

    def load(self, address: str) -> np.ndarray | None:
        return self.draws.get(address)

    def save(self, address: str, draws: np.ndarray) -> None:
        self.draws[address] = draws

    def computing(self, address: str) -> AbstractContextManager[None]:
        """Nobody else wants them."""
        return nullcontext()

    def discard(self, address: str) -> None:
        self.draws.pop(address, None)


@dataclass(kw_only=True)
class Context:
    """One run of one claim's tasks. `distort` and `simulate` are how power is measured: see `checks.confront`.

    memory: what hangs on no distortion, kept where runs of one task differ in their distortion alone.
    until: seconds since 1970 at which the run has no more time; 0 for no such moment.
    """

    claim: Claim
    profile: Profile
    entropy: int
    device: str = "cpu"
    dtype: str = "float64"
    distort: Callable[[Any], Any] | Distortion | None = None
    simulate: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    store: DrawStore = field(default_factory=MemoryStore)
    rates: ErrorRates = field(default_factory=ErrorRates)
    suspects: int = 8
    started: float = field(default_factory=time.monotonic)
    memory: dict[Hashable, Any] | None = None
    until: int = 0
    heard: dict[bytes, int] = field(default_factory=dict)

    @property
    def distortion(self) -> Distortion | None:
        """What is being tried, if anything: wrong versions and controls are then left out."""
        return Distortion.of(self.distort) if callable(self.distort) else self.distort

    def predicted(self, value: float, values: Values = NOTHING) -> float:
        """A prediction at a configuration's values as it is compared: distorted, where a distortion is being tried."""
        tried = self.distortion
        return float(value) if tried is None else float(tried.prediction(value, values))

    def effect(self, differences: np.ndarray, smallest: float, equality: bool) -> np.ndarray:
        """Paired differences, shape (seeds,), as they are judged, where an effect of `smallest` would matter."""
        tried = self.distortion
        return differences if tried is None else tried.effect(differences, smallest, equality)

    def threshold(self, value: float) -> float:
        """The number that a certificate holds a draw against."""
        tried = self.distortion
        return value if tried is None else tried.threshold(value)

    def planted(self, found: T, without: Callable[[T], T]) -> T:
        """An object that is certified; where that is what is tried, what `without` leaves of it: no such property."""
        tried = self.distortion
        told: T = found if tried is None else tried.plant(found, without)
        return told

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes, once where there is a memory; it must hang on no distortion."""
        if self.memory is None:
            return make()
        if key not in self.memory:
            self.memory[key] = make()
        kept: T = self.memory[key]
        return kept

    def result(self, part: Part, **facts: Any) -> Result:
        """A result of one of the claim's parts in this run; `facts` are the fields of what was compared."""
        run: dict[str, Any] = {"profile": self.profile.name, "entropy": self.entropy, "device": self.device}
        return Result(claim=self.claim.id, part=part.name, **run, **facts)

    def guard(self) -> None:
        """Raise TimeGuardError once the task has used up its time."""
        if time.monotonic() - self.started > self.profile.guard:
            raise TimeGuardError(f"time guard of {self.profile.guard:g} s tripped")
        if self.until and time.time() > self.until:
            raise TimeGuardError("the run's budget of time was used up")

    def key(self, *labels: str) -> int:
        """A seed for what is not a simulation (a search), from the entropy and the labels."""
        return stream_key(self.entropy, "/".join(labels), {}, 0)

    def draws(self, route: Route, setting: Setting, *, stage: str, batch: int, trials: int) -> np.ndarray:
        """One batch of draws as the route reads them: float64, first axis the trials. Batches are keyed, so a
        repetition changes nothing. A simulation that stands in for a route's own is read the same way."""
        copies = route.copies
        raw = self._raw(route, setting, stage=stage, batch=batch, trials=trials * copies)
        read = raw if route.reads is None else np.asarray(route.reads(raw), dtype=np.float64)
        told = read if copies == 1 else read.reshape(-1, copies, *read.shape[1:]).mean(axis=1)
        # NaN stays NaN.
        return np.clip(told, *route.bounds) if route.clips and route.bounds else told

    def _raw(self, route: Route, setting: Setting, *, stage: str, batch: int, trials: int) -> np.ndarray:
        simulation = stream_name(route.simulate)
        key = stream_key(self.entropy, f"{simulation}/{stage}", setting.configuration, batch)
        parameters = simulation_arguments(route, setting.values)
        if route.name not in self.simulate:
            return self.cached(route.simulate, parameters, key=key, trials=trials)
        told = {"trials": trials, "entropy": key, "device": self.device, "dtype": self.dtype}
        return self._new(as_float64(self.simulate[route.name](**{**parameters, **told})), key)

    def _new(self, draws: np.ndarray, key: int) -> np.ndarray:
        """The draws, where no other key made the same. Raises RepeatedDrawsError."""
        digest = hashlib.blake2b(np.ascontiguousarray(draws).tobytes(), digest_size=16).digest()
        if self.heard.setdefault(digest, key) != key and len(np.unique(draws, axis=0)) >= TOLD_APART:
            raise RepeatedDrawsError(f"{len(draws)} trials under two keys are the same draws: a seed is used twice")
        return draws

    def cached(
        self, simulate: Callable[..., Any], parameters: Mapping[str, Any], *, key: int, trials: int
    ) -> np.ndarray:
        """The draws of one batch from the store, or simulated and stored."""
        address = content_address(
            simulate, parameters, entropy=key, trials=trials, device=self.device, dtype=self.dtype
        )
        known = self.store.load(address)
        if known is not None:
            return self._new(np.asarray(known), key)
        with self.store.computing(address):
            # Another worker may have made them in the meantime.
            known = self.store.load(address)
            if known is None:
                with stopped_at(self.until):
                    known = run_batch(
                        simulate, parameters, entropy=key, trials=trials, device=self.device, dtype=self.dtype
                    ).draws
                self.store.save(address, known)
        return self._new(np.asarray(known), key)


def simulation_arguments(route: Route, values: Values) -> dict[str, Any]:
    """The keyword arguments of a route's simulation at a configuration."""
    wanted = inspect.signature(route.simulate).parameters
    known = {**values, **route.settings(values)}
    return {name: known[name] for name in wanted if name in known}


Results = list[Result]
