"""Rule write_notes: the notes of a stem as they sound."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import atomic_write
from stemwright.delivery.performance import notes_table, read_performance
from stemwright.music.timeline import Timeline
from stemwright.workflow.job import job

with job(snakemake) as params, atomic_write(snakemake.output[0]) as part:
    timeline = Timeline.from_dict(params["timeline"])
    notes = read_performance(params["performances"], snakemake.input.get("files", ()), timeline)
    part.write_text(notes_table(notes, timeline.rate), encoding="utf-8")
