"""The folder of a ledger's sealed journals: files are added and moved, never changed; it merges as a set."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lazy_assay.checks.ledger import sealed
from lazy_assay.checks.ledger.address import LedgerError


@dataclass(frozen=True)
class Archive:
    """Sealed journals under `folder`, which need not be there yet."""

    folder: Path

    def paths(self) -> dict[str, Path]:
        """The journals by the digest in their name, in the order of their names; other files are none of ours."""
        try:
            names = sorted(os.listdir(self.folder), reverse=True)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise LedgerError(f"journals {self.folder} cannot be read ({error.strerror}); name another") from None
        found = {told["digest"]: self.folder / told[0] for name in names if (told := sealed.NAME.fullmatch(name))}
        return dict(reversed(found.items()))

    def keep(self, name: str, content: bytes) -> Path:
        """Add a journal; on disk when this returns. One that is there already stays, unless it is damaged.

        A damaged file is set aside under its name and `.damaged`. Raises LedgerError where nothing can be written.
        """
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if path.exists():
                if self.intact(path):
                    return path
                path.replace(_free(path))
            _write(path, content)
        except OSError as error:
            raise LedgerError(f"journal {path} cannot be written ({error.strerror}); make room", machine=True) from None
        return path

    def intact(self, path: Path) -> bool:
        """Whether the journal at `path` is what was sealed under its name."""
        try:
            return sealed.check(path) == path.name
        except (sealed.DamagedError, OSError):
            return False

    def take(self, path: Path) -> str:
        """Add the journal at `path`; its digest. Raises DamagedError where it is none, LedgerError, OSError."""
        return sealed.digest(self.keep(sealed.check(path), sealed.packed(path)))

    def drop(self, path: Path) -> None:
        """Take away a journal that another folder has. Raises LedgerError where it cannot be."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(f"journal {path} cannot be moved ({error.strerror}); it is in both folders") from None


def _free(path: Path) -> Path:
    """A name beside the damaged file that nothing has yet."""
    names = (path.with_name(f"{path.name}.damaged{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())


def _write(path: Path, content: bytes) -> None:
    """The whole file under its name, or nothing: two that add the same journal at once leave one of them."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".journal.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """The name of a new file is on disk as well; where the system cannot, its next flush does."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
