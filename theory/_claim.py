"""A claim is data: a row of the list of claims, in one or more parts, each of a kind: see docs/design.md."""

from __future__ import annotations

from dataclasses import dataclass, field

from lazy_assay.theory._catalogue import claim_id
from lazy_assay.theory._evidence import Erratum, Source
from lazy_assay.theory._part import Part
from lazy_assay.theory._prediction import Predicting


@dataclass(frozen=True, kw_only=True)
class Claim(Predicting):
    """One row: a statement of a paper, in one or more parts. `module` is `__name__` of the file that holds it.

    selector: the name of an extra argument of `predict` that says which part is meant (a regime); arguments that only
    other parts take are then accepted and ignored. main: the parts that answer a call which names none, in this order,
    where several take the same parameters (docs: `theory._prediction`).
    """

    module: str
    title: str
    source: Source
    parts: tuple[Part, ...]
    convention: str = ""
    selector: str = ""
    main: tuple[str, ...] = ()
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", claim_id(self.module))
        if not self.parts:
            raise ValueError(f"[{self.id}] parts: a claim states something")
        names = [part.name for part in self.parts]
        if len(set(names)) < len(names):
            raise ValueError(f"[{self.id}] parts: names must differ, got {names}")
        if lost := [name for name in self.main if name not in names]:
            raise ValueError(f"[{self.id}] main: no part is called {lost[0]!r}")
        for part in self.parts:
            part.validate(self.id)
            beside = getattr(part, "companion", "")
            if beside and (beside not in names or beside == part.name):
                raise ValueError(f"[{self.id}:{part.name}] companion: no other part is called {beside!r}")

    @property
    def kind(self) -> str:
        """The kinds of its parts, each once, in order."""
        return " + ".join(dict.fromkeys(part.kind for part in self.parts))

    @property
    def errata(self) -> tuple[tuple[Part, Erratum], ...]:
        """Every erratum with the part it belongs to."""
        return tuple((part, erratum) for part in self.parts for erratum in part.errata)

    def part(self, name: str) -> Part:
        """The part of that name; LookupError names those there are."""
        for part in self.parts:
            if part.name == name:
                return part
        raise LookupError(
            f"{self.id} has no part {name!r}; it has {', '.join(p.name or '(one unnamed)' for p in self.parts)}"
        )
