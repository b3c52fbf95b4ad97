"""Rule deliver_file: the master, or a stem through its fader and pan, in the delivery format."""

import zlib

from stemwright.audio import write_audio
from stemwright.job import canvas_of, job
from stemwright.mix import mix

with job(snakemake) as spec:
    canvas = canvas_of(spec)
    write_audio(
        snakemake.output[0],
        mix([snakemake.input.audio], [spec["gains"]]),
        rate=canvas.rate,
        channels=canvas.channels,
        frames=canvas.frames,
        subtype=spec["subtype"],
        container=spec["container"],
        seed=zlib.crc32(spec["seed"].encode()),  # stems must not share their dither: it would add up
    )
