"""Rules mix_stems and sum_bus: the sum of stems and buses, each through its faders."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.mixing.faders import read_paths
from stemwright.mixing.sums import mix
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params)
    faders = read_paths(params["faders"], context.channels, snakemake.input.get("levels", ()))
    blocks = mix(snakemake.input.parts, list(faders.values()))
    write_audio(
        snakemake.output[0], blocks, rate=context.rate, channels=context.channels, frames=context.frames
    )
