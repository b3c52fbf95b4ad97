"""Rule render_stem: a stem from its source, full length, before effects."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright import sources
from stemwright.audio import write_audio
from stemwright.job import canvas_of, job

with job(snakemake) as spec:
    files = dict(zip(spec["files"], snakemake.input.files, strict=True))
    if reference := snakemake.input.get("reference"):
        files["reference"] = reference
    canvas = canvas_of(spec, spec["seed"], files)
    stem = sources.render(sources.make(spec["source"]), canvas, spec.get("sections"))
    write_audio(snakemake.output[0], stem, rate=canvas.rate, channels=canvas.channels, frames=canvas.frames)
