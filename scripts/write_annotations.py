"""Rule write_annotations: the ground truth of a song as JAMS, MIDI and tables."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.delivery.annotations import write_annotations
from stemwright.delivery.performance import read_notes
from stemwright.music.timeline import Timeline
from stemwright.workflow.job import job

with job(snakemake) as params:
    timeline = Timeline.from_dict(params["timeline"])
    tables = zip(params["stems"], snakemake.input.get("notes", ()), strict=True)
    notes = {stem["name"]: read_notes(path) for stem, path in tables}
    paths = {role: path for role, path in snakemake.output.items() if role != "made"}
    write_annotations(paths, params, timeline, notes)
