"""Rule mix_version: some stems of a song, whole or in passages that are rendered anew."""

import sys
from contextlib import ExitStack

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, fit, write_audio
from stemwright.mixing.faders import read_levels
from stemwright.mixing.shares import read_steps, through
from stemwright.mixing.slices import without_end
from stemwright.sources._slices import version_of_slices
from stemwright.workflow.job import context_of, job

with job(snakemake) as params, ExitStack() as files:
    context, frames = context_of(params, snakemake.input), params["frames"]
    levels = read_levels(snakemake.input.get("levels", ()))
    steps = read_steps(params["steps"], context, levels, snakemake.input.get("curves", ()))
    if "slices" in params:
        mix = version_of_slices(**params["slices"], steps=steps, context=context, frames=frames)
    else:
        opened = [files.enter_context(AudioFile(path)) for path in snakemake.input.audio]
        starts = {name: file.blocks() for name, file in zip(params["starts"], opened, strict=True)}
        mix = fit(through(starts, steps), frames, context.channels)
    if "fade_frames" in params:
        mix = without_end(mix, frames, params["fade_frames"])
    write_audio(snakemake.output[0], mix, rate=context.rate, channels=context.channels, frames=frames)
