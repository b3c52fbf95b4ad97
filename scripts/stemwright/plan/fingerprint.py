"""What code a job depends on: a digest of our own modules, and the versions of others' libraries.

From the script and the modules that a job names, imports are followed through our own package, those
inside functions too. A change elsewhere in the package does not touch the job.
"""

from __future__ import annotations

import functools
import hashlib
import re
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from stemwright.base.looked import unnoted

_ROOT = Path(__file__).parent.parent
_PACKAGE = _ROOT.name
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)

_FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n|\n)+", re.MULTILINE)
"""Imports that only a type checker makes."""

_NOT_IN_JOBS = ("pydantic", "pydantic_core")
"""What only the main process imports, to check a spec, although modules of jobs name it."""


_script_file: Callable[[str], Path] = _ROOT.resolve().parent.joinpath


def find_scripts(script_file: Callable[[str], Path]) -> None:
    """Find the scripts of rules by a function that takes a file's name. By default they are beside this package."""
    global _script_file
    _script_file = script_file


def script(name: str) -> Path:
    """The script of a rule, by its name without ending."""
    return _script_file(f"{name}.py")


known: dict[str, list] = {}
"""Fingerprints that were worked out, as [digest, versions], by the names of scripts and modules."""


def fingerprint(scripts: Iterable[Path], modules: Iterable[str] = ()) -> dict:
    """`{"code": digest, "libraries": {name: version}}` of scripts and modules (`stemwright.effects.gain`)."""
    scripts, modules = sorted(scripts), sorted(modules)
    names = " ".join([*map(str, scripts), *modules])
    if names not in known:
        known[names] = _fingerprint(scripts, modules)
    code, libraries = known[names]
    return {"code": code, "libraries": dict(libraries)}


def _fingerprint(scripts: list[Path], modules: list[str]) -> list:
    seen: dict[str, Path] = {}
    others: set[str] = set()
    todo = [(f"script {path.name}", path) for path in scripts] + [_locate(module) for module in modules]
    while todo:
        name, path = todo.pop()
        if name in seen:
            continue
        seen[name] = path
        ours, foreign = _imports(path)
        others |= foreign
        todo += [_locate(module) for module in ours]
    digest = hashlib.sha256()
    for name in sorted(seen):
        digest.update(f"{name}\0{_digest(seen[name])}\n".encode())
    return [digest.hexdigest()[:16], {name: _version(name) for name in sorted(others)}]


@functools.cache
def _imports(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Our modules and other libraries that a file imports."""
    ours, foreign = set(), set()
    for source, names, plain in _IMPORT.findall(_FOR_TYPES.sub("", path.read_text(encoding="utf-8"))):
        for module in [source] if source else [part.split()[0] for part in plain.split(",") if part.strip()]:
            top = module.split(".")[0]
            if not top:
                raise ValueError(f"{path}: imports {module!r}; only absolute imports are followed")
            if top == _PACKAGE:
                ours |= {".".join(module.split(".")[: i + 1]) for i in range(1, module.count(".") + 1)}
                ours |= {
                    f"{module}.{name}" for name in re.findall(r"\w+", names) if _file(f"{module}.{name}")
                }
            elif top not in sys.stdlib_module_names and top not in _NOT_IN_JOBS:
                foreign.add(top)
    return frozenset(ours), frozenset(foreign)


@functools.cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def _file(module: str) -> Path | None:
    path = _ROOT.joinpath(*module.split(".")[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _locate(module: str) -> tuple[str, Path]:
    path = _file(module)
    if path is None:
        raise ModuleNotFoundError(f"no module {module} in {_ROOT}")
    return module, path


@functools.cache
def _version(library: str) -> str:
    """A library's version; the ones we use are named as their import."""
    try:
        with unnoted():  # whoever keeps what depends on it knows which libraries are installed
            return version(library)
    except PackageNotFoundError:
        return "unknown"
