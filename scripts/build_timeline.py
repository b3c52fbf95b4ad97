"""Rule build_timeline: write the timeline as JSON, with bars, beats and sections in frames."""

import sys
from fractions import Fraction

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import write_json
from stemwright.music.timeline import Timeline
from stemwright.music.timeline.timeline import document
from stemwright.workflow.job import job

with job(snakemake) as params:
    timeline = Timeline.from_dict(params["timeline"])
    chords = [[(Fraction(at), symbol) for at, symbol in section] for section in params["chords"]]
    write_json(snakemake.output[0], document(timeline, params["key"], params["section_keys"], chords))
