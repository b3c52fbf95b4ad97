"""Rule prune: remove the artifacts that no song claims, with their logs and benchmarks, and empty folders."""

import sys
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.records.paths import log_and_benchmark_of
from stemwright.records.unclaimed import is_inside, unclaimed_files
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    root, results = params["root"], Path(params["results"])
    removed = unclaimed_files(params["results"], params["claimed"], **params["homes"], root=root)
    for path in removed:
        log, benchmark = log_and_benchmark_of(path.relative_to(results), params["logs"], params["benchmarks"])
        for file, top in ((path, results), (log, params["logs"]), (benchmark, params["benchmarks"])):
            file, top = Path(root, file), Path(root, top)
            if not is_inside(file, top):
                continue
            file.unlink(missing_ok=True)
            for folder in takewhile(lambda folder: folder != top, file.parents):  # noqa: B023 (used at once)
                with suppress(OSError):  # not empty
                    folder.rmdir()
        print(f"removed {path}")
        print_to_screen(f"removed {path}")
    total = f"{len(removed)} files removed that no song claims"
    print(total)
    print_to_screen(total)
