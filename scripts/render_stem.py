"""Rule render_stem: a stem from its source, full length, before effects."""

from stemwright import sources
from stemwright.audio import write_audio
from stemwright.workflow.job import context_of, job

with job(snakemake) as spec:
    files = dict(zip(spec["files"], snakemake.input.files, strict=True))
    if reference := snakemake.input.get("reference"):
        files["reference"] = reference
    context = context_of(spec, spec["seed"], files)
    stem = sources.render(sources.make(spec["source"]), context, spec.get("sections"))
    write_audio(
        snakemake.output[0], stem, rate=context.rate, channels=context.channels, frames=context.frames
    )
