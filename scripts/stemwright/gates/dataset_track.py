"""Dataset track: all of a track is there, as its checksums say, and as long as its annotations say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.audio import AudioFile
from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.delivery.dataset_texts import digests
from stemwright.gates._base import Check, Gate, GateContext, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input

_AUDIO = ("mix", "master", "stem")


@dataclass(frozen=True)
class DatasetTrack(Gate):
    """A track has all of its files, with the checksums that it names, and its audio is as long as its annotations say.

    Source: our own. Remedy: delete the file and run again; `snakemake audit` names a file that changed.
    """

    stages = ("dataset_track",)
    needs = "a dataset"

    @classmethod
    def context(cls, song: Any, artifact: Artifact) -> GateContext:
        """`listed`: the path of each file below the folder of the dataset."""
        return {
            "listed": [entry.path.removeprefix(f"{artifact.home}/") for entry in artifact.inputs["files"]]
        }

    @classmethod
    def inputs(cls, song: Any, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`files`: all of its files."""
        return {"files": artifact.inputs["files"]}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        track, listed = read_json(subject.path), subject.context["listed"]
        try:
            named = {file["path"]: file for file in track["files"]}
            remedy = f"delete {subject.path} and run again"
            odd = sorted(set(named).symmetric_difference(listed))
            checks = [self._check("files", len(odd), f"0 of {len(listed)} missing or more", odd, remedy)]
            places = dict(zip(listed, subject.inputs["files"], strict=True))
            wrong = [
                path
                for path, file in named.items()
                if path in places
                and digests(places[path]) != {key: file[key] for key in ("bytes", "md5", "sha256")}
            ]
            checks.append(self._check("checksums", len(wrong), f"0 of {len(named)} wrong", wrong, remedy))
            jams = next(places[path] for path, file in named.items() if file["role"] == "jams")
            seconds = float(read_json(jams)["file_metadata"]["duration"])
            sound = [path for path, file in named.items() if path in places and file["role"] in _AUDIO]
        except (LookupError, TypeError, ValueError, StopIteration) as error:
            raise StemwrightError(f"{subject.path}: is no track of a dataset ({error})") from None
        off = [path for path in sound if not _lasts(places[path], seconds)]
        limit = f"{seconds:.6f} s, all {len(sound)}"
        return [*checks, self._check("lengths", len(off), limit, off, remedy)]

    def _check(self, name: str, found: int, limit: str, which: Sequence[str], remedy: str) -> Check:
        status = self.failed() if found else "pass"
        return Check(f"dataset_track.{name}", status, found, "files", limit, ", ".join(which[:5]), remedy)


def _lasts(path: str, seconds: float) -> bool:
    """Whether audio is as long, to the nearest frame of its rate."""
    with AudioFile(path) as file:
        return abs(file.frames - seconds * file.rate) <= 1
