"""A MIDI file played by a song's source, and by FluidSynth's own program."""

from __future__ import annotations

import subprocess

import numpy as np
import soundfile as sf
from midi_bytes import tempo_map

from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline, parse_duration
from stemwright.sources.play import Play

RATE = 48_000


def source(instrument, **keys):
    return Play(instrument=instrument, parts={"*": {"midi": {"file": "x.mid", **keys}}})


def on(path, seconds=4, **files):
    """The context of a song at 120 BPM that plays the file at a path."""
    timeline = Timeline.build(RATE, tempo_map((1, 120, "4/4")), parse_duration(f"{seconds} s"), [])
    files = {"parts.*.midi.file": str(path), **files}
    return RenderContext(RATE, 1, timeline.frames, timeline=timeline, seed="x", files=files)


def played(data, folder, instrument, files=None, seconds=4, **keys):
    """The sound of a file's bytes on an instrument (with its files, by role), mono, at RATE and 120 BPM."""
    (folder / "x.mid").write_bytes(data)
    kind = next(iter(instrument))
    context = on(folder / "x.mid", seconds, **{r: p for r, p in (files or {}).items() if f".{kind}." in r})
    return np.concatenate(list(source(instrument, **keys).render(context)))[:, 0]


def played_by_fluidsynth(program, data, folder, font, options=()):
    """The sound of a file's bytes as FluidSynth's own program plays them, its left channel, at RATE."""
    (folder / "x.mid").write_bytes(data)
    files = ["-F", str(folder / "x.wav"), font, str(folder / "x.mid")]
    settings = ["-R", "0", "-C", "0", "-g", "0.5", "-r", str(RATE), "-O", "float", "-T", "wav"]
    command = [program, "-niq", *settings, "-o", "synth.cpu-cores=1", *options, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return sf.read(folder / "x.wav", always_2d=True)[0][:, 0]


def levels(wave, step=0.05):
    """The RMS of each stretch of `step` seconds."""
    size = round(step * RATE)
    return np.sqrt(np.mean(wave[: len(wave) // size * size].reshape(-1, size) ** 2, axis=1))


def hertz_of(wave, near):
    """The frequency of the partial near to one, by the turn of its phase between two windows."""
    turning = wave * np.exp(-2j * np.pi * near * np.arange(len(wave)) / RATE)
    size, apart = len(wave) // 2, len(wave) // 4
    a, b = (np.sum(turning[at : at + size] * np.hanning(size)) for at in (0, apart))
    return near + np.angle(b * np.conj(a)) / (2 * np.pi) * RATE / apart
