"""Rules mix_stems and sum_bus: the sum of stems and buses, each through its faders."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.sums import mix
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params)
    levels = read_levels(snakemake.input.get("levels", ()))
    faders = [Faders.from_dict(path, context.channels, levels) for path in params["faders"].values()]
    blocks = mix(snakemake.input.parts, faders)
    write_audio(
        snakemake.output[0], blocks, rate=context.rate, channels=context.channels, frames=context.frames
    )
