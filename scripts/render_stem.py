"""Rule render_stem: render a stem from its source, at full length, before effects."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright import sources
from stemwright.audio import write_audio
from stemwright.workflow.job import context_of, job, print_to_screen

with job(snakemake) as params:
    context = context_of(params, snakemake.input)
    source = sources.make(params["source"])
    for remark in dict.fromkeys(source.remarks(context)):
        print(remark)
        print_to_screen(f"{snakemake.output[0]}: {remark}")
    stem = sources.render(source, context, params.get("sections"))
    write_audio(
        snakemake.output[0], stem, rate=context.rate, channels=context.channels, frames=context.frames
    )
