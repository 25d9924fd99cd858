"""Where a ledger lies: the URL of its index, and the folder of its journals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

FORMS = "sqlite:///ledger.sqlite or postgresql+psycopg://host/database"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# What may stand before :// for PostgreSQL: one driver, with or without its name.
DRIVERS = ("postgresql+psycopg", "postgresql")


class LedgerError(ValueError):
    """The ledger cannot be opened, read or written; one line says why and how to mend it.

    `machine` says whether it is the machine's fault (a full disk, a server that went away) and not the caller's.
    """

    def __init__(self, message: str, *, machine: bool = False) -> None:
        super().__init__(message)
        self.machine = machine


class LedgerLockedError(LedgerError):
    """Another process has held the index for longer than this one waits."""


class LedgerOutdatedError(LedgerError):
    """The index has another schema than this Assay's."""


@dataclass(frozen=True)
class Address:
    """`url` is fit to be shown: a password in it is written as ***. `target` is what opens the index."""

    url: str
    kind: str
    target: str
    journals: Path

    @property
    def path(self) -> Path:
        """The file of an SQLite index."""
        return Path(self.target)


def default_url() -> str:
    """The user's own ledger."""
    return f"sqlite:///{_home() / 'ledger.sqlite'}"


def parsed(url: str) -> Address:
    """The address behind `sqlite:///relative.sqlite`, `sqlite:////absolute.sqlite` or `postgresql+psycopg://…`.

    The journals lie beside an SQLite file, in FILE.journals, and for a server among the user's own data;
    `?journals=DIR` names another folder. Raises LedgerError for any other URL.
    """
    base, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    journals = options.pop("journals", "")
    scheme, separator, rest = base.partition("://")
    if scheme == SQLITE and separator and rest[:1] == "/" and rest[1:] and not options:
        path = Path(rest[1:])
        if not path.name:
            raise LedgerError(f"ledger {_shown(url)!r} is a folder; name another with --ledger, such as {FORMS}")
        return Address(url, SQLITE, str(path), Path(journals) if journals else path.with_name(f"{path.name}.journals"))
    if scheme in DRIVERS and separator:
        target = f"{DRIVERS[0]}://{rest}" + (f"?{urlencode(options)}" if options else "")
        place = Path(journals) if journals else _home() / "journals" / _name(rest, options)
        return Address(_shown(url), POSTGRESQL, target, place)
    raise LedgerError(f"ledger {_shown(url)!r} cannot be opened; give a URL such as {FORMS}")


def _shown(url: str) -> str:
    base, mark, query = url.partition("?")
    hidden = re.sub(r"(//[^:/@]*):.*@", r"\1:***@", base)
    return hidden + mark + re.sub(r"(password=)[^&]*", r"\1***", query)


def _name(rest: str, options: dict[str, str]) -> str:
    """A folder name for a database: its host, port and name, without who asks."""
    place = options.get("host", "") + "-" + rest.rpartition("@")[2]
    return re.sub(r"[^A-Za-z0-9.]+", "-", place).strip("-.") or "local"


def _home() -> Path:
    from platformdirs import user_data_path

    return user_data_path("lazy-assay")
