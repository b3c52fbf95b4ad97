"""Rules print_stem and solo: stems through buses, the mix and perhaps the master, as shares of these or alone."""

import sys
from contextlib import ExitStack
from dataclasses import replace

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, write_audio
from stemwright.base.files import read_json
from stemwright.effects import Chain
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.master import final_effects
from stemwright.mixing.shares import Step, read_curves, through
from stemwright.music.component import below
from stemwright.workflow.job import context_of, job

with job(snakemake) as params, ExitStack() as files:
    context = context_of(params, snakemake.input)
    settings, curves = snakemake.input.get("settings"), iter(snakemake.input.get("curves", ()))
    levels = read_levels(snakemake.input.get("levels", ()))
    steps = []
    for step in params["steps"]:
        effects = Chain.make(step["effects"]).effects
        if settings and step is params["steps"][-1]:
            effects += final_effects(read_json(settings[0]))
        chain = Chain(effects)
        feeds = {
            name: Faders.from_dict(path, context.channels, levels) for name, path in step["feeds"].items()
        }
        own = replace(context, files=below(context.files, step["name"]))
        found = None
        if "whole" not in params:
            found = read_curves(next(curves)) if chain.curve_count else []
        steps.append(Step(step["name"], feeds, chain, found, own))
    opened = [files.enter_context(AudioFile(path)) for path in snakemake.input.audio]
    starts = {name: file.blocks() for name, file in zip(params["starts"], opened, strict=True)}
    write_audio(
        snakemake.output[0],
        through(starts, steps),
        rate=context.rate,
        channels=context.channels,
        frames=context.frames,
    )
