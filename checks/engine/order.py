"""An order: which task to run, and with what, as plain data that any process or machine can be handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from lazy_assay.checks.vocabulary.check import claim_of
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.unfinished import OVERTAKEN


class UsageError(ValueError):
    """What was asked for cannot be done; the message is one line: what is wrong and how to mend it."""


class LateError(RuntimeError):
    """An order whose time was over before it began."""

    def __init__(self) -> None:
        super().__init__(OVERTAKEN)


@dataclass(frozen=True, kw_only=True)
class Order:
    """One task to run. Two equal orders give equal results, to the last bit, wherever they are performed.

    task: its id, `claim:part/name`. draws: the folder in which raw draws are kept by content address; empty for this
    process's memory. data_dir: the folder of the user's own data sets; empty for none. collections: the folders of
    claims that are registered first. figure: as JSON text, the options of the figure whose task it is; empty for a task
    of the claim's check. until: seconds since 1970 at which its guards stop it; 0 for their own time alone.
    """

    task: str
    profile: str = "quick"
    entropy: int = 0
    device: str = "cpu"
    draws: str = ""
    data_dir: str = ""
    collections: tuple[str, ...] = ()
    figure: str = ""
    until: int = 0

    @property
    def claim(self) -> str:
        """The id of the claim that the task belongs to."""
        return claim_of(self.task)

    def to_json(self) -> dict[str, Any]:
        """The order as strict JSON data."""
        return {**asdict(self), "collections": list(self.collections)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """The inverse of `to_json`. Raises UsageError, naming the field, for what is no order."""
        if not isinstance(data, Mapping) or "task" not in data:
            raise UsageError("an order is an object with a task")
        names = {item.name for item in fields(cls)}
        for name, value in data.items():
            if name not in names:
                raise UsageError(f"an order has no {name!r}; it has {', '.join(sorted(names))}")
            if not _fits(name, value):
                raise UsageError(f"order: {name} cannot be {type(value).__name__}")
        return cls(**{**data, "collections": tuple(data.get("collections", ()))})


def _fits(name: str, value: Any) -> bool:
    if name == "collections":
        return isinstance(value, (list, tuple)) and all(isinstance(entry, str) for entry in value)
    return isinstance(value, int if name in ("entropy", "until") else str) and not isinstance(value, bool)


def validate(profile: str, entropy: int, device: str) -> None:
    """Raise UsageError for a profile, entropy or device that does not exist, before anything runs."""
    if profile not in PROFILES:
        raise UsageError(f"unknown profile {profile!r}; there are {', '.join(PROFILES)}")
    if isinstance(entropy, bool) or not isinstance(entropy, int) or entropy < 0:
        raise UsageError(f"entropy must be a whole number ≥ 0, got {entropy!r}")
    from lazy_assay.sims import DeviceNotFoundError
    from lazy_assay.sims.core.device import resolve

    try:
        resolve(device)
    except DeviceNotFoundError as error:
        raise UsageError(str(error)) from None
