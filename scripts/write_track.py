"""Rule write_track: what a dataset has of a song, with the checksums of its files."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import write_json
from stemwright.delivery.dataset_texts import digests
from stemwright.workflow.job import job, work

with job(snakemake) as params:
    home = f"{work().root}{params['home']}/"
    files = [
        {"path": path.removeprefix(home), **known, **digests(path)}
        for path, known in zip(snakemake.input.files, params["files"], strict=True)
    ]
    write_json(snakemake.output[0], {**params["track"], "files": files})
