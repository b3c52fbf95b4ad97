"""Dataset index: every track is in the index, complete, and in one split; and the checksums are those of the tracks."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.delivery.dataset_texts import ALL, digests
from stemwright.gates._base import Check, Gate, GateContext, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input

_SUM = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True)
class DatasetIndex(Gate):
    """The index names every file of every track once, with the checksums of the tracks; no track is in two splits.

    - files: what the index names are the files of the tracks, their JSON, and `splits.json`, with their MD5.
    - splits: each track is in the split that the dataset says, and in no other.
    - sums: `SHA256SUMS` has these files, the index and the README, with their SHA-256.

    Source: the code of mirdata 1.0. Remedy: delete the file and run again.
    """

    stages = ("dataset_index",)
    needs = "a dataset"

    @classmethod
    def context(cls, song: Any, artifact: Artifact) -> GateContext:
        """`splits`: the split of each track."""
        return {"splits": {track.id: track.split or ALL for track in song.tracks}}

    @classmethod
    def inputs(cls, song: Any, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`tracks`: the JSON of each; `splits`, `readme`, `sums`: the other files of its job."""
        others = {role: artifact.extra(role) for role in ("splits", "readme", "sums")}
        return {"tracks": artifact.inputs["tracks"], **others}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        given, home = subject.inputs, f"{os.path.dirname(subject.path)}/"
        (splits,), (readme,), (sums,) = given["splits"], given["readme"], given["sums"]
        try:
            found = read_json(subject.path)
            tracks = [read_json(path) for path in given["tracks"]]
            files = {file["path"]: file for track in tracks for file in track["files"]}
            files |= {path.removeprefix(home): digests(path) for path in (*given["tracks"], splits)}
            named = [entry for part in found.values() if isinstance(part, dict) for entry in _entries(part)]
            expected = sorted((path, file["md5"]) for path, file in files.items())
            files |= {path.removeprefix(home): digests(path) for path in (subject.path, readme)}
            split_of = [(track, name) for name, ids in read_json(splits).items() for track in ids]
            with open(sums, encoding="utf-8") as text:
                summed = [_SUM.fullmatch(line.rstrip("\n")) for line in text]
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise StemwrightError(f"{subject.path}: is no index of a dataset ({error})") from None
        told = {match[2]: match[1] for match in summed if match}
        whole = len(told) == len(summed) and told == {path: file["sha256"] for path, file in files.items()}
        odd = Counter(named)
        odd.subtract(expected)
        wrong = sorted({path for (path, _), count in odd.items() if count})
        dealt = subject.context["splits"]
        moved = sorted({track for track, _ in set(split_of).symmetric_difference(dealt.items())})
        twice = sorted(track for track, count in Counter(track for track, _ in split_of).items() if count > 1)
        return [
            self._check(subject, "files", wrong, f"0 of {len(expected):,} wrong"),
            self._check(subject, "splits", moved or twice, f"0 of {len(dealt):,} tracks elsewhere"),
            self._check(subject, "sums", [] if whole else [sums.removeprefix(home)], "as the tracks say"),
        ]

    def _check(self, subject: Subject, name: str, wrong: Sequence[str], limit: str) -> Check:
        status = self.failed() if wrong else "pass"
        remedy = f"delete {subject.path} and run again"
        return Check(f"dataset_index.{name}", status, len(wrong), "", limit, ", ".join(wrong[:5]), remedy)


def _entries(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The (path, MD5) of a part of the index: of the entries themselves, or of each of their files."""
    found = []
    for entry in part.values():
        if isinstance(entry, list):
            found.append((entry[0], entry[1]))
        else:
            found += [(file[0], file[1]) for key, file in entry.items() if key != "tracks"]
    return found
