"""Rule audit: every built file is hashed again and held against the records of what was made and what passed."""

import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.errors import StemwrightError
from stemwright.job import job, tell
from stemwright.ledger import refusals, refusing
from stemwright.leftovers import leftovers
from stemwright.sentinel import hold, is_newer

with job(snakemake) as spec:
    audited = rotten = refused = 0
    for artifact, ledger in spec["ledgers"].items():
        if not Path(f"{artifact}.ok").exists():
            if refusals(Path(ledger)) and Path(artifact).exists():
                refused += 1
                print(
                    f"{artifact}: was refused, and has not passed since; what was built on an older one stays"
                )
            continue
        if is_newer(artifact):
            print(f"{artifact}: is not verified yet: ask for {artifact}.ok")
            continue
        audited += 1
        try:
            with refusing(spec["ledgers"]):
                hold(artifact)
        except StemwrightError as error:
            rotten += 1
            print(error)
    result = f"{audited} files audited, {rotten} refused" + (f", {refused} refused before" if refused else "")
    print(result)
    tell(result)
    if left := leftovers(spec["results"], spec["ledgers"]):
        print(f"{len(left)} files that no song claims any more; snakemake prune removes them:")
        print(*left, sep="\n")
    if rotten or refused:
        sys.exit(1)
