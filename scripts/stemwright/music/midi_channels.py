"""What the messages of a MIDI file do to its channels: which notes they play, how long, and with which controls.

Sources: MIDI 1.0 Detailed Specification; for controller 121, RP-015; for bend ranges and tunings, its registered
parameters 0 to 2; for the system-exclusive messages that reset all channels, GM levels 1 and 2.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stemwright.music.controls import EXPRESSION, VOLUME, Bend, Controls, Depth, Level

_MODULATION, _DATA, _VOLUME, _EXPRESSION, _SUSTAIN, _SOSTENUTO = 1, 6, 7, 11, 64, 66
_FINE_DATA, _NRPN, _RPN = 38, (98, 99), (100, 101)
_SOUND_OFF, _RESET, _MONO = 120, 121, 126
_NOTES_OFF = range(123, 128)  # all notes off, and the four modes, which release all notes, too
_DOWN = 64  # the lowest value of a pedal that counts as down
_BEND_RANGE, _FINE_TUNING, _COARSE_TUNING, _NONE = 0, 1, 2, 0x3FFF
_DEFAULTS = {_BEND_RANGE: (2, 0), _FINE_TUNING: (64, 0), _COARSE_TUNING: (64, 0)}  # coarse and fine value
_GM_RESETS = {1, 2, 3}  # the last byte of 7E, device, 09, …: GM on, GM off, GM level 2 on

_NEUTRAL = {8: 64, 10: 64, **dict.fromkeys(range(70, 80), 64)}
"""Values of controllers that change nothing; of all others, 0 does not."""

_DEEPEST = 0.5
"""Depth of the vibrato, in semitones, at a modulation of 127: the default of GM level 2."""

_NAMES = {
    0: "bank select",
    2: "breath",
    4: "foot pedal",
    5: "portamento time",
    8: "balance",
    10: "pan",
    32: "bank select",
    65: "portamento",
    67: "soft pedal",
    68: "legato pedal",
    91: "reverb send",
    93: "chorus send",
}

Key = tuple[int, int]
"""Track from 1 and pitch: of one pitch on two tracks, each has its own note."""


@dataclass
class _Sounding:
    """A note that sounds: its first tick, its velocity, and whether the sostenuto pedal holds it."""

    start: int
    velocity: int
    caught: bool = False


@dataclass
class _Channel:
    """The state of a channel, and the changes of its controls so far. `pressed` are notes with their keys down,
    `held` those that only a pedal holds.
    """

    pressed: dict[Key, deque[_Sounding]] = field(default_factory=dict)
    held: dict[Key, list[_Sounding]] = field(default_factory=dict)
    sustain: bool = False
    sostenuto: bool = False
    wheel: float = 0.0  # -1 to 1
    volume: int = VOLUME
    expression: int = EXPRESSION
    parameter: int | None = _NONE  # the registered one that is selected; None for one that is not
    registered: dict[int, tuple[int, int]] = field(default_factory=lambda: dict(_DEFAULTS))
    bends: dict[int, Bend] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)
    silences: dict[int, None] = field(default_factory=dict)
    depths: dict[int, Depth] = field(default_factory=dict)

    @property
    def bend(self) -> float:
        """The deviation of its pitches in semitones, by the wheel and the tuning."""
        semitones, cents = self.registered[_BEND_RANGE]
        coarse, fine = self.registered[_FINE_TUNING]
        tuning = self.registered[_COARSE_TUNING][0] - 64 + ((coarse << 7 | fine) - 8192) / 8192
        return self.wheel * (semitones + cents / 100) + tuning


class ChannelReader:
    """Follows the messages of a file. `track_ends` has the last tick of each track, by number.

    `controls` and `unplayed` are complete once `notes` has been exhausted. `unplayed` counts, for each channel (0 for
    the file), the messages that are not played, by name.
    """

    def __init__(self, track_ends: Mapping[int, int]):
        self._ends = track_ends
        self._channels = [_Channel() for _ in range(16)]
        self.unplayed: dict[int, Counter[str]] = {}

    @property
    def controls(self) -> dict[int, Controls]:
        """The controls of each channel, from 1, that has any; positions in ticks."""
        return {
            number: Controls(
                tuple(channel.bends.values()),
                tuple(channel.levels.values()),
                tuple(channel.silences),
                tuple(channel.depths.values()),
            )
            for number, channel in enumerate(self._channels, 1)
            if channel.bends or channel.levels or channel.silences or channel.depths
        }

    def notes(self, moments: Iterable[tuple[int, int, Any]]) -> Iterator[tuple[int, int, int, int, int, int]]:
        """Follow the messages, and pair note-ons with what ends them.

        Parameters
        ----------
        moments
            (tick, track from 1, mido message), in order of time.

        Yields
        ------
        tuple of int
            (start, end, pitch, velocity, track, channel) of each note: times in ticks, channel from 1.
        """
        for tick, track, message in moments:
            if message.type == "sysex":
                yield from self._system_exclusive(tick, message.data)
            elif not message.is_meta:
                number = message.channel + 1
                channel = self._channels[message.channel]
                for key, note in self._message(tick, track, message, number, channel):
                    yield note.start, tick, key[1], note.velocity, key[0], number
        for number, channel in enumerate(self._channels, 1):
            for key, note in _all(channel.pressed, channel.held):
                yield note.start, self._ends[key[0]], key[1], note.velocity, key[0], number

    def _message(
        self, tick: int, track: int, message: Any, number: int, channel: _Channel
    ) -> Iterable[tuple[Key, _Sounding]]:
        """Change the state of a channel; the notes that end."""
        if message.type == "note_on" and message.velocity:
            key = (track, message.note)
            ended = channel.held.pop(key, [])  # struck again
            channel.pressed.setdefault(key, deque()).append(_Sounding(tick, message.velocity))
            return [(key, note) for note in ended]
        if message.type in ("note_on", "note_off"):
            return _release(channel, [(track, message.note)], all_of_them=False)
        if message.type == "control_change":
            return self._control(tick, message.control, message.value, number, channel)
        if message.type == "pitchwheel":
            # 0 is the lowest, 16383 the highest, and both are the whole range away.
            channel.wheel = message.pitch / (8191 if message.pitch > 0 else 8192)
            _note_bend(channel, tick)
        elif message.type == "program_change":
            self._count(number, "program change")
        elif message.value:
            self._count(number, "key pressure" if message.type == "polytouch" else "channel pressure")
        return ()

    def _control(
        self, tick: int, control: int, value: int, number: int, channel: _Channel
    ) -> Iterable[tuple[Key, _Sounding]]:
        if control == _SUSTAIN:
            channel.sustain = value >= _DOWN
            return _lift(channel)
        if control == _SOSTENUTO:
            if value < _DOWN:
                return _lift_sostenuto(channel)
            if not channel.sostenuto:  # it holds the keys that are down when it goes down
                channel.sostenuto = True
                for _, note in _all(channel.pressed):
                    note.caught = True
        elif control in (_VOLUME, _EXPRESSION):
            setattr(channel, "volume" if control == _VOLUME else "expression", value)
            _note_level(channel, tick)
        elif control == _MODULATION:
            _note_depth(channel, tick, _DEEPEST * value / 127)
        elif control in _RPN or control in _NRPN or control in (_DATA, _FINE_DATA):
            self._parameter(tick, control, value, number, channel)
        elif control == _SOUND_OFF:
            return _cut(channel, tick)
        elif control == _RESET:
            return _reset_controllers(channel, tick)
        elif control in _NOTES_OFF:
            if control == _MONO:
                self._count(number, "mono mode")
            return _release(channel, list(channel.pressed))
        elif value != _NEUTRAL.get(control, 0):
            self._count(number, _NAMES.get(control, f"controller {control}"))
        return ()

    def _parameter(self, tick: int, control: int, value: int, number: int, channel: _Channel) -> None:
        """Select a registered parameter, or set the one that is selected."""
        if control in _NRPN:
            channel.parameter = None
        elif control in _RPN:
            before = _NONE if channel.parameter is None else channel.parameter
            coarse = control == _RPN[1]
            channel.parameter = value << 7 | before & 127 if coarse else before & ~127 | value
        elif channel.parameter in channel.registered:
            coarse_value, _ = channel.registered[channel.parameter]
            channel.registered[channel.parameter] = (value, 0) if control == _DATA else (coarse_value, value)
            _note_bend(channel, tick)
        elif channel.parameter != _NONE:
            kind = "non-registered" if channel.parameter is None else "registered"
            self._count(number, f"{kind} parameter")

    def _system_exclusive(self, tick: int, data: tuple[int, ...]) -> Iterator[tuple]:
        if not (len(data) == 4 and data[0] == 0x7E and data[2] == 9 and data[3] in _GM_RESETS):
            self._count(0, "system-exclusive message")
            return
        for number, channel in enumerate(self._channels, 1):
            for key, note in _cut(channel, tick):
                yield note.start, tick, key[1], note.velocity, key[0], number
            _reset_controllers(channel, tick)
            channel.registered.update(_DEFAULTS)
            channel.volume = VOLUME
            _note_bend(channel, tick)
            _note_level(channel, tick)

    def _count(self, number: int, name: str) -> None:
        self.unplayed.setdefault(number, Counter())[name] += 1


def _all(*kept: Mapping[Key, Iterable[_Sounding]]) -> list[tuple[Key, _Sounding]]:
    return [(key, note) for notes in kept for key, several in notes.items() for note in several]


def _release(channel: _Channel, keys: list[Key], all_of_them: bool = True) -> list[tuple[Key, _Sounding]]:
    """Release keys: of each the first note, or all. The notes that end: a pedal holds others on."""
    for key in keys:
        pressed = channel.pressed.get(key, deque())
        for _ in range(len(pressed) if all_of_them else min(1, len(pressed))):
            channel.held.setdefault(key, []).append(pressed.popleft())
        if not pressed:
            channel.pressed.pop(key, None)
    return _lift(channel, keys)


def _lift(channel: _Channel, keys: list[Key] | None = None) -> list[tuple[Key, _Sounding]]:
    """End the notes that only pedals held and none holds any more: of some keys, or of all."""
    if channel.sustain:
        return []
    ended = []
    for key in list(channel.held) if keys is None else keys:
        notes = channel.held.pop(key, [])
        ended += [(key, note) for note in notes if not note.caught]
        if caught := [note for note in notes if note.caught]:
            channel.held[key] = caught
    return ended


def _lift_sostenuto(channel: _Channel) -> list[tuple[Key, _Sounding]]:
    channel.sostenuto = False
    for _, note in _all(channel.pressed, channel.held):
        note.caught = False
    return _lift(channel)


def _cut(channel: _Channel, tick: int) -> list[tuple[Key, _Sounding]]:
    """Cut off all that sounds, at once."""
    ended = _all(channel.pressed, channel.held)
    channel.pressed.clear()
    channel.held.clear()
    if tick:
        channel.silences[tick] = None
    return ended


def _reset_controllers(channel: _Channel, tick: int) -> list[tuple[Key, _Sounding]]:
    """Reset what RP-015 says: pedals, wheel, modulation, expression, the selected parameter; not volume and tuning."""
    channel.sustain, channel.wheel, channel.expression, channel.parameter = False, 0.0, EXPRESSION, _NONE
    _note_bend(channel, tick)
    _note_level(channel, tick)
    _note_depth(channel, tick, 0.0)
    return _lift_sostenuto(channel)


def _note_bend(channel: _Channel, tick: int) -> None:
    before = next(reversed(channel.bends.values())).semitones if channel.bends else 0.0
    if channel.bend != before:
        channel.bends[tick] = Bend(tick, channel.bend)


def _note_level(channel: _Channel, tick: int) -> None:
    before = next(reversed(channel.levels.values()))[1:] if channel.levels else (VOLUME, EXPRESSION)
    if (channel.volume, channel.expression) != before:
        channel.levels[tick] = Level(tick, channel.volume, channel.expression)


def _note_depth(channel: _Channel, tick: int, semitones: float) -> None:
    before = next(reversed(channel.depths.values())).semitones if channel.depths else 0.0
    if semitones != before:
        channel.depths[tick] = Depth(tick, semitones)
