"""Rule write_preview: what a page draws and plays of one stem or bus, or of a whole such as the mix."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.mixing.faders import Faders, read_levels
from stemwright.pages.track import Source, write_track
from stemwright.workflow.job import job, work

with job(snakemake) as params:
    levels = read_levels(snakemake.input.get("levels", ()))
    faders = Faders.from_dict(params["faders"], params["channels"], levels) if "faders" in params else None
    sources = [
        Source(path, stage, file, work().read[path.removeprefix(work().root)])
        for path, (stage, file) in zip(snakemake.input.audio, params["views"], strict=True)
    ]
    write_track(snakemake.output.drawn, snakemake.output.audio, params["id"], sources, faders)
