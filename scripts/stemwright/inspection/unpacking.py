"""The files of a folder, or of a zip that is read strictly and unpacked to a temporary folder only.

A zip from elsewhere may have what every zip program writes and a delivery of ours must not: times, extra fields, sizes
behind the data, entries for folders. That is only reported. Whatever makes its content ambiguous, damaged or dangerous
refuses it, and nothing of it is unpacked.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stemwright.base.errors import StemwrightError
from stemwright.delivery.bagit import PAYLOAD
from stemwright.delivery.manifest import MANIFEST
from stemwright.delivery.zip_names import Finding as ZipFinding
from stemwright.delivery.zip_names import quote
from stemwright.delivery.zip_reader import Archive, Member, read_zip
from stemwright.gates import Check
from stemwright.inspection.finding import Finding
from stemwright.inspection.sounds import ending, is_sound

_HABITS = {"timestamp", "extra", "comment", "attributes", "descriptor", "flags"}
_UNUSUAL = "is no safe name for a file on every system"  # of a name that cannot lead elsewhere, either
_DESCRIPTORS = (12, 16, 20, 24)  # bytes behind the data of a member: APPNOTE 4.3.9
_BLOCK = 1 << 20
_LARGEST_MANIFEST = 1 << 24  # bytes
_SPARE = 1 << 28  # bytes of the disk that are left free
_MOST_FILES = 10_000
_FOLDERS = ("", PAYLOAD)  # that a manifest may be in: that of a bag of BagIt is among its files
_HIDDEN = ("__MACOSX/", ".")


@dataclass
class Contents:
    """The sound files of a delivery as (name, path), the names of all others, what is wrong, and a manifest's roles.

    `is_zip`: whether the paths are those of temporary copies.
    """

    sounds: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    is_zip: bool = False


@contextmanager
def open_delivery(source: str) -> Iterator[Contents]:
    """The files of a folder or zip. Raises StemwrightError if there is none, or it is neither."""
    if os.path.isdir(source):
        yield _folder(source)
        return
    if not os.path.exists(source):
        raise StemwrightError(f"{source}: there is no such folder or zip")
    with open(source, "rb") as file:
        if file.read(2) != b"PK":
            raise StemwrightError(
                f"{source}: is neither a folder nor a zip; give the folder that the files are in"
            )
    with tempfile.TemporaryDirectory(prefix="stemwright-") as folder:
        yield _zip(source, folder)


def _folder(source: str) -> Contents:
    contents = Contents()
    for root, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
        for name in sorted(files):
            path = os.path.join(root, name)
            _add(contents, os.path.relpath(path, source).replace(os.sep, "/"), path)
    for inside, text in _manifests_in(source):
        contents.roles |= _manifest_roles(text, inside)
    return contents


def peek_manifest(source: str) -> bytes:
    """The text of the manifest of a folder or zip, empty if it has none. Nothing else of a zip is read, or checked."""
    if os.path.isdir(source):
        return next((text for _, text in _manifests_in(source)), b"")
    try:
        with zipfile.ZipFile(source) as packed:
            names = set(packed.namelist())
            for name in (inside + MANIFEST for inside in _FOLDERS):
                if name in names:
                    with packed.open(name) as member:
                        text = member.read(_LARGEST_MANIFEST)
                    return text if len(text) < _LARGEST_MANIFEST else b""
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, struct.error):
        pass  # no zip, a damaged one, or one that is encrypted
    return b""


def _manifests_in(folder: str) -> Iterator[tuple[str, bytes]]:
    """The manifests of a folder, each with the folder in it that it is in."""
    for inside in _FOLDERS:
        manifest = Path(folder, inside, MANIFEST)
        if manifest.is_file() and manifest.stat().st_size < _LARGEST_MANIFEST:
            yield inside, manifest.read_bytes()


def _add(contents: Contents, name: str, path: str) -> None:
    if name.rpartition("/")[2].startswith("."):
        return
    if len(contents.sounds) >= _MOST_FILES:
        raise StemwrightError(f"it has more than {_MOST_FILES:,} sound files; judge a folder of fewer")
    if is_sound(name):
        contents.sounds.append((name, path))
    else:
        contents.others.append(name)


def _zip(source: str, folder: str) -> Contents:
    archive = read_zip(source, texts=tuple(inside + MANIFEST for inside in _FOLDERS))
    contents = Contents(is_zip=True)
    wrong, habits = _sort(archive)
    unusual = [finding for finding in wrong if finding.text.endswith(_UNUSUAL)]
    wrong = [finding for finding in wrong if finding not in unusual]
    if not archive.members and not wrong:
        raise StemwrightError(f"{source}: is an empty zip")
    if wrong:
        for finding in wrong:
            remedy = "pack it again, with the zip of the system or with 7-Zip"
            contents.findings.append(
                Finding(Check("zip", "fail", finding.rule, reason=finding.text, remedy=remedy))
            )
        return contents
    for finding in unusual:
        remedy = "rename it: letters, digits, spaces and - _ . are safe everywhere"
        contents.findings.append(Finding(Check("zip_name", "fail", reason=finding.text, remedy=remedy)))
    what = f"{len(archive.members)} members, each whole (CRC-32)"
    contents.findings.append(
        Finding(Check("zip", "pass", "whole", limit=what, reason="; ".join(sorted(habits))))
    )
    members = [member for member in archive.members if not member.name.endswith("/")]
    shown = [member for member in members if not member.name.startswith(_HIDDEN)]
    needed = sum(member.central.size for member in shown if is_sound(member.name))
    if needed + _SPARE > (free := shutil.disk_usage(folder).free):
        raise StemwrightError(
            f"{source}: unpacks to {needed:,} bytes, and {folder} has {free:,} free; set TMPDIR to a larger disk"
        )
    with zipfile.ZipFile(source) as packed:
        for index, member in enumerate(shown):
            path = os.path.join(folder, f"{index:05d}.{ending(member.name)}")
            if is_sound(member.name):
                _unpack(packed, member, path)
            _add(contents, member.name, path)
    for inside in _FOLDERS:
        contents.roles |= _manifest_roles(archive.texts.get(inside + MANIFEST, b""), inside)
    return contents


def _unpack(packed: zipfile.ZipFile, member: Member, path: str) -> None:
    """Write a member under a name of ours. Raises StemwrightError if it is not what the strict reader read."""
    digest = hashlib.sha256()
    try:
        with packed.open(member.name) as source, open(path, "wb") as file:
            while block := source.read(_BLOCK):
                digest.update(block)
                file.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError):
        digest.update(b"unreadable")
    if digest.hexdigest() != member.sha256:
        raise StemwrightError(f"{quote(member.name)} is read differently by two programs; pack the zip again")


def _sort(archive: Archive) -> tuple[list[ZipFinding], set[str]]:
    """(what refuses the zip, the habits of other programs that are in it)."""
    late = {member.name for member in archive.members if member.central.flags & 1 << 3}
    folders = {quote(member.name) for member in archive.members if _is_folder(member)}
    wrong, habits = [], set()
    gaps = [finding for finding in archive.findings if finding.rule == "gap"]
    explained = bool(late) and len(gaps) == _descriptors(archive)
    for finding in archive.findings:
        is_folder = any(finding.text.startswith(name) for name in folders)
        if finding.rule in _HABITS and "is a link" not in finding.text:
            habits.add(_HABIT_TEXTS.get(finding.rule, finding.rule))
        elif is_folder and finding.rule in ("name", "attributes"):
            habits.add("entries for folders")
        elif (
            finding.rule == "local"
            and any(finding.text.startswith(quote(name)) for name in late)
            and _only_sizes(finding.text)
        ) or (finding.rule == "gap" and explained):
            habits.add("sizes behind the data")
        else:
            wrong.append(finding)
    return wrong, habits


_HABIT_TEXTS = {
    "timestamp": "times of files",
    "extra": "extra fields",
    "comment": "a comment",
    "descriptor": "sizes behind the data",
    "flags": "flags of other programs",
    "attributes": "entries for folders",
}


def _is_folder(member: Member) -> bool:
    return member.name.endswith("/") and not member.central.size and not member.name.startswith("/")


def _only_sizes(text: str) -> bool:
    """Whether two headers differ only in what is behind the data of a member that was written to a pipe."""
    return any(f": {key} is 0," in text for key in ("crc", "compressed", "size"))


def _descriptors(archive: Archive) -> int:
    """How many members are followed by what their flags announce: their sizes, behind their data."""
    ordered = sorted((member for member in archive.members if member.local), key=lambda member: member.offset)
    ends = [member.data + member.central.compressed for member in ordered]
    starts = [member.offset for member in ordered[1:]]
    count = sum(
        bool(member.central.flags & 1 << 3) and start - end in _DESCRIPTORS
        for member, end, start in zip(ordered, ends, starts, strict=False)
    )
    return count + bool(ordered and ordered[-1].central.flags & 1 << 3)


def _manifest_roles(text: bytes, inside: str) -> dict[str, str]:
    """Roles of files by name, from a manifest of ours in a folder; none from anything else."""
    try:
        files = json.loads(text)["files"] if text else []
        return {
            inside + str(entry["name"]): "version" if entry.get("version") else str(entry["role"])
            for entry in files
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
