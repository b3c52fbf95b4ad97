"""Rule prune: remove the artifacts that no song claims, with their logs and benchmarks, and empty folders."""

import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.records.paths import log_and_benchmark_of
from stemwright.records.unclaimed import unclaimed_files
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    results = Path(params["results"])
    removed = unclaimed_files(params["results"], params["claimed"])
    for path in removed:
        name = path.relative_to(results)
        for file in (path, *log_and_benchmark_of(name, params["logs"], params["benchmarks"])):
            file.unlink(missing_ok=True)
            for folder in list(file.parents)[:3]:
                with suppress(OSError):  # not empty
                    folder.rmdir()
        print(f"removed {path}")
        print_to_screen(f"removed {path}")
    total = f"{len(removed)} files removed that no song claims"
    print(total)
    print_to_screen(total)
