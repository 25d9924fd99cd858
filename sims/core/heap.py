"""Memory that kernel calls give back stays with the process, for the next ones: no page is asked for twice.

A simulation makes and frees intermediates of a megabyte or two, thousands of times. glibc hands such blocks back to the
system as soon as they lie at the top of its heap, and every page of the next one is a fault: up to half the time of a
small task, more or less of it as blocks happen to lie. No number changes.
"""

from __future__ import annotations

import ctypes
import functools
import os

# What mallopt calls them, and what is kept: up to 128 MB at the top of the heap, blocks of up to 32 MB (glibc's own
# largest) within it.
_TRIM, _MAP = -1, -3
KEPT, WITHIN = 2**27, 2**25


@functools.cache
def keep_freed() -> bool:
    """Tell the C library, once a process; whether it listens. One that the user's environment has told is let be."""
    if any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ):
        return False
    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        # Not glibc: musl and macOS have no such call, Windows no such library.
        return False
    return bool(tell(_MAP, WITHIN)) and bool(tell(_TRIM, KEPT))
