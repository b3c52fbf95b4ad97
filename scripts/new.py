"""Rule new: write a song, and add it to the songs that are built."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.starting.creating import start_song
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    text = start_song(snakemake.config, params["files"])
    print(text)
    print_to_screen(text)
