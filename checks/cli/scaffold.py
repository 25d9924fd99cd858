"""The files of a new claim, from templates."""

from __future__ import annotations

import keyword
from pathlib import Path

import jinja2

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.theory._catalogue import catalogue

TEMPLATES = Path(__file__).parent / "templates"
KINDS = ("identity", "limit")
# By kind: where each file goes, and what it is made from.
FILES = {
    "identity": {"theory/{paper}/__init__.py": "paper", "theory/{paper}/{statement}.py": "identity"},
    "limit": {
        "theory/{paper}/__init__.py": "paper",
        "theory/{paper}/{statement}.py": "limit",
        "checks/{paper}/{statement}.py": "check",
        "sims/{statement}.py": "simulation",
    },
}


def written(id: str, kind: str, folder: Path) -> list[Path]:
    """Write the files of claim `id` below `folder` and return them.

    A paper's own file is left where it is there already. Raises UsageError for an id that is no PAPER.STATEMENT, a
    paper of another collection, a file that is there already, or a folder that cannot be written to.
    """
    paper, _, statement = id.partition(".")
    for name in (paper, statement):
        if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name) or name.startswith("_"):
            raise UsageError(f"{id} is no PAPER.STATEMENT: both are names of letters, digits and _, such as me2026.eq3")
    home = folder.resolve()
    for other in catalogue().collections:
        if paper in other.papers and other.folder != home:
            raise UsageError(f"the paper {paper} belongs to {other.origin} already; choose another name")
    texts = _texts(kind, paper, statement)
    if taken := [path for path in texts if (home / path).exists() and not path.endswith("__init__.py")]:
        raise UsageError(f"{home / taken[0]} is there already; nothing was written")
    try:
        return [_write(home / path, text) for path, text in texts.items() if not (home / path).exists()]
    except OSError as error:
        raise UsageError(f"{error.filename or home} cannot be written: {error.strerror}") from None


def _texts(kind: str, paper: str, statement: str) -> dict[str, str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    names = {"paper": paper, "statement": statement}
    return {
        path.format(**names): environment.get_template(f"{template}.py.jinja").render(names)
        for path, template in FILES[kind].items()
    }


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Never through a link that leads nowhere yet.
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
