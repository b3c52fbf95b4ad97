"""Archive: the delivery zip is well-formed and holds exactly the verified files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemwright.delivery import bagit, verify
from stemwright.delivery.handoff_names import FOLDER
from stemwright.delivery.manifest import CHAPTERS, MANIFEST, README, SUMS, VERIFY
from stemwright.delivery.zip_names import quote
from stemwright.delivery.zip_reader import Member, read_zip
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.records.paths import artifact_of
from stemwright.records.sentinel import read_sentinel

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_TEXTS = (MANIFEST, README, CHAPTERS, VERIFY, SUMS)
_SUMS_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Archive(Gate):
    """The zip is well-formed and complete, and its members are byte for byte the files that passed their gates.

    Source: PKWARE APPNOTE 6.3.10. Remedy: delete the zip and run again; `snakemake audit` names a file that changed.
    """

    stages = ("archive",)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`archive`: names of the files in order; `chapters`: if there is chapters.txt; `bag`: what a bag says."""
        name = song.delivery_of(artifact.name)
        chapters = {"chapters": True} if song.delivery(name).chapters else {}
        bag = {"bag": info} if (info := bag_info(song, name)) else {}
        files = [*artifact.made_of("files"), *artifact.made_of("handoff")]
        return {"archive": [member_name(file) for file in files], **chapters, **bag}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`sentinels`: the sentinels of the delivered files."""
        files = [*artifact.made_of("files"), *artifact.made_of("handoff")]
        return {"sentinels": [file.passed for file in files]}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        files = [artifact_of(path.removeprefix(subject.root)) for path in subject.inputs["sentinels"]]
        sentinels = [read_sentinel(file, subject.root) for file in files]
        passed = dict(zip(subject.context["archive"], (entry["sha256"] for entry in sentinels), strict=True))
        chapters = [CHAPTERS] if subject.context.get("chapters") else []
        planned = [*passed, MANIFEST, README, *chapters, VERIFY, SUMS]
        program = hashlib.sha256(Path(verify.__file__).read_bytes()).hexdigest()
        bag = subject.context.get("bag")
        base, tags = (bagit.PAYLOAD, bagit.TAG_FILES) if bag else ("", ())
        archive = read_zip(subject.path, (base + MANIFEST, base + SUMS, *tags), subject.cores)
        found = [member.name for member in archive.members]
        digests = {member.name.removeprefix(base): member.sha256 for member in archive.members}
        names = [name.removeprefix(base) for name in found if name not in tags]
        listed = _manifest(archive.texts.get(base + MANIFEST))
        summed = _sums(archive.texts.get(base + SUMS))
        checks = [
            self._check(
                subject,
                "structure",
                [finding.text for finding in archive.findings],
                "sound",
                "nothing amiss in any byte",
            ),
            self._check(
                subject,
                "members",
                _compare_members(found, [*(base + name for name in planned), *tags])
                + _compare_names([name for name in names if name not in _TEXTS], listed, MANIFEST),
                f"{len(found)} members",
                f"the {len(planned) + len(tags)} planned, in order, as in {MANIFEST}",
            ),
            self._check(
                subject,
                "sha256",
                _compare_digests(passed, "its sentinel", digests)
                + _compare_digests({VERIFY: program}, "Stemwright", digests)
                + _compare_digests(listed, MANIFEST, digests),
                f"{len(passed)} files as verified",
                f"equal to the sentinels and to {MANIFEST}",
            ),
            self._check(
                subject,
                "sums",
                _compare_names([name for name in names if name != SUMS], summed, SUMS)
                + _compare_digests(summed, SUMS, digests),
                f"{len(names) - 1} sums",
                f"{SUMS} has every other member",
            ),
        ]
        if not bag:
            return checks
        payload = [member for member in archive.members if member.name not in tags]
        expected = bagit.tag_files(map(_payload_file, payload), **bag)
        faults = [
            f"{name} does not fit this bag" for name in tags if archive.texts.get(name) != expected[name]
        ]
        return [*checks, self._check(subject, "bag", faults, "BagIt 1.0", "tag files that fit the payload")]

    def _check(self, subject: Subject, name: str, faults: list[str], sound: str, limit: str) -> Check:
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        return Check(
            f"archive.{name}",
            self.failed() if faults else "pass",
            "; ".join(faults[:3]) + more if faults else sound,
            limit=limit,
            remedy=(
                f"delete {subject.path} and run snakemake again. If it is refused again, a delivered file "
                "has changed since it was verified: snakemake audit names it"
            ),
        )


def bag_info(song: LoadedSong, delivery: str) -> dict[str, str] | None:
    """What the bag of a delivery says of its content, see `bagit.tag_files`; None if its archive is none."""
    if getattr(song.delivery(delivery), "layout", "flat") != "bagit":
        return None
    return {"title": song.document.title or song.name, "date": str(song.document.metadata.date or "")}


def member_name(file: Artifact) -> str:
    """What a delivered file, or one of the hand-off, is called in an archive."""
    return file.name.rpartition("/")[2] if file.stage == "delivered" else f"{FOLDER}/{file.name}"


def _manifest(text: bytes | None) -> dict[str, str] | None:
    """The SHA-256 digests that a manifest lists, by file name; None if it is not a valid manifest."""
    try:
        data = json.loads(text or b"")
        files = [*data["files"], *data.get("handoff", ())]
        listed = {str(file["name"]): str(file["sha256"]) for file in files}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return listed if len(listed) == len(files) else None


def _sums(text: bytes | None) -> dict[str, str] | None:
    """The SHA-256 digests that SHA256SUMS lists, by file name; None if it is not valid."""
    try:
        lines = [_SUMS_LINE.fullmatch(line) for line in (text or b"").decode().removesuffix("\n").split("\n")]
    except UnicodeDecodeError:
        return None
    summed = {line[2]: line[1] for line in lines if line}
    return summed if len(summed) == len(lines) else None


def _compare_members(names: list[str], planned: Sequence[str]) -> list[str]:
    """Messages about members that are missing, unknown, or out of order."""
    faults = [f"{quote(name)} is missing" for name in planned if name not in names]
    faults += [f"{quote(name)} does not belong here" for name in names if name not in planned]
    if not faults and names != list(planned):
        faults.append(f"the order is {', '.join(map(quote, names))}")
    return faults


def _payload_file(member: Member) -> bagit.PayloadFile:
    name = member.name.removeprefix(bagit.PAYLOAD)
    return bagit.PayloadFile(name, member.sha256 or "", member.central.size)


def _compare_names(names: Sequence[str], listed: Mapping | None, where: str) -> list[str]:
    """Messages about names that are only in the archive, or only in the list `where`."""
    if listed is None:
        return [f"{where} is missing or cannot be read"]
    faults = [f"{quote(name)} is not in {where}" for name in names if name not in listed]
    return faults + [f"{quote(name)} is only in {where}" for name in listed if name not in names]


def _compare_digests(expected: Mapping[str, str] | None, where: str, found: Mapping) -> list[str]:
    """Messages about files whose digest differs from the expected one, or could not be computed."""
    if expected is None:
        return [f"{where} is missing or cannot be read"]
    return [
        f"{quote(name)} is {(found.get(name) or 'missing or damaged')[:18]}, in {where} {digest[:18]}"
        for name, digest in expected.items()
        if found.get(name) != digest
    ]
