"""Rule deliver_file: the master, a stem or bus after its fader, or a printed stem, in the delivery format."""

import sys
import zlib

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.sums import mix
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params)
    levels = read_levels(snakemake.input.get("levels", ()))
    faders = Faders.from_dict(params["faders"], context.channels, levels)
    write_audio(
        snakemake.output[0],
        mix(snakemake.input.audio, [faders]),
        rate=context.rate,
        channels=context.channels,
        frames=context.frames,
        subtype=params["encoding"]["subtype"],
        container=params["encoding"]["container"],
        seed=zlib.crc32(params["seed"].encode()),  # equal dither of several stems would add up coherently
    )
