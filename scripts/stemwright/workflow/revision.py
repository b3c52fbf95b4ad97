"""Songs as they were in a commit, built beside the present ones.

The commit's files are written to a temporary folder, with links to what Git does not have, such as recordings. What is
built here and is still right is linked there, so that only what differs is made. The code is the present one: what
differs are the songs.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, suppress
from pathlib import Path

from stemwright.base.errors import StemwrightError
from stemwright.records.claims import RUN
from stemwright.records.paths import ledgers_in, sentinel_of, song_file
from stemwright.song.house import load_house
from stemwright.validation.yaml import load_config

_SNAKEMAKE = ".snakemake"
_FOLDER = "diff-"
_OWN = {".git", _SNAKEMAKE, ".venv", "logs", "benchmarks"}
_DOCUMENTS = (".yaml", ".yml", ".smk")
_LAST_LINES = 30
_CONFIG = "config.yaml"
_INSIDE = "build"
"""The output folder of the other build, if the present one is elsewhere: nothing may be written there."""


@contextmanager
def built_at(
    commit: str, archives: Mapping[str, str], results: str, snakefile: str, cores: int
) -> Iterator[dict[str, str]]:
    """Build songs as they were in a commit.

    Parameters
    ----------
    commit : str
        Its id.
    archives : mapping of str to str
        By song to build, if it was there, its zip.
    results : str
        The output folder.
    snakefile : str
        The workflow.
    cores : int
        How many cores Snakemake may use.

    Yields
    ------
    dict of str to str
        The zip of each song that was there. It is gone afterwards.

    Raises
    ------
    StemwrightError
        If a song cannot be built, with the end of what Snakemake said.
    """
    is_inside = not os.path.isabs(results) and results.split("/")[0] != os.pardir
    inside = results if is_inside else _INSIDE
    _remove_left()
    with (
        tempfile.TemporaryDirectory(prefix=f"{_FOLDER}{commit[:12]}-", dir=_SNAKEMAKE) as folder,
        _held(folder),
    ):
        _check_out(commit, folder)
        _link_others(folder, inside)
        rows = _rows_at(folder)
        there = {
            song: path
            for song, path in archives.items()
            if song in rows or Path(folder, song_file(song)).is_file()
        }
        if is_inside:
            _link_built(folder, list(there.values()))
        there = {song: f"{inside}/{os.path.relpath(path, results)}" for song, path in there.items()}
        if there:
            _build(folder, there, inside, snakefile, cores)
        yield {song: f"{folder}/{archive}" for song, archive in there.items()}


@contextmanager
def _held(folder: str | os.PathLike) -> Iterator[None]:
    """Hold the lock of a folder. Raises BlockingIOError if another process does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _remove_left() -> None:
    """Remove what comparisons have left that were killed. Those that still run hold the lock of their folder."""
    for left in Path(_SNAKEMAKE).glob(f"{_FOLDER}*"):
        with suppress(OSError), _held(left):
            shutil.rmtree(left, ignore_errors=True)


def _check_out(commit: str, folder: str) -> None:
    """Write the files of a commit, those below the working directory: Git takes these alone."""
    command = ["git", "archive", "--format=tar", commit]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as git:
        assert git.stdout and git.stderr
        try:
            with tarfile.open(fileobj=git.stdout, mode="r|") as archive:
                archive.extractall(folder, filter="data")
        except tarfile.TarError as error:
            said = git.stderr.read().decode(errors="replace").strip()
            raise StemwrightError(f"--config against: {commit}: cannot be read: {said or error}") from None


def _link_others(folder: str, results: str) -> None:
    """Link what Git does not have, but for documents: those belong to the present songs."""
    listed = subprocess.run(["git", "ls-files", "-z", "--others"], capture_output=True, check=False)
    if listed.returncode:
        said = listed.stderr.decode(errors="replace").strip()
        raise StemwrightError(f"--config against: the songs' files cannot be listed: {said}")
    built = f"{results}/"
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        top = name.split("/")[0]
        if top in _OWN or name.startswith(built) or name.endswith(_DOCUMENTS):
            continue
        link = Path(folder, name)
        if not os.path.lexists(link):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(Path(name).absolute())


def _rows_at(folder: str) -> Collection[str]:
    """The songs of tables of another build. Raises InvalidFileError if its config.yaml cannot be used."""
    with chdir(folder):
        if not Path(_CONFIG).is_file():
            return ()
        return load_house(load_config(_CONFIG)[0].data, [_CONFIG]).songs.rows


def _link_built(folder: str, archives: Sequence[str]) -> None:
    """Give what is built here to the other build. Jobs replace files, so links will do; ledgers are appended to."""
    for source in (Path(archive).parent for archive in archives):
        ledgers = set(ledgers_in(source))
        for file in filter(Path.is_file, source.rglob("*")):
            to = Path(folder, file)
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                (shutil.copy2 if file in ledgers else os.link)(file, to)
            except OSError:  # another file system, or one without links
                shutil.copy2(file, to)
    records = Path(_SNAKEMAKE, "metadata")
    if records.is_dir():
        shutil.copytree(records, Path(folder, records))


def _build(folder: str, archives: Mapping[str, str], results: str, snakefile: str, cores: int) -> None:
    songs = ",".join(archives)
    places = json.dumps({"results": results, "logs": "logs", "benchmarks": "benchmarks"})
    profile = str(Path(snakefile).with_name("profiles") / "default")
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", snakefile, "--workflow-profile", profile),
        *("--directory", folder, "--cores", str(cores)),
        *("--config", f"songs=[{songs}]", "report=false", f"pathvars={places}"),
        *("--", *map(sentinel_of, archives.values())),
    ]
    env = {name: value for name, value in os.environ.items() if name != RUN}
    run = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    print(run.stdout)
    if run.returncode:
        end = "\n".join(run.stdout.strip().splitlines()[-_LAST_LINES:])
        raise StemwrightError(f"the songs as they were cannot be built now; Snakemake said:\n{end}")
