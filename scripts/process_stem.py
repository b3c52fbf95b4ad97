"""Rule process_stem: process a stem or a bus with its effects, before fader and pan."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, write_audio
from stemwright.effects import Chain
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params, snakemake.input)
    (stem,) = snakemake.input.audio
    with AudioFile(stem) as stem:
        processed = Chain.make(params["effects"]).process(stem.blocks(), context)
        write_audio(
            snakemake.output[0],
            processed,
            rate=context.rate,
            channels=context.channels,
            frames=context.frames,
        )
