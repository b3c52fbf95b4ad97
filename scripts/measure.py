"""Rule measure: print what a recording is, and the YAML that aligns a song with it."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.measure.recording import examine
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    text = examine(params["file"]).text()
    print(text)
    print_to_screen(text)
