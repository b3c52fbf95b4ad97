"""Rule deliver_file: the master, or a stem through its fader and pan, in the delivery format."""

import sys
import zlib

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.job import canvas_of, job
from stemwright.levels import channel_gains
from stemwright.mix import mix

with job(snakemake) as spec:
    canvas = canvas_of(spec)
    unity = {"gain_db": 0.0, "pan": 0.0}
    gains = channel_gains(**(spec["fader"] or unity), channels=canvas.channels)
    write_audio(
        snakemake.output[0],
        mix([snakemake.input.audio], [gains]),
        rate=canvas.rate,
        channels=canvas.channels,
        frames=canvas.frames,
        subtype=spec["subtype"],
        container=spec["container"],
        seed=zlib.crc32(spec["seed"].encode()),  # stems must not share their dither: it would add up
    )
