"""Rule audit: hash every built file again, and compare it with the records of what was produced and what passed."""

import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.errors import StemwrightError
from stemwright.records.paths import sentinel_of
from stemwright.records.refusals import refusal_count, refuse_changed_files
from stemwright.records.sentinel import awaits_verification, verify_unchanged
from stemwright.records.unclaimed import unclaimed_files
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    root = params["root"]
    audited = changed = refused = 0
    for artifact, ledger in params["ledgers"].items():
        if not Path(root + sentinel_of(artifact)).exists():
            if refusal_count(Path(ledger)) and Path(root + artifact).exists():
                refused += 1
                print(
                    f"{artifact}: was refused and has not passed since; files built from an earlier version are kept"
                )
            continue
        if awaits_verification(artifact, root):
            print(f"{artifact}: is not verified yet; to verify it: snakemake {sentinel_of(artifact)}")
            continue
        audited += 1
        try:
            with refuse_changed_files(params["ledgers"]):
                verify_unchanged(artifact, root)
        except StemwrightError as error:
            changed += 1
            print(error)
    result = f"{audited} files audited, {changed} refused" + (
        f", {refused} refused before" if refused else ""
    )
    print(result)
    print_to_screen(result)
    if left := unclaimed_files(params["results"], params["ledgers"], root):
        print(f"{len(left)} files that no song claims any more (snakemake prune removes them):")
        print(*left, sep="\n")
    if changed or refused:
        sys.exit(1)
