"""Rule write_report: write the page of a song."""

import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import atomic_write, read_json
from stemwright.pages.render import render
from stemwright.pages.song import content
from stemwright.records.paths import artifact_of, runs_of
from stemwright.records.sentinel import read_sentinel
from stemwright.workflow.job import job, work

with job(snakemake) as params:
    root = work().root
    judged = [artifact_of(place.removeprefix(root)) for place in snakemake.input.verdicts]
    files = [each["file"] for each in params["artifacts"]]
    records = {file: read_sentinel(path, root) for file, path in zip(files, judged, strict=True)}
    (timeline,), (settings,) = snakemake.input.timeline, snakemake.input.settings
    page = render("song.html", content(params, read_json(timeline), records, read_json(settings)))
    with atomic_write(snakemake.output[0]) as part:
        part.write_text(page, encoding="utf-8")
    # The main process writes it at the end of a run; a page that lacks a file that it asks for says so on its console.
    runs = Path(runs_of(snakemake.output[0]))
    if not runs.exists():
        with atomic_write(runs) as part:
            part.write_text("stemwright.runs([]);\n", encoding="utf-8")
