"""Rule render_window: what of a stem or a bus, after its effects, sounds into a window."""

import sys
from dataclasses import replace

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, write_audio
from stemwright.mixing.faders import read_paths
from stemwright.mixing.sums import mix_stretch
from stemwright.sources._windows import processed_stretch, source_stretch
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    inputs = snakemake.input
    context = context_of(params, inputs)
    given, taken = params["given"], params["taken"]
    if "faders" in params:
        faders = read_paths(params["faders"], context.channels, inputs.get("levels", ()))
        sound = mix_stretch(inputs.parts, params["begins"], list(faders.values()), taken)
    elif "source" in params:
        own = replace(context, harmony=params.get("harmony", ()))
        sound = source_stretch(params["source"], params.get("sections"), taken, own)
    else:
        sound = AudioFile(inputs.audio[0]).blocks(taken[0], taken[1] - taken[0])
    begins = zip(inputs.get("side_chains", ()), params.get("keys_begin", ()), strict=True)
    processed = processed_stretch(
        sound, params["effects"], given, taken, replace(context, begins=dict(begins))
    )
    write_audio(
        snakemake.output[0],
        processed,
        rate=context.rate,
        channels=context.channels,
        frames=given[1] - given[0],
    )
