"""Rule build_timeline: the timeline as a document of exact frames."""

import sys
from fractions import Fraction

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.files import write_json
from stemwright.job import job
from stemwright.timeline import Timeline
from stemwright.timeline.timeline import document

with job(snakemake) as spec:
    timeline = Timeline.from_facts(spec["timeline"])
    chords = [[(Fraction(at), symbol) for at, symbol in section] for section in spec["chords"]]
    write_json(snakemake.output[0], document(timeline, spec["key"], spec["section_keys"], chords))
