"""Rule write_cue: the cue sheet of an album's disc."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import atomic_write
from stemwright.delivery.cue_sheet import sheet_from_dict, write_cue
from stemwright.workflow.job import job

with job(snakemake) as params, atomic_write(snakemake.output[0]) as part:
    part.write_text(write_cue(sheet_from_dict(params["sheet"])), encoding="utf-8")
