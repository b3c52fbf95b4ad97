"""The kind of machine: two of one kind make the same bytes, two of different kinds may not.

NumPy, OpenBLAS, the C library and the deflate library choose their code by what the processor can do. Where they choose
otherwise, some samples differ by one unit in the last place of a 32-bit float: of a stem of 1.6 million frames, 68 did
with NumPy's code for AVX2 instead of AVX-512, as many with another kernel of OpenBLAS, and with the C library's
functions without FMA.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

# As `numpy.show_runtime` does: whether the processor has each feature.
_features: dict[str, bool] = vars(importlib.import_module("numpy._core._multiarray_umath"))[
    "__cpu_features__"
]

_CONFIGS = ("scipy_openblas_get_config64_", "openblas_get_config64_", "openblas_get_config")


@cache
def kind_of_machine() -> dict[str, Any]:
    """What the bytes of a result may depend on, besides what is asked and the versions of our libraries."""
    return {
        "python": sys.version_info[:2],
        "system": sys.platform,
        "machine": platform.machine(),
        "libc": _libc(),
        "libc_tunables": os.environ.get("GLIBC_TUNABLES", ""),
        "features": sorted(name for name, is_there in _features.items() if is_there),
        "blas": _blas(),
    }


def _libc() -> str:
    with suppress(AttributeError, ValueError, OSError):
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    return ""


def _blas() -> str:
    """NumPy's OpenBLAS, its version and the kernel that it has chosen; "" for another library."""
    with suppress(OSError):
        for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
            path = line.rpartition(" ")[2]
            if "openblas" not in os.path.basename(path):
                continue
            library = ctypes.CDLL(path)
            for name in _CONFIGS:
                if config := getattr(library, name, None):
                    config.restype = ctypes.c_char_p
                    return str(config().decode())
    return ""
