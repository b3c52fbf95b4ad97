"""Rule audit: every built file is hashed again and held against the records of what was made and what passed."""

import sys
from pathlib import Path

from stemwright.errors import StemwrightError
from stemwright.job import job
from stemwright.ledger import refusing
from stemwright.leftovers import leftovers
from stemwright.sentinel import hold

with job(snakemake) as spec:
    audited = rotten = 0
    for artifact in spec["ledgers"]:
        if not Path(f"{artifact}.ok").exists():
            continue  # not verified yet, or refused: the next run sees to it
        audited += 1
        try:
            with refusing(spec["ledgers"]):
                hold(artifact)
        except StemwrightError as error:
            rotten += 1
            print(error)
    print(f"{audited} files audited, {rotten} refused")
    if left := leftovers(spec["results"], spec["ledgers"]):
        print(
            f"{len(left)} files that no song claims any more, {left[0]} for one: snakemake prune removes them"
        )
    if rotten:
        sys.exit(1)
