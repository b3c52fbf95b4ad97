"""Rule write_handoff: write the song for a DAW."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.delivery.handoff import write_handoff
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    for remark in write_handoff(snakemake.output[0], params, snakemake.input.get("files", ())):
        print(remark)
        print_to_screen(f"{snakemake.output[0]}: {remark}")
