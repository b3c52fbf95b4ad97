"""Regions of an SFZ file: which notes play them, and how.

Source of opcodes and their defaults: sfzformat.com.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from stemwright.base.errors import StemwrightError
from stemwright.instruments.soundfonts.sfz_text import RawRegion, relative
from stemwright.music.pitch import parse_note

_ALIASES = {"loopmode": "loop_mode", "loopstart": "loop_start", "loopend": "loop_end", "offby": "off_by"}
_ALIASES |= {"pitch": "tune", "gain": "volume", "hilev": "hivel"}
_SILENT = re.compile(r"(group|region|master|global|sw|note|cc)_?label.*|label_.*|set_h?d?cc\d+|hint_.*")
"""Opcodes that say nothing of the sound."""

_LO_HI_CC = re.compile(r"(lo|hi)cc(\d+)")
_CC_DEFAULTS = {7: 100.0, 10: 64.0, 11: 127.0}
_LOOPS = ("loop_continuous", "loop_sustain")
LOOP_MODES = ("no_loop", "one_shot", *_LOOPS)


@dataclass(frozen=True)
class Region:
    """A region: where it plays (MIDI keys, velocities), what (frames of a file), and how (semitones, dB, %, s)."""

    sample: str
    place: str
    keys: tuple[int, int]
    velocities: tuple[int, int]
    random: tuple[float, float]
    sequence: tuple[int, int]  # length and position
    center: int
    keytrack: float
    tuning: float
    volume: float
    veltrack: float
    pan: float
    start: int
    end: int | None
    loop: tuple[int, int | None] | None
    one_shot: bool
    attack: float
    decay: float
    sustain: float
    release: float
    group: int
    off_by: int


class Opcodes:
    """The opcodes of a region; `unread` are the names of those that nobody asked for."""

    def __init__(self, raw: RawRegion):
        self._values = {_ALIASES.get(name, name): value for name, value in raw.opcodes.items()}
        self._place = raw.place
        self.unread = {name for name in self._values if not _SILENT.fullmatch(name)}

    def names(self) -> list[str]:
        """The names of all opcodes."""
        return list(self._values)

    def text(self, name: str, default: str = "") -> str:
        """The value of an opcode as text."""
        self.unread.discard(name)
        return self._values.get(name, default)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """The value of an opcode as a number.

        Parameters
        ----------
        name : str
            The opcode.
        default : float
            Its value if the region has none.
        low, high : float
            The least and the greatest value.

        Returns
        -------
        float

        Raises
        ------
        StemwrightError
            If it is no number, or out of range.
        """
        text = self.text(name)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise StemwrightError(
                f"{self._place}: {name} must be a number from {low:g} to {high:g} (is {text[:40]!r})"
            )
        return value

    def whole(self, name: str, default: int, low: int = 0, high: int = 1 << 31) -> int:
        """The value of an opcode as a whole number.

        Parameters
        ----------
        name : str
            The opcode.
        default : int
            Its value if the region has none.
        low, high : int
            The least and the greatest value.

        Returns
        -------
        int
        """
        return int(self.number(name, default, low, high))

    def key(self, name: str, default: int) -> int:
        """The value of an opcode as a MIDI key, which may be a note such as c#4; -1 is none."""
        text = self.text(name)
        if not text or re.fullmatch(r"-?\d+(\.\d*)?", text):
            return self.whole(name, default, -1, 127)
        try:
            return parse_note(text[0].upper() + text[1:])
        except ValueError:
            raise StemwrightError(
                f"{self._place}: {name} must be a MIDI key or note (is {text[:40]!r})"
            ) from None


def parse_region(raw: RawRegion) -> tuple[Region | str, set[str]]:
    """Read a region.

    Parameters
    ----------
    raw : RawRegion
        Its opcodes as text.

    Returns
    -------
    region : Region or str
        The region, or why it is left out.
    unread : set of str
        The opcodes that are not supported.

    Raises
    ------
    StemwrightError
        If the value of an opcode makes no sense.
    """
    opcodes = Opcodes(raw)
    control = Opcodes(RawRegion(raw.control, {}, raw.place))
    if reason := _left_out(opcodes, control):
        return reason, set()
    offset = control.whole("note_offset", 0, -127, 127) + 12 * control.whole("octave_offset", 0, -10, 10)
    key = opcodes.key("key", -1)
    low, high = opcodes.key("lokey", max(0, key)), opcodes.key("hikey", key if key >= 0 else 127)
    center = opcodes.key("pitch_keycenter", key if key >= 0 else 60)
    mode = opcodes.text("loop_mode", "no_loop")
    if mode not in LOOP_MODES:
        raise StemwrightError(f"{raw.place}: loop_mode must be {', '.join(LOOP_MODES)} (is {mode[:40]!r})")
    loop_start, loop_end = opcodes.whole("loop_start", 0), opcodes.whole("loop_end", -1, -1)
    end = opcodes.whole("end", -1, -1)
    default_path = control.text("default_path")
    region = Region(
        sample=relative(default_path + opcodes.text("sample"), raw.place),
        place=raw.place,
        keys=(low + offset, high + offset),
        velocities=(opcodes.whole("lovel", 0, 0, 127), opcodes.whole("hivel", 127, 0, 127)),
        random=(opcodes.number("lorand", 0, 0, 1), opcodes.number("hirand", 1, 0, 1)),
        sequence=(opcodes.whole("seq_length", 1, 1, 100), opcodes.whole("seq_position", 1, 1, 100)),
        center=center + offset,
        keytrack=opcodes.number("pitch_keytrack", 100, -1200, 1200) / 100,
        tuning=opcodes.whole("transpose", 0, -127, 127) + opcodes.number("tune", 0, -9600, 9600) / 100,
        volume=opcodes.number("volume", 0, -144, 48),
        veltrack=opcodes.number("amp_veltrack", 100, -100, 100) / 100,
        pan=opcodes.number("pan", 0, -100, 100) / 100,
        start=opcodes.whole("offset", 0),
        end=end + 1 if end >= 0 else None,
        loop=(loop_start, loop_end + 1 if loop_end >= 0 else None) if mode in _LOOPS else None,
        one_shot=mode == "one_shot",
        attack=opcodes.number("ampeg_attack", 0, 0, 100),
        decay=opcodes.number("ampeg_decay", 0, 0, 100),
        sustain=opcodes.number("ampeg_sustain", 100, 0, 100) / 100,
        release=opcodes.number("ampeg_release", 0.001, 0, 100),
        group=opcodes.whole("group", 0, -(1 << 31)),
        off_by=opcodes.whole("off_by", 0, -(1 << 31)),
    )
    if region.loop and region.loop[1] is not None and region.loop[1] - region.loop[0] < 2:
        raise StemwrightError(f"{raw.place}: loop_end must be after loop_start (is {loop_end})")
    if _is_never_played(region):
        return "a range in which nothing lies (keys, velocities, lorand to hirand, seq_position)", set()
    unread = opcodes.unread
    if mode == "loop_sustain":
        unread.add("loop_sustain, which loops on")
    if mode in _LOOPS and loop_end < 0:
        unread.add("loop points in the samples, which loop as a whole")
    return region, unread


def _is_never_played(region: Region) -> bool:
    ranges = region.keys, region.velocities, region.random
    return any(low > high for low, high in ranges) or region.sequence[1] > region.sequence[0]


def _left_out(opcodes: Opcodes, control: Opcodes) -> str:
    """Why a region is not played, or ""."""
    sample, trigger = opcodes.text("sample"), opcodes.text("trigger", "attack")
    if not sample:
        return "no sample"
    if sample.startswith("*"):
        return "a generated wave as sample"
    if trigger != "attack":
        return f"trigger={trigger}"
    if opcodes.text("end") == "-1":
        return "end=-1"
    switch = opcodes.text("sw_last")
    if switch and switch.lower() != opcodes.text("sw_default").lower():
        return "a key switch that is off"
    for name in opcodes.names():
        if match := _LO_HI_CC.fullmatch(name):
            limit = opcodes.number(name, 0, 0, 127)
            number = int(match[2])
            default = _CC_DEFAULTS.get(number, 0.0)
            now = control.number(f"set_cc{number}", default, -math.inf, math.inf)
            if (match[1] == "lo" and now < limit) or (match[1] == "hi" and now > limit):
                return "a controller out of its range"
    for name in ("sw_lokey", "sw_hikey", "sw_default"):
        opcodes.text(name)
    return ""
