"""Tell whether the libraries that Stemwright is built on load on this system: python scripts/check_libraries.py

Their wheels bring most of what they need. A few need a library of the system, which a minimal Debian lacks: it is
named, with the package to install. The exit code is 1 if anything does not load.
"""

import re
import sys
from importlib import import_module

LIBRARIES = (
    "annotated_types",
    "isal.igzip",
    "mido",
    "mutagen",
    "jinja2",
    "numpy",
    "pedalboard",
    "pydantic",
    "scipy.signal",
    "snakemake",
    "soundfile",
    "soxr",
    "watchfiles",
    "xxhash",
    "yaml",
)

PACKAGES = {
    "libatomic.so.1": "libatomic1",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libz.so.1": "zlib1g",
}
"""The system's libraries that the wheels for Linux are linked to, glibc aside, and Debian's packages of them."""

_LACKING = re.compile(r"(lib\S+\.so[.\d]*): cannot open shared object file")


def problems() -> list[str]:
    """What does not load, and the remedy where it is known: lines for the user. Empty if all is well."""
    lines, packages = [], set()
    for name in LIBRARIES:
        try:
            import_module(name)
        except (ImportError, OSError) as error:
            lines.append(f"{name}: {error}")
            lacking = _LACKING.search(str(error))
            if lacking and lacking[1] in PACKAGES:
                packages.add(PACKAGES[lacking[1]])
    if packages:
        lines.append(f"Install what they need (Debian, Ubuntu): apt install {' '.join(sorted(packages))}")
    return lines


if __name__ == "__main__":
    if found := problems():
        sys.exit("\n".join(["Libraries that Stemwright needs do not load on this system:", *found]))
