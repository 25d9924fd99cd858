"""The pytest plugin: claims as items. Installed with the package, and silent until `--assay` or a conftest switches
it on.

Plain `pytest -n auto` in a checkout collects the claims beside the harness's own tests; `assay run` calls pytest
with it. Nothing heavy is imported here: every pytest run on this machine loads this file.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lazy_assay.checks.executors import expectations

if TYPE_CHECKING:
    from lazy_assay.checks.executors.items import ClaimFile

# In the environment of the workers of `assay run`.
WORKER = "ASSAY_WORKER"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; `assay run` sets them all."""
    group = parser.getgroup("assay", "claims confronted with simulations")
    group.addoption("--assay", action="store_true", help="collect claims as items")
    group.addoption("--assay-profile", default="quick", help="quick, full or nightly")
    group.addoption("--assay-entropy", default=0, type=int, help="fixes configurations and noise")
    group.addoption("--assay-device", default="cpu", help="where simulations run: cpu, cuda, cuda:1")
    group.addoption("--assay-report", default="", help="folder of the report; results are kept there as they come")
    group.addoption("--assay-draws", default="", help="folder of raw draws; else the report's, or the session's")
    group.addoption("--assay-data-dir", default="", help="a folder with the user's own MNIST files")
    group.addoption(
        "--assay-collection", action="append", default=[], metavar="DIR", help="a folder with claims of one's own"
    )
    parser.addini("assay_collections", "folders with claims of one's own", type="paths", default=[])
    group.addoption("--assay-skip", default="", help="a file of item ids, one a line, that are already done")
    group.addoption("--assay-until", default=0, type=int, help="seconds since 1970 after which no item begins")
    group.addoption("--assay-seconds", default="", help="a file of what items took last, as a run keeps it")
    expectations.add_options(parser)


def switch_on(config: pytest.Config) -> None:
    """Collect claims in this run: called by a checkout's conftest, or where an option or a project's ini asks for it.

    Raises pytest.UsageError for a collection that cannot be registered.
    """
    if config.pluginmanager.has_plugin("assay-claims"):
        return
    config.pluginmanager.register(Claims(config), "assay-claims")
    if not hasattr(config, "workerinput"):
        if not config.getoption("--assay-report"):
            share_draws(config)
        from lazy_assay.checks.executors.recorder import Recorder

        config.pluginmanager.register(Recorder(config), "assay-recorder")


def share_draws(config: pytest.Config) -> None:
    """Without a report, a folder for this session: what several items read, in whatever worker, is drawn once."""
    import shutil
    import tempfile

    with suppress(OSError):
        config.option.assay_draws = folder = tempfile.mkdtemp(prefix="assay-draws-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_configure(config: pytest.Config) -> None:
    """Switch on where `--assay`, or a collection, asks for it; `expect` waits for a test that makes a check."""
    expectations.switch_on(config)
    if config.getoption("--assay") or _collections(config):
        switch_on(config)
    if hasattr(config, "workerinput") and "ASSAY_WORKER_DEVICE" in os.environ:
        from lazy_assay.checks.executors.machines import make_sure

        make_sure()


def pytest_internalerror(excinfo: pytest.ExceptionInfo[BaseException]) -> bool | None:
    """A worker of `assay run` that breaks says so in one line, the first one alone; its run says what came of it."""
    if WORKER not in os.environ:
        return None
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw0":
        # What breaks may be that no more modules can be read: nothing is imported here.
        told = " ".join(excinfo.exconly().split()).encode("unicode_escape").decode()
        sys.stderr.write(f"a worker broke: {told[:300]}\n")
    return True


def _collections(config: pytest.Config) -> list[str]:
    return [*map(str, config.getini("assay_collections")), *config.getoption("--assay-collection")]


class Claims:
    """Collects the claims' files and leaves out what a resumed run has done; places workers on devices."""

    def __init__(self, config: pytest.Config) -> None:
        from lazy_assay.checks.configurations.datasets import DIRECTORY
        from lazy_assay.theory import CollectionError, collection
        from lazy_assay.theory._catalogue import catalogue

        self.catalogue = catalogue()
        try:
            for folder in _collections(config):
                collection(folder)
        except CollectionError as error:
            raise pytest.UsageError(str(error)) from None
        if config.getoption("--assay-data-dir"):
            # Workers are processes of their own, and each has the option.
            os.environ[DIRECTORY] = config.getoption("--assay-data-dir")
        skip = config.getoption("--assay-skip")
        self.done: set[str] = set()
        # Gone where the run has ended, for want of file handles, before this worker was ready: nobody listens to it.
        with suppress(FileNotFoundError):
            self.done = set(Path(skip).read_text().splitlines()) if skip else set()

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ClaimFile | None:
        """The file of a claim is a collector of its checks."""
        place = self.catalogue.at(file_path)
        if place is None:
            return None
        from lazy_assay.checks.executors.items import ClaimFile

        file: ClaimFile = ClaimFile.from_parent(parent, path=file_path, nodeid=place.node)
        file.claim = place.id
        return file

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A claim's file holds no tests: pytest would import what is named on its command line as a test module."""
        from lazy_assay.checks.executors.items import NoTests

        return NoTests.from_parent(parent, path=module_path) if self.catalogue.at(module_path) else None

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Dir | None:
        """The folders of a collection are no test packages: pytest would import them, under other names."""
        inside = path.resolve()
        if not any(inside.is_relative_to(it.folder / "theory") for it in self.catalogue.collections):
            return None
        folder: pytest.Dir = pytest.Dir.from_parent(parent, path=path)
        return folder

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what is done, and put the rest in one order in every worker: see `executors.costs`."""
        kept = [item for item in items if getattr(getattr(item, "task", None), "id", "") not in self.done]
        if len(kept) < len(items):
            config.hook.pytest_deselected(items=[item for item in items if item not in kept])
            items[:] = kept
        from lazy_assay.checks.executors.costs import ORDER, begun, ordered

        named = config.getoption("--assay-seconds")
        tasks = [item.task for item in items if hasattr(item, "task")]
        first = begun(tasks, self._remembered(config), ordered(Path(named).with_name(ORDER)) if named else ())
        place = {task.id: at for at, task in enumerate(first)}
        # Items that are no claim's stay behind them, as they came.
        items.sort(key=lambda item: place[item.task.id] if hasattr(item, "task") else len(place))

    def _remembered(self, config: pytest.Config) -> dict[str, float]:
        """What items took last: by the file that a run names, else by pytest's own cache."""
        from lazy_assay.checks.executors.costs import CACHED, checked, read

        if named := config.getoption("--assay-seconds"):
            return read(Path(named))
        cache = getattr(config, "cache", None)
        return checked(cache.get(CACHED, {})) if cache else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """A worker of `assay run` ends: pytest is not to look for garbage, twice, among all that it has imported."""
        if WORKER in os.environ:
            gc.freeze()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_auto_num_workers(self, config: pytest.Config) -> int:
        """As many workers as devices and their memory allow, or as cores."""
        from lazy_assay.checks.executors.machines import worker_count

        return worker_count(config.getoption("--assay-device"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config, specs: list[Any]) -> None:
        """Device and thread count are in each worker's environment before it imports torch."""
        from lazy_assay.checks.executors.machines import worker_environment

        for index, spec in enumerate(specs):
            spec.env.update(worker_environment(config.getoption("--assay-device"), index))
            if config.getoption("--assay-skip"):
                spec.env[WORKER] = str(index)
