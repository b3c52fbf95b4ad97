"""A SoundFont of our own, written by the specification, and notes played on it."""

import struct

import numpy as np

from stemwright.instruments.soundfont import Soundfont
from stemwright.music.render_context import RenderContext

PERIOD, RATE = 100, 44_000  # of its sample: 440 Hz, A4
PRESETS = [("Sine", 0, 0), ("Strings", 48, 0), ("Kit", 0, 128)]


def chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def listed(kind, *chunks):
    return chunk(b"LIST", kind + b"".join(chunks))


def soundfont(presets=PRESETS, amplitude=20_000):
    """A SoundFont of one looped sine that all presets play, from the specification (2.04)."""
    wave = np.round(amplitude * np.sin(2 * np.pi * np.arange(PERIOD * 40) / PERIOD)).astype("<i2")
    name = "20s"
    generators = [(43, 0, 127), (54, 1, 0), (53, 0, 0)]  # key range, looped, sample 0
    phdr = [(n.encode(), number, bank, i, 0, 0, 0) for i, (n, number, bank) in enumerate(presets)]
    phdr.append((b"EOP", 0, 0, len(presets), 0, 0, 0))
    length = len(wave)
    pdta = [
        (b"phdr", b"".join(struct.pack(f"<{name}HHHIII", *row) for row in phdr)),
        (b"pbag", b"".join(struct.pack("<HH", i, 0) for i in range(len(presets) + 1))),
        (b"pmod", bytes(10)),
        (b"pgen", b"".join(struct.pack("<HH", 41, 0) for _ in presets) + bytes(4)),
        (b"inst", struct.pack(f"<{name}H{name}H", b"Sine", 0, b"EOI", 1)),
        (b"ibag", struct.pack("<HHHH", 0, 0, len(generators), 0)),
        (b"imod", bytes(10)),
        (b"igen", b"".join(struct.pack("<HBB", *row) for row in generators) + bytes(4)),
        (
            b"shdr",
            struct.pack(f"<{name}IIIIIBbHH", b"Sine", 0, length, PERIOD, length - PERIOD, RATE, 69, 0, 0, 1)
            + struct.pack(f"<{name}IIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0),
        ),
    ]
    info = listed(
        b"INFO",
        chunk(b"ifil", struct.pack("<HH", 2, 4)),
        chunk(b"isng", b"EMU8000\0"),
        chunk(b"INAM", b"x\0"),
    )
    samples = listed(b"sdta", chunk(b"smpl", wave.tobytes() + bytes(92)))
    return chunk(b"RIFF", b"sfbk" + info + samples + listed(b"pdta", *(chunk(*row) for row in pdta)))


def played(path, *notes, rate=48_000, channels=2, seconds=2.0, **keys):
    context = RenderContext(rate, channels, round(seconds * rate), files={"file": path})
    stream = Soundfont("input", **keys).play(sorted(notes), context)
    return np.concatenate(list(stream))
