from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from lazy_assay.sims.core import heap

# Blocks of 4 MB at the top of the heap, made and freed again and again: a thousand pages each.
PROGRAM = """
import ctypes, resource, sys
from lazy_assay.sims.core import heap
told = heap.keep_freed() if sys.argv[1] == "kept" else True
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
c.mallopt(-3, 2**25)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    block = c.malloc(2**22)
    ctypes.memset(block, 1, 2**22)
    c.free(block)
print(told, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(kept: str) -> int:
    # What other libraries say of memory in this process (a nanny of Dask's does) is none of a user's.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run([sys.executable, "-c", PROGRAM, kept], capture_output=True, text=True, check=True, env=own)
    told, count = done.stdout.split()
    if told != "True":
        pytest.skip("this C library has no mallopt")
    return int(count)


def test_pages_of_freed_blocks_are_not_asked_for_again() -> None:
    pages = 2**22 // resource.getpagesize()
    assert faults("kept") < 3 * pages
    assert faults("not kept") > 10 * pages


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_the_environment_says_of_memory_wins(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert heap.keep_freed.__wrapped__() is False
