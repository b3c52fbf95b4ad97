"""Rule render_gains: the gain curves of the dynamics of a bus, or of the master chain."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile
from stemwright.base.files import read_json
from stemwright.effects import Chain
from stemwright.mixing.master import final_effects
from stemwright.mixing.shares import write_curves
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params, snakemake.input)
    effects = Chain.make(params["effects"]).effects
    if settings := snakemake.input.get("settings"):
        effects += final_effects(read_json(settings[0]))
    (audio,) = snakemake.input.audio
    with AudioFile(audio) as file:
        write_curves(snakemake.output[0], Chain(effects).curves(file.blocks(), context))
