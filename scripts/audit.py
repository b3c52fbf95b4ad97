"""Rule audit: every built file is hashed again and held against the records of what was made and what passed."""

import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.errors import StemwrightError
from stemwright.records.paths import sentinel_of
from stemwright.records.refusals import refusal_count, refusing_changed
from stemwright.records.sentinel import is_newer, verify_unchanged
from stemwright.records.unclaimed import unclaimed_files
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    audited = rotten = refused = 0
    for artifact, ledger in params["ledgers"].items():
        if not Path(sentinel_of(artifact)).exists():
            if refusal_count(Path(ledger)) and Path(artifact).exists():
                refused += 1
                print(
                    f"{artifact}: was refused, and has not passed since; what was built on an older one stays"
                )
            continue
        if is_newer(artifact):
            print(f"{artifact}: is not verified yet: ask for {sentinel_of(artifact)}")
            continue
        audited += 1
        try:
            with refusing_changed(params["ledgers"]):
                verify_unchanged(artifact)
        except StemwrightError as error:
            rotten += 1
            print(error)
    result = f"{audited} files audited, {rotten} refused" + (f", {refused} refused before" if refused else "")
    print(result)
    print_to_screen(result)
    if left := unclaimed_files(params["results"], params["ledgers"]):
        print(f"{len(left)} files that no song claims any more; snakemake prune removes them:")
        print(*left, sep="\n")
    if rotten or refused:
        sys.exit(1)
