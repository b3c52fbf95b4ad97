"""Rule deliver_file: write the master, or a stem after its fader and pan, in the delivery format."""

import sys
import zlib

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.mixing.faders import channel_gains
from stemwright.mixing.sums import mix
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params)
    unity = {"gain_db": 0.0, "pan": 0.0}
    gains = channel_gains(**(params["fader"] or unity), channels=context.channels)
    write_audio(
        snakemake.output[0],
        mix(snakemake.input.audio, [gains]),
        rate=context.rate,
        channels=context.channels,
        frames=context.frames,
        subtype=params["subtype"],
        container=params["container"],
        seed=zlib.crc32(params["seed"].encode()),  # equal dither of several stems would add up coherently
    )
