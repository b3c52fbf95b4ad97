"""Rule prune: remove what no song claims any more, with its logs and benchmarks, and the folders left empty."""

import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.job import job
from stemwright.leftovers import leftovers

with job(snakemake) as spec:
    results = Path(spec["results"])
    removed = leftovers(spec["results"], spec["claimed"])
    for path in removed:
        name = path.relative_to(results)
        beside = [Path(spec["logs"], f"{name}.log"), Path(spec["benchmarks"], f"{name}.tsv")]
        for file in (path, *beside):
            file.unlink(missing_ok=True)
            for folder in list(file.parents)[:3]:
                with suppress(OSError):  # not empty
                    folder.rmdir()
        print(f"removed {path}")
    print(f"{len(removed)} files removed that no song claims")
