"""Plays the drum recording that the song is made to, on our own kit: a script of songs/praia-neon.smk.

It is what a client sends: 24 bits, stereo, a chunk of text before the samples, two silent bars at its head, quiet
until bar 8, and a bossa groove in 80 bars of 4/4 at 140 BPM, played by hand: ghost notes, and a fill where a part ends.
The peak is at -7 dBFS.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile as sf

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from stemwright.base.decibels import amplitude
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.sources.drums import Drums

RATE, PEAK_DB = 48_000, -7.0
FRAMES = 6_582_858  # 80 bars, rounded up

# One bar of sixteenths each. The clave takes two bars.
REST = "----------------"
KICK = "x-----xxx-----x-"
DRIVE = "X--x--x-X--x--x-"
CLAVE = "x-----x-----x---" + "----x-----x-----"
BACK = "----X--o-o--X---" + "----X--o----X-oo"
CLAP = "------------x---"
SHAKER = "7353635373536353"
HATS = "x-o-X-o-x-o-X-oo"
LIFT = "--x---x---x---x-"
RIDE = "x---x-x-x---x-x-"
PICKUP = "--------------x-"
GHOSTS = "--------o------o"
LOW = "------------o---"

FILL = {
    "snare": "----o-o-x-xxX-F-",
    "tom_high": "----------x-----",
    "tom_low": "-----------x--x-",
    "kick": "x-------x-------",
    "pedal_hat": "x---x---x---x---",
}
HEAD = {"kick": "------------X---", "snare": "------------X-oo", "shaker": "3333333333333333"}
TURN = {"snare": "x-d-xxx-f-xxXrXX", "tom_mid": "--------x-x-----", "kick": "x-----x-x-----x-"}
HALFWAY = {**FILL, "snare": "o--oX--o-o--f-oo", "shaker": SHAKER}


def part(bars, last=None, crash=False, **pieces):
    """The patterns of a part of so many bars; its `last` bar is a fill."""
    if crash:
        pieces["crash"] = "x" + REST * bars  # once
    return bars, pieces, last


PARTS = [
    ("silence", part(2)),
    ("quiet", part(5, shaker="2121212121212121", rim="3-----3-----3---" + "----3-----3-----")),
    ("pickup", part(1, **HEAD)),
    ("groove", part(8, crash=True, kick=KICK, rim=CLAVE, shaker=SHAKER, hat=HATS)),
    ("groove_2", part(8, last=FILL, kick=KICK, rim=CLAVE, shaker=SHAKER, hat=HATS, clap=CLAP, open_hat=PICKUP)),
    ("hook", part(8, last=HALFWAY, crash=True, kick=DRIVE, snare=BACK, shaker=SHAKER, hat=HATS, open_hat=LIFT)),
    ("hook_2", part(8, last=TURN, crash=True, kick=DRIVE, snare=BACK, clap=BACK, shaker=SHAKER, open_hat=LIFT)),
    ("turn", part(8, last=FILL, kick="x-------x-------", rim=CLAVE, shaker=SHAKER, cowbell="x---x---x---x---")),
    ("bridge", part(8, crash=True, kick=KICK, rim=CLAVE, ride=RIDE, shaker="5-3-5-3-5-3-5-3-")),
    ("bridge_2", part(8, last=TURN, kick=KICK, rim=CLAVE, ride=RIDE, snare=GHOSTS, tom_low=LOW)),
    ("last", part(8, crash=True, kick=DRIVE, snare=BACK, clap=BACK, shaker=SHAKER, hat=HATS, open_hat=LIFT)),
    ("last_2", part(4, last=TURN, crash=True, kick=DRIVE, snare=BACK, clap=BACK, shaker=SHAKER, open_hat=LIFT)),
    ("outro", part(3, crash=True, kick=KICK, rim=CLAVE, shaker=SHAKER)),
    ("end", part(1, kick="X-----X---------", rim="x-----x---------")),
]  # fmt: skip


def play():
    """The recording, shape (FRAMES, 2)."""
    tempo = TempoMap([TempoChange(1, parse_bpm(140), parse_time_signature("4/4"))])
    sections = [(name, parse_duration(f"{bars} bars"), None) for name, (bars, *_) in PARTS]
    timeline = Timeline.build(RATE, tempo, None, sections)
    drums = Drums(
        {name: patterns for name, (_, patterns, _) in PARTS if patterns},
        fills={name: {"every": bars, "patterns": last} for name, (bars, _, last) in PARTS if last},
        levels_db={"rim": -2.0, "kick": 1.0},
        timing_ms=2.0,
        velocity_spread=0.08,
    )
    context = RenderContext(RATE, 2, FRAMES, "praia-neon", timeline)
    audio = np.concatenate(list(drums.render(context)))
    return audio * (amplitude(PEAK_DB) / np.max(np.abs(audio)))


def main(path):
    with sf.SoundFile(path, "w", RATE, 2, "PCM_24", format="WAV") as file:
        file.comment = "Drum reference, 140 BPM. The grid starts at time zero: keep the silence at the head."
        file.write(play())


main(snakemake.output[0])
