#!/usr/bin/env python3
"""Check that a delivery is whole and as it was made.

    python3 verify.py               the folder that this program lies in
    python3 verify.py FOLDER        another folder
    python3 verify.py SONG.zip      the archive, without unpacking it

It compares every file with its SHA-256 in SHA256SUMS, says which are missing and which do not belong there, and
compares the length, sample rate, channels and sample format of WAV files with manifest.json. If the file that the stems
add up to is there too, it adds them up. Files other than WAV are only hashed. Nothing is changed, and nothing is sent.

The exit status is 0 if all is as it was made, 1 if something is not, and 2 if it cannot be checked.

Needs Python 3.8 or later, and nothing else. License: GPL-3.0-or-later.
"""

from __future__ import annotations

import hashlib
import json
import operator
import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from array import array
from itertools import repeat
from typing import Any, BinaryIO, Iterator, NamedTuple

MANIFEST, SUMS, BAG = "manifest.json", "SHA256SUMS", "bagit.txt"
BAG_SUMS = ("manifest-sha256.txt", "tagmanifest-sha256.txt")
BY_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave behind
BLOCK = 1 << 20  # bytes
FRAMES, MAX_TEXT = 1 << 16, 1 << 26  # frames that are added up at a time; bytes
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error)
UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, ArithmeticError, LookupError, *DAMAGED)

ENDING_OF_GUID = bytes.fromhex("0000 1000 8000 00aa 0038 9b71")  # of the formats in WAVE_FORMAT_EXTENSIBLE
# Sample formats, by format tag and bytes a sample:
SUBTYPES = {(1, 2): "PCM_16", (1, 3): "PCM_24", (1, 4): "PCM_32", (3, 4): "FLOAT", (3, 8): "DOUBLE"}


class CannotCheckError(Exception):
    """There is nothing that can be checked."""


class Audio(NamedTuple):
    """The sound of a WAV file. The offset of its data, `start`, and the size of a sample, `width`, are in bytes."""

    subtype: str
    width: int
    rate: int
    channels: int
    frames: int
    start: int

    def __str__(self) -> str:
        channels = f"{self.channels} channel{'s' * (self.channels != 1)}"
        return f"{self.rate:,} Hz, {channels}, {self.subtype}, {self.frames:,} frames"


class Folder:
    """The files in a folder and below, by their paths in it."""

    def __init__(self, path: str):
        self.path = path
        self.files: dict[str, str] = {}
        self.faults: list[str] = []
        for folder, folders, files in os.walk(path, onerror=self._note_unreadable):
            for name in files + [each for each in folders if os.path.islink(os.path.join(folder, each))]:
                full = os.path.join(folder, name)
                inside = os.path.relpath(full, path).replace(os.sep, "/")
                self.files[inside] = full
                if not stat.S_ISREG(os.lstat(full).st_mode):
                    self.faults.append(f"{safe(inside)} is a link, or no regular file")

    def _note_unreadable(self, error: OSError) -> None:
        self.faults.append(f"{safe(error.filename)} cannot be read: {error.strerror}")

    def size(self, name: str) -> int:
        """The size of a file in bytes."""
        return os.path.getsize(self.files[name])

    def open(self, name: str) -> BinaryIO:
        """A file, opened."""
        if not stat.S_ISREG(os.lstat(self.files[name]).st_mode):
            raise OSError("it is a link, or no regular file")
        return open(self.files[name], "rb")


class Archive:
    """The files in a zip."""

    def __init__(self, path: str):
        self.zip = zipfile.ZipFile(path)
        members = [member for member in self.zip.infolist() if not member.is_dir()]
        self.files = {member.filename: member for member in members}
        names = [member.filename for member in members]
        self.faults = [f"{safe(n)} is there {names.count(n)} times" for n in self.files if names.count(n) > 1]

    def size(self, name: str) -> int:
        """The size of a file in bytes, unpacked."""
        return self.files[name].file_size

    def open(self, name: str) -> Any:
        """A file, opened."""
        return self.zip.open(self.files[name])


def safe(text: object) -> str:
    """A text for a terminal: what is not printable is escaped, what is very long is shortened."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text)[:300])
    return shown if len(shown) <= 160 else f"{shown[:100]}…{shown[-40:]}"


class Check:
    """The check of one delivery, told line by line. `base` is the folder in it in which its files are."""

    def __init__(self, files: Folder | Archive):
        self.files = files
        self.faults = 0
        self.base = "data/" if BAG in files.files else ""
        self.entries: dict[str, dict[str, Any]] = {}
        self.audio: dict[str, Audio] = {}

    def note(self, text: str, kind: str = "note") -> None:
        """Tell something."""
        print(f"{kind:5} {text}")

    def fault(self, text: str) -> None:
        """Tell and count something that is wrong."""
        self.faults += 1
        self.note(text, "FAULT")

    def run(self) -> None:
        """Check everything. Raises CannotCheckError if there is no list of checksums."""
        self.check_digests()
        name = self.base + MANIFEST
        if name not in self.files.files:
            return self.note(f"there is no {MANIFEST}: formats and sums are not checked")
        try:
            manifest = json.loads(_read_text(self.files, name))
            self.entries = {self.base + str(entry["name"]): dict(entry) for entry in manifest["files"]}
            for name in self.entries:
                self.check_format(name)
            if "mix" in manifest:  # an album has none
                self.check_sum(manifest["mix"])
        except (*UNREADABLE, TypeError, AttributeError) as error:
            self.fault(f"{MANIFEST} cannot be understood: {safe(repr(error))}")

    def check_digests(self) -> None:
        """Compare every file with its checksum; name those that are missing, or should not be there."""
        expected = _read_sums(self.files, self.base + SUMS, self.base)
        for name in BAG_SUMS if self.base else ():
            for path, digest in _read_sums(self.files, name, "").items():
                path = path.replace("%25", "%")
                if expected.setdefault(path, digest) != digest:
                    self.fault(f"{safe(path)} has two checksums that differ")
        for text in self.files.faults:
            self.fault(text)
        sound = 0
        for name, digest in expected.items():
            if name not in self.files.files:
                self.fault(f"{safe(name)} is missing")
                continue
            try:
                found = _hash_of(self.files, name)
                sound += found == digest
                if found != digest:
                    self.fault(f"{safe(name)} has changed: its sha256 is {found}, not {digest}")
            except UNREADABLE as error:
                self.fault(f"{safe(name)} cannot be read: {safe(error)}")
        unlisted = BAG_SUMS[1] if self.base else SUMS
        for name in self.files.files:
            if name.rpartition("/")[2] in BY_SYSTEMS:
                self.note(f"{safe(name)} was put there by a file manager")
            elif name not in expected and name != unlisted:
                self.fault(f"{safe(name)} does not belong here: no list of checksums has it")
        if sound == len(expected):
            self.note(f"all {sound} files have the sha256 of {SUMS}", "ok")

    def check_format(self, name: str) -> None:
        """Compare a WAV file with its entry in the manifest."""
        if name not in self.files.files:
            return self.fault(f"{safe(name)} is in {MANIFEST}, but missing")
        try:
            with self.files.open(name) as file:
                audio = _read_header(file, self.files.size(name))
        except UNREADABLE as error:
            return self.fault(f"{safe(name)} is no WAV file that can be read: {safe(error)}")
        if audio is None:
            return self.note(f"{safe(name)} is no WAV file: only its sha256 is checked")
        self.audio[name] = audio
        keys = ("sample_rate", "channels", "subtype", "frames")
        found = (audio.rate, audio.channels, audio.subtype, audio.frames)
        listed = self.entries[name]
        differ = [
            f"{key} is {value}, in {MANIFEST} {safe(listed.get(key))}"
            for key, value in zip(keys, found)
            if listed.get(key) != value
        ]
        if differ:
            return self.fault(f"{safe(name)}: {'; '.join(differ)}")
        return self.note(f"{safe(name)}: {audio}", "ok")

    def check_sum(self, mix: dict[str, Any]) -> None:
        """Add up the stems, if the file that they add up to is there.

        Each file may differ by its rounding: 1.5 steps of its integers (half a step, and dither of one), and 2^-24 of
        its peak each time that it was rounded to a 32-bit float. More than the sum of these is a fault.
        """
        stems = [stem for stem in mix["stems"] if stem["is_part"]]
        names = [self.base + str(stem["file"]) for stem in stems if stem["file"] is not None]
        absent = ", ".join(safe(stem["stem"]) for stem in stems if stem["file"] is None)
        if not names:
            return None
        total, whole = safe(mix["delivered_stems_give"]), mix["sum_files"]
        unknown = "whether the stems add up is not checkable:"
        if len(whole) != 1:
            return self.note(f"{unknown} the {total} is not one file of this archive")
        if absent:
            return self.note(f"{unknown} {absent} is not delivered")
        names.append(self.base + str(whole[0]))
        for name in names:
            if name not in self.audio or self.audio[name].subtype not in SUBTYPES.values():
                return self.note(f"{unknown} {safe(name)} is no WAV file that this program can add")
            if self.entries[name]["roundings"] is None:
                return self.note(f"{unknown} {safe(name)} was resampled")
        audio = [self.audio[name] for name in names]
        if len({(each.rate, each.channels) for each in audio}) > 1:
            return self.note(f"{unknown} the files differ in sample rate or channels")
        if len({each.frames for each in audio}) > 1:
            return self.fault(f"the stems and the {total} differ in length")
        difference, peaks = _largest_difference([self.files.open(name) for name in names], audio)
        allowed = 0.0
        for name, peak in zip(names, peaks):
            bits, roundings = self.entries[name]["bits"], self.entries[name]["roundings"]
            allowed += (1.5 * 2.0 ** (1 - bits) if bits else 0.0) + 2.0**-24 * peak * roundings
        found = f"within {difference:.3g} of full scale; rounding explains {allowed:.3g}"
        if difference <= allowed:
            return self.note(f"the {len(stems)} stems add up to {safe(whole[0])} {found}", "ok")
        return self.fault(f"the {len(stems)} stems do not add up to {safe(whole[0])}, only {found}")


def _read_text(files: Folder | Archive, name: str) -> str:
    if files.size(name) > MAX_TEXT:
        raise ValueError(f"{name} is too large")
    with files.open(name) as file:
        return file.read(MAX_TEXT).decode("utf-8")


def _read_sums(files: Folder | Archive, name: str, base: str) -> dict[str, str]:
    """The digests in a list of checksums, by path."""
    if name not in files.files:
        raise CannotCheckError(f"there is no {name}: is this the folder of a delivery?")
    try:
        lines = _read_text(files, name).replace("\r\n", "\n").split("\n")
    except UNREADABLE as error:
        raise CannotCheckError(f"{name} cannot be read: {safe(error)}") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"([0-9a-fA-F]{64}) [ *](.+)", line)
        if match:
            found[base + match[2]] = match[1].lower()
        elif line:
            raise CannotCheckError(f"{name}: line {number} is no checksum: {safe(line)}")
    if not found:
        raise CannotCheckError(f"{name} is empty")
    return found


def _hash_of(files: Folder | Archive, name: str) -> str:
    digest = hashlib.sha256()
    with files.open(name) as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def _read_header(file: Any, size: int) -> Audio | None:
    """What the header of a WAV, RF64 or BW64 file says; None if it is none. `size` is that of the file in bytes."""
    riff, _, wave = struct.unpack("<4sI4s", file.read(12).ljust(12))
    if riff not in (b"RIFF", b"RF64", b"BW64") or wave != b"WAVE":
        return None
    at, wide, form = 12, 0, b""
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise ValueError("it has no sound")
        chunk, length = struct.unpack("<4sI", head)
        at += 8
        if chunk == b"data":
            break
        if at + length > size:
            raise ValueError("it is truncated")
        content = file.read(min(length, BLOCK))
        file.seek(length + length % 2 - len(content), 1)
        at += length + length % 2
        if chunk == b"ds64":
            wide = struct.unpack_from("<Q", content, 8)[0]
        elif chunk == b"fmt ":
            form = content
    tag, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", form.ljust(16, b"\0"))
    if tag == 0xFFFE and form[28:40] == ENDING_OF_GUID:
        tag = struct.unpack_from("<I", form, 24)[0]
    if length == 0xFFFFFFFF and riff != b"RIFF":
        length = wide
    if not channels or not align or align % channels:
        raise ValueError("its format is damaged")
    if at + length > size:
        raise ValueError(f"it is truncated: its data would have {length:,} bytes, {size - at:,} are there")
    width = align // channels
    subtype = SUBTYPES.get((tag, width), "") if bits == 8 * width else ""
    return Audio(subtype or f"format {tag} of {bits} bits", width, rate, channels, length // align, at)


def _largest_difference(files: list[Any], audio: list[Audio]) -> tuple[float, list[float]]:
    """(how far all but the last file add up to the last, the peak of each); full scale is 1. Closes the files.

    Integers are added as such, so nothing is rounded; their peak is taken to be full scale.
    """
    exact = all(each.subtype.startswith("PCM") for each in audio)
    worst, peaks = 0.0, [float(exact)] * len(audio)
    for blocks in zip(*[_read_samples(file, each, exact) for file, each in zip(files, audio)]):
        total: Any = blocks[0]
        for block in blocks[1:-1]:
            total = map(operator.add, total, block)
        left = list(map(operator.sub, total, blocks[-1]))
        worst = max(worst, max(left), -min(left))
        if not exact:
            peaks = [max(peak, max(block), -min(block)) for peak, block in zip(peaks, blocks)]
            if sum(left) != sum(left):  # max() may miss what is not a number
                worst = float("inf")
    for file in files:
        file.close()
    return worst * (2.0**-31 if exact else 1.0), peaks


def _read_samples(file: Any, audio: Audio, exact: bool) -> Iterator[Any]:
    """The samples in blocks: with `exact` as integers of 32 bits, left-aligned; else as floats."""
    file.seek(audio.start)
    left, frame = audio.frames, audio.width * audio.channels
    while left:
        raw = file.read(min(left, FRAMES) * frame)
        if len(raw) != min(left, FRAMES) * frame:
            raise EOFError("a file ends early")
        left -= len(raw) // frame
        if audio.subtype.startswith("PCM"):
            wide = bytearray(4 * (len(raw) // audio.width))
            for index in range(audio.width):
                wide[4 - audio.width + index :: 4] = raw[index :: audio.width]
            raw = bytes(wide)
        values: Any = array("i" if audio.subtype.startswith("PCM") else "f" if audio.width == 4 else "d", raw)
        if sys.byteorder == "big":
            values.byteswap()
        is_scaled = audio.subtype.startswith("PCM") and not exact
        yield array("d", map(operator.mul, values, repeat(2.0**-31))) if is_scaled else values


def main(arguments: list[str]) -> int:
    """Check what the arguments name. Returns the exit status."""
    if arguments in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if len(arguments) > 1 or "".join(arguments).startswith("-"):
        print("usage: python3 verify.py [FOLDER or ZIP]")
        return 2
    path = os.path.abspath(arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__)))
    if os.path.basename(path) == "data" and os.path.isfile(os.path.join(os.path.dirname(path), BAG)):
        path = os.path.dirname(path)
    print(safe(path))
    try:
        if not os.path.exists(path):
            raise CannotCheckError("there is no such file or folder")
        check = Check(Folder(path) if os.path.isdir(path) else Archive(path))
        check.run()
    except (CannotCheckError, *UNREADABLE) as error:
        print(f"This cannot be checked: {safe(error)}")
        return 2
    faults = f"Not as it was made: {check.faults} fault{'s' * (check.faults != 1)}."
    print(faults if check.faults else "All that can be checked is as it was made.")
    return int(check.faults > 0)


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # whatever the terminal can show
    sys.exit(main(sys.argv[1:]))
