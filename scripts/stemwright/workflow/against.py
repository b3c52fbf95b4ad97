"""What a song is compared with: an earlier delivery, an earlier build, or an earlier commit of the songs.

`--config against=X` names a zip of ours; a folder, which is an unpacked zip, the output folder of a build, or a folder
that has one; or a commit, as Git writes it (`main`, `HEAD~3`, a tag). A file or folder of that name comes first.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.hashing import sha256
from stemwright.base.printable import printable
from stemwright.comparison import Side
from stemwright.comparison.deliveries import side_of
from stemwright.delivery.bagit import PAYLOAD
from stemwright.delivery.manifest import MANIFEST
from stemwright.inspection.unpacking import open_delivery, peek_manifest


@dataclass(frozen=True)
class Earlier:
    """What songs are compared with.

    Attributes
    ----------
    deliveries : mapping of str to str
        By song, its zip or unpacked zip. A song that is not in it was not there.
    commit : str
        The commit whose songs are to be built first; empty if they are built already.
    """

    deliveries: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""


def find_earlier(against: str, archives: Mapping[str, str]) -> Earlier:
    """Find what `against` names.

    Parameters
    ----------
    against : str
        A path, or a commit.
    archives : mapping of str to str
        By song that may be compared, where its zip is in a build: an earlier build has it in the same place.

    Returns
    -------
    Earlier

    Raises
    ------
    StemwrightError
        If it names nothing of the kind, or something of other songs.
    """
    if os.path.isfile(against):
        return Earlier({_song_of(against, read_manifest(against), list(archives)): against})
    if os.path.isdir(against):
        return Earlier(_in_folder(against, archives))
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{against}^{{commit}}")
    if commit:
        return Earlier(commit=commit.strip())
    raise StemwrightError(
        f"--config against: {printable(against)}: is no zip, no folder and no commit of Git here; give a zip that was "
        "built before (against=old.zip), the folder of an earlier build, or a commit of the songs (against=HEAD~1)"
    )


def read_manifest(delivery: str) -> dict[str, Any]:
    """The manifest of a zip of ours, or of a folder that it was unpacked to. Raises StemwrightError without one."""
    try:
        manifest = json.loads(peek_manifest(delivery) or b"{}")
        if (
            isinstance(manifest, dict)
            and isinstance(manifest.get("song"), str)
            and isinstance(manifest["files"], list)
        ):
            return manifest
    except (ValueError, KeyError, RecursionError):
        pass
    raise StemwrightError(
        f"{printable(delivery)}: is no delivery of Stemwright: it has no {MANIFEST} that can be read. Files of another "
        "program are judged by scripts/verify_delivery.py"
    )


@contextmanager
def unpacked_side(delivery: str) -> Iterator[Side]:
    """The side of a zip or of an unpacked one. Raises StemwrightError if it is damaged, or no delivery of ours."""
    manifest = read_manifest(delivery)
    with open_delivery(delivery) as contents:
        for finding in contents.findings:
            if finding.check.status == "fail":
                raise StemwrightError(f"{printable(delivery)}: is damaged: {finding.check.reason}")
        paths = {name.removeprefix(PAYLOAD): path for name, path in contents.sounds}
        side = side_of(delivery, manifest, paths)
        for track in side.tracks:  # equal checksums are believed to be equal sounds
            if sha256(track.path) != track.sha256:
                raise StemwrightError(
                    f"{printable(delivery)}: {printable(track.name)} is not the file of that checksum in its "
                    f"{MANIFEST}; give a delivery that is as it was built"
                )
        yield side


def _song_of(delivery: str, manifest: Mapping[str, Any], songs: Sequence[str]) -> str:
    """The song that a delivery is compared with: the one of its name, or, of another name, the only one there is."""
    song = str(manifest["song"])
    if song in songs:
        return song
    if len(songs) == 1:
        return songs[0]
    raise StemwrightError(
        f"--config against: {printable(delivery)}: is of the song {printable(song)}, which is not in `songs`; "
        "to compare it with another song, name that one: --config songs=[NAME]"
    )


def _in_folder(folder: str, archives: Mapping[str, str]) -> dict[str, str]:
    if peek_manifest(folder):
        return {_song_of(folder, read_manifest(folder), list(archives)): folder}
    found = {}
    for song, archive in archives.items():
        parts = Path(archive).parts
        places = (Path(folder, *parts[start:]) for start in reversed(range(len(parts))))
        if file := next((place for place in places if place.is_file()), None):
            found[song] = str(file)
    if not found:
        raise StemwrightError(
            f"--config against: {printable(folder)}: has no delivery of these songs: neither {MANIFEST}, nor what a "
            f"build has, such as {next(iter(archives.values()))}"
        )
    return found


def _git(*args: str) -> str:
    """The output of git; empty if it fails, or is not there."""
    try:
        run = subprocess.run(["git", *args], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return run.stdout if run.returncode == 0 else ""
