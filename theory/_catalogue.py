"""The catalogue: the one place that knows a claim's id, its modules, its files and its name in pytest.

A collection is a package with `theory/PAPER/STATEMENT.py`, `checks/PAPER/STATEMENT.py` and, where it simulates
something of its own, `sims/`. `lazy_assay` is the first one. Others are installed (entry points of the group
`assay.collections`, each naming a package) or registered as folders, which need no `__init__.py` and are imported as
`lazy_assay.collections.NAME`: whatever they hold, nothing generic reaches sys.modules, and no folder reaches sys.path.
"""

from __future__ import annotations

import difflib
import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

HOUSE = "lazy_assay"
GROUP = "assay.collections"
HOME = f"{HOUSE}.collections"
# Each collection has an error budget of its own, which is divided by so many claims: checks.statistics.ErrorRates.
MOST_CLAIMS = 256


class UnknownClaimError(LookupError):
    """No claim has that id; the message suggests the nearest."""

    def __str__(self) -> str:
        return str(self.args[0])


class CollectionError(ValueError):
    """A collection that cannot be registered; the message is one line: which, why, how to mend it."""


def claim_id(module: str) -> str:
    """PAPER.STATEMENT of the module of a claim, or of its check."""
    return ".".join(module.split(".")[-2:])


@dataclass(frozen=True)
class Collection:
    """A package of claims. `origin` is how it came to be known, in the words of a message; `folder` holds its files."""

    package: str
    folder: Path
    origin: str

    @property
    def name(self) -> str:
        """What streams of its simulations, and messages, call it: the last step of its package."""
        return self.package.rpartition(".")[2]

    @property
    def built_in(self) -> bool:
        """Whether it is the house's own."""
        return self.package == HOUSE

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Its claims, ordered by id, without importing a file. Raises CollectionError for names that are none."""
        try:
            papers = sorted(path for path in _listed(self.folder / "theory") if path.is_dir())
            files = [path for paper in papers for path in sorted(_listed(paper)) if path.suffix == ".py"]
        except OSError as error:
            raise CollectionError(f"{self.origin} cannot be read: {error.strerror}") from None
        for path in files:
            if not (path.stem.isidentifier() and path.parent.name.isidentifier()):
                raise CollectionError(
                    f"{self.origin}: {path.relative_to(self.folder)} is no PAPER/STATEMENT.py; "
                    f"both are names of letters, digits and _"
                )
        if pipe := next((path for path in self._modules() if not path.is_file()), None):
            # Whoever imports a pipe waits for ever.
            raise CollectionError(f"{self.origin}: {pipe.relative_to(self.folder)} is no regular file; remove it")
        return tuple(Place(self, path.parent.name, path.stem) for path in files)

    def _modules(self) -> Iterator[Path]:
        """What may be imported of a folder that is not the house's own."""
        rooms = () if self.built_in else ("theory", "checks", "sims")
        return (path for room in rooms for path in sorted((self.folder / room).rglob("*.py")))

    @property
    def papers(self) -> frozenset[str]:
        """The names of its papers."""
        return frozenset(place.paper for place in self.places)


def _listed(folder: Path) -> Iterator[Path]:
    """What of a folder can be a paper or a statement: `_`-names are private, hidden ones are no modules."""
    return (path for path in folder.iterdir() if path.name[0] not in "_.")


@dataclass(frozen=True)
class Place:
    """Where one claim lives."""

    collection: Collection
    paper: str
    statement: str

    @property
    def id(self) -> str:
        return f"{self.paper}.{self.statement}"

    @property
    def theory(self) -> str:
        """The module that holds the CLAIM."""
        return f"{self.collection.package}.theory.{self.id}"

    @property
    def check(self) -> str:
        """The module that holds the CHECK, where there is one."""
        return f"{self.collection.package}.checks.{self.id}"

    @property
    def file(self) -> Path:
        """The CLAIM's file."""
        return self.collection.folder.joinpath("theory", self.paper, f"{self.statement}.py").resolve()

    @property
    def check_file(self) -> Path:
        """The CHECK's file, which may not be there."""
        return self.collection.folder.joinpath("checks", self.paper, f"{self.statement}.py").resolve()

    @property
    def node(self) -> str:
        """What pytest calls the file, wherever it was called and whatever its root is: results are found by it."""
        return f"theory/{self.paper}/{self.statement}.py"


class Catalogue:
    """The collections, in the order in which they came, and their claims.

    refused: a line for each installed collection that cannot be registered; whoever asks for all claims says them.
    """

    def __init__(self, collections: Sequence[Collection] = (), installed: Sequence[metadata.EntryPoint] = ()) -> None:
        self.collections: list[Collection] = []
        self.refused: list[str] = []
        for collection in collections:
            self.add(collection)
        for point in sorted(installed, key=lambda point: point.name):
            try:
                self.add(_installed(point))
            except CollectionError as error:
                self.refused.append(str(error))

    def add(self, collection: Collection) -> Collection:
        """Register a collection; the same folder a second time is the same collection.

        Raises CollectionError where it cannot be read, or its name, or one of its papers, is taken.
        """
        for other in self.collections:
            if other.folder == collection.folder:
                return other
            if other.name == collection.name:
                raise CollectionError(
                    f"{collection.origin}: the name {other.name} is taken by {other.origin}; rename the folder"
                )
            if taken := sorted(other.papers & collection.papers):
                raise CollectionError(
                    f"{collection.origin}: the paper {taken[0]} belongs to {other.origin} already; "
                    f"rename {collection.folder / 'theory' / taken[0]}, and its folder of checks"
                )
        if not collection.places:
            raise CollectionError(f"{collection.origin} holds no theory/PAPER/STATEMENT.py: there is no claim in it")
        if len(collection.places) > MOST_CLAIMS:
            raise CollectionError(
                f"{collection.origin} holds {len(collection.places)} claims, and the error budget of a collection is "
                f"for {MOST_CLAIMS}; make it two"
            )
        self.collections.append(collection)
        self.__dict__.pop("_places", None)
        return collection

    @cached_property
    def _places(self) -> dict[str, Place]:
        return dict(sorted((place.id, place) for it in self.collections for place in it.places))

    def ids(self, *collections: Collection) -> tuple[str, ...]:
        """Every claim's id, in order; those of some collections, where such are named."""
        return tuple(id for id, place in self._places.items() if not collections or place.collection in collections)

    def place(self, id: str) -> Place:
        """Where a claim lives. Raises UnknownClaimError, with the nearest ids, where there is no such claim."""
        if id not in self._places:
            near = difflib.get_close_matches(id, self._places, n=2, cutoff=0.4)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "`assay list` shows them all, and `--collection DIR` adds a folder's"
            )
            raise UnknownClaimError(f"unknown claim {id}; {hint}")
        return self._places[id]

    def folders(self) -> tuple[str, ...]:
        """The folders that were registered: what another process has to register too."""
        return tuple(str(it.folder) for it in self.collections if it.package.startswith(f"{HOME}."))

    def at(self, file: Path) -> Place | None:
        """The claim in a file, or None."""
        asked = file.resolve()
        place = self._places.get(f"{asked.parent.name}.{asked.stem}")
        return place if place is not None and place.file == asked else None

    def named(self, node: str) -> Place | None:
        """The claim behind a pytest node, or None for what is no claim's."""
        file = node.partition("::")[0]
        place = self._places.get(claim_id(file.removesuffix(".py").replace("/", ".")))
        return place if place is not None and place.node == file else None


def _installed(point: metadata.EntryPoint) -> Collection:
    owner = f"the installed collection {point.name} of {point.dist.name if point.dist else 'an unknown distribution'}"
    try:
        spec = importlib.util.find_spec(point.module)
    except Exception as error:
        raise CollectionError(f"{owner}: {point.module} cannot be imported: {one_line(error)}") from None
    if spec is None or not spec.submodule_search_locations:
        raise CollectionError(f"{owner}: there is no package {point.module}; install it again, or remove it")
    folder = Path(next(iter(spec.submodule_search_locations))).resolve()
    if not (folder / "theory").is_dir():
        raise CollectionError(f"{owner}: {folder} has no folder theory/")
    return Collection(point.module, folder, f"{owner} ({folder})")


def from_folder(path: str | Path) -> Collection:
    """The collection in a folder, which is not imported yet. Raises CollectionError where there is none."""
    folder = Path(path).resolve()
    origin = f"collection {folder}"
    try:
        if not (folder / "theory").is_dir():
            raise CollectionError(f"{origin}: it has no folder theory/; `assay new PAPER.STATEMENT` makes one")
        name = re.sub(r"[-. ]", "_", folder.name)
        if not name.isidentifier():
            raise CollectionError(f"{origin}: its name is no name of letters, digits and _; rename the folder")
        return Collection(f"{HOME}.{name}", folder, origin)
    except OSError as error:
        raise CollectionError(f"{origin} cannot be read: {error.strerror}") from None


def one_line(error: BaseException) -> str:
    """An error's message on one line, or its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


class Finder:
    """Finds `lazy_assay.collections.NAME` in the folder that is registered under it; Python finds what is inside."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of a registered folder, or None."""
        if not name.startswith(f"{HOME}."):
            return None
        folder = next((str(it.folder) for it in catalogue().collections if it.package == name), None)
        if folder is None:
            return None
        start = Path(folder, "__init__.py")
        if start.is_file():
            return importlib.util.spec_from_file_location(name, start, submodule_search_locations=[folder])
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [folder]
        return spec


_CURRENT: list[Catalogue] = []


def catalogue() -> Catalogue:
    """The process's catalogue: the built-in claims, what is installed, then the folders that were registered."""
    if not _CURRENT:
        # In a checkout the folders of the house are links, and its files stand where these point to.
        house = Path(sys.modules[HOUSE].__path__[0], "theory").resolve().parent
        built_in = Collection(HOUSE, house, "the built-in claims")
        _CURRENT.append(Catalogue([built_in], tuple(metadata.entry_points(group=GROUP))))
        sys.meta_path.append(Finder)
    return _CURRENT[0]


def collection(path: str | Path) -> Collection:
    """Register the collection in a folder, so that its claims are known by their ids in this process.

    Raises CollectionError, one line, where the folder holds none, or its name or one of its papers is taken.
    """
    return catalogue().add(from_folder(path))
