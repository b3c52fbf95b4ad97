"""Rule build_timeline: the timeline as a document of exact frames."""

from stemwright.files import write_json
from stemwright.job import job
from stemwright.timeline import Timeline
from stemwright.timeline.timeline import document

with job(snakemake) as spec:
    timeline = Timeline.from_facts(spec["timeline"])
    write_json(snakemake.output[0], document(timeline, spec["key"], spec["section_keys"]))
