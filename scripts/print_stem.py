"""Rules print_stem and solo: stems through buses, the mix and perhaps the master, as shares of these or alone."""

import sys
from contextlib import ExitStack

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, write_audio
from stemwright.base.files import read_json
from stemwright.mixing.faders import read_levels
from stemwright.mixing.shares import read_steps, through
from stemwright.workflow.job import context_of, job

with job(snakemake) as params, ExitStack() as files:
    context = context_of(params, snakemake.input)
    settings = snakemake.input.get("settings")
    steps = read_steps(
        params["steps"],
        context,
        read_levels(snakemake.input.get("levels", ())),
        None if "whole" in params else snakemake.input.get("curves", ()),
        read_json(settings[0]) if settings else None,
    )
    opened = [files.enter_context(AudioFile(path)) for path in snakemake.input.audio]
    starts = {name: file.blocks() for name, file in zip(params["starts"], opened, strict=True)}
    write_audio(
        snakemake.output[0],
        through(starts, steps),
        rate=context.rate,
        channels=context.channels,
        frames=context.frames,
    )
