"""Rule mix_stems: sum the processed stems after their faders and pans."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.mixing.faders import channel_gains
from stemwright.mixing.sums import mix
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params)
    gains = [channel_gains(**fader, channels=context.channels) for fader in params["stems"].values()]
    blocks = mix(snakemake.input.stems, gains)
    write_audio(
        snakemake.output[0], blocks, rate=context.rate, channels=context.channels, frames=context.frames
    )
