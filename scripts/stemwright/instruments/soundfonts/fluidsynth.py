"""Binding to the installed FluidSynth library: one SoundFont preset, notes on and off, blocks of sound.

The library is used rather than the program, whose MIDI player polls once a millisecond and acts at the next block of
64 frames: notes would be up to 2 ms late, and files would have to be written. Here, too, notes begin on blocks, but at
FluidSynth's highest sample rate a block is at most a third of a millisecond away. The rate is the same for every song,
and so is the sound.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_void_p
from ctypes.util import find_library
from enum import IntEnum
from functools import cache

import numpy as np

from stemwright.base.errors import StemwrightError
from stemwright.base.facts import fact

RATE = 96_000
BLOCK = 64
"""Frames at RATE: notes begin and end on multiples of it (FLUID_BUFSIZE, a compile-time constant)."""

_NAMES = ("libfluidsynth.so.3", "libfluidsynth.so.2", "libfluidsynth.3.dylib")
_GAIN = 0.5
"""With it, a General MIDI piano at full velocity peaks near -20 dBFS, the loudest instruments near -12."""

_SIGNATURES = {
    "fluid_version_str": (c_char_p,),
    "new_fluid_settings": (c_void_p,),
    "delete_fluid_settings": (None, c_void_p),
    "fluid_settings_setnum": (c_int, c_void_p, c_char_p, c_double),
    "fluid_settings_setint": (c_int, c_void_p, c_char_p, c_int),
    "new_fluid_synth": (c_void_p, c_void_p),
    "delete_fluid_synth": (None, c_void_p),
    "fluid_synth_sfload": (c_int, c_void_p, c_char_p, c_int),
    "fluid_synth_set_interp_method": (c_int, c_void_p, c_int, c_int),
    "fluid_synth_program_select": (c_int, c_void_p, c_int, c_int, c_int, c_int),
    "fluid_synth_set_gen": (c_int, c_void_p, c_int, c_int, c_float),
    "fluid_synth_noteon": (c_int, c_void_p, c_int, c_int, c_int),
    "fluid_synth_noteoff": (c_int, c_void_p, c_int, c_int),
    "fluid_synth_cc": (c_int, c_void_p, c_int, c_int, c_int),
    "fluid_synth_all_sounds_off": (c_int, c_void_p, c_int),
    "fluid_synth_get_active_voice_count": (c_int, c_void_p),
    "fluid_synth_write_float": (c_int, c_void_p, c_int, *(POINTER(c_float), c_int, c_int) * 2),
}
_CHANNELS = tuple(channel for channel in range(256) if channel % 16 != 9)  # without the drum channels
_FINE_TUNE = 52  # number of the generator fineTune: SoundFont 2.04, section 8.1.2
_VOLUME, _EXPRESSION = 7, 11  # controllers
_PARTIAL_LOADING = (2, 4, 4)
"""The version from which a sample that is loaded alone is played to its end only: before, notes whose samples do not
loop went on into whatever lay behind in memory."""

CHANNELS = len(_CHANNELS)
"""The number of MIDI channels: notes of different tunings or under different controls need one each."""


class Action(IntEnum):
    """What can be done on a channel, in the order in which it is done within a block."""

    OFF = 0
    """Release a key; its argument is the MIDI key, 0 to 127."""
    SILENCE = 1
    """Cut off all that sounds."""
    TUNE = 2
    """Tune the channel; its argument is the deviation from equal temperament, in semitones."""
    LEVEL = 3
    """Set volume and expression, each 0 to 127."""
    ON = 4
    """Begin a note; its arguments are the MIDI key and the velocity, 1 to 127."""


@cache
def _library() -> ctypes.CDLL:
    for name in (*_NAMES, None):
        try:
            name = name or find_library("fluidsynth")
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None:
            for function, (result, *arguments) in _SIGNATURES.items():
                getattr(library, function).restype = result
                getattr(library, function).argtypes = arguments
            return library
    raise StemwrightError(
        "FluidSynth, which plays SoundFonts, is not installed: apt install fluidsynth (Debian, Ubuntu), "
        "dnf install fluidsynth (Fedora), brew install fluid-synth (macOS)"
    )


@fact
def version() -> str:
    """The version of the installed FluidSynth, or `missing`."""
    try:
        return _library().fluid_version_str().decode()
    except StemwrightError:
        return "missing"


def _version_numbers() -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version()))


class FluidSynth:
    """A synthesiser with one preset of a SoundFont; a context manager.

    `path` is the SoundFont file, `bank` and `preset` are the preset's numbers, and `channels`, at most CHANNELS, is the
    number of channels that play it. Raises StemwrightError if FluidSynth is not installed or cannot load the file or
    the preset.
    """

    def __init__(self, path: str, bank: int, preset: int, channels: int):
        self._fluid, self._path = _library(), path
        self._settings = self._fluid.new_fluid_settings()
        self._set("synth.sample-rate", float(RATE))
        self._set("synth.gain", _GAIN)
        self._set("synth.reverb.active", 0)
        self._set("synth.chorus.active", 0)
        self._set("synth.midi-channels", 256)
        self._set("synth.polyphony", 1024)
        self._set("synth.cpu-cores", 1)
        # Loads only the samples of the preset.
        self._set("synth.dynamic-sample-loading", int(_version_numbers() >= _PARTIAL_LOADING))
        self._set("synth.lock-memory", 0)
        self._synth = self._fluid.new_fluid_synth(self._settings)
        self._fluid.fluid_synth_set_interp_method(self._synth, -1, 7)  # seventh order, its best
        font = self._fluid.fluid_synth_sfload(self._synth, path.encode(errors="surrogateescape"), 0)
        if font < 0:
            self.close()
            raise StemwrightError(
                f"{path}: FluidSynth cannot use it as a SoundFont (its reason is in the log)"
            )
        for channel in _CHANNELS[:channels]:
            if self._fluid.fluid_synth_program_select(self._synth, channel, font, bank, preset):
                self.close()
                raise StemwrightError(f"{path}: FluidSynth cannot use its preset {preset} of bank {bank}")

    def __enter__(self) -> FluidSynth:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the synthesiser and its settings."""
        self._fluid.delete_fluid_synth(self._synth)
        self._fluid.delete_fluid_settings(self._settings)

    def act(self, action: Action, channel: int, arguments: tuple[float, ...]) -> None:
        """Do something at the next block.

        Parameters
        ----------
        action : Action
            What to do.
        channel : int
            The channel, from 0.
        arguments : tuple of float
            The arguments of the action.
        """
        fluid, synth, number = self._fluid, self._synth, _CHANNELS[channel]
        if action is Action.ON:
            fluid.fluid_synth_noteon(synth, number, *arguments)
        elif action is Action.OFF:
            fluid.fluid_synth_noteoff(synth, number, *arguments)
        elif action is Action.SILENCE:
            fluid.fluid_synth_all_sounds_off(synth, number)
        elif action is Action.TUNE:
            fluid.fluid_synth_set_gen(synth, number, _FINE_TUNE, 100 * arguments[0])
        else:
            for controller, value in zip((_VOLUME, _EXPRESSION), arguments, strict=True):
                fluid.fluid_synth_cc(synth, number, controller, value)

    def blocks(self, count: int, at_once: int = 1_024) -> Iterator[np.ndarray]:
        """Render `count` blocks at RATE, as arrays of shape (frames, 2), `at_once` blocks in each."""
        for start in range(0, count, at_once):
            frames = min(at_once, count - start) * BLOCK
            sound = np.empty((frames, 2), np.float32)
            left = sound.ctypes.data_as(POINTER(c_float))
            if self._fluid.fluid_synth_write_float(self._synth, frames, left, 0, 2, left, 1, 2):
                raise StemwrightError(f"{self._path}: FluidSynth failed to play it")
            yield sound.astype(np.float64)

    @property
    def is_silent(self) -> bool:
        """Whether nothing sounds any more."""
        return self._fluid.fluid_synth_get_active_voice_count(self._synth) == 0

    def _set(self, name: str, value: float) -> None:
        setter = "fluid_settings_setint" if isinstance(value, int) else "fluid_settings_setnum"
        getattr(self._fluid, setter)(self._settings, name.encode(), value)
