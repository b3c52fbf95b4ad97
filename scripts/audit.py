"""Rule audit: every built file is hashed again and held against its sentinel."""

import sys
from pathlib import Path

from stemwright.files import read_json, sha256
from stemwright.job import job
from stemwright.ledger import refuse
from stemwright.leftovers import leftovers

with job(snakemake) as spec:
    audited = rotten = 0
    for artifact, ledger in spec["ledgers"].items():
        sentinel = Path(f"{artifact}.ok")
        if not sentinel.exists():
            continue  # not verified yet, or refused: the next run sees to it
        audited += 1
        try:
            record = read_json(sentinel)
            found = sha256(artifact) if Path(artifact).exists() else "no such file"
            expected = record["sha256"]
        except (ValueError, KeyError, TypeError):
            record, found, expected = {"artifact": artifact}, "unreadable sentinel", "a sentinel"
        if found == expected:
            continue
        rotten += 1
        print(f"{artifact}: is not the file that passed: sha256 {found}, expected {expected}")
        check = {
            "id": "audit",
            "measured": found,
            "unit": "sha256",
            "limit": f"= {expected}",
            "status": "fail",
        }
        refuse(Path(ledger), {**record, "checks": [check]})
    print(
        f"{audited} files audited, {rotten} refused" + ("; the next run makes them again" if rotten else "")
    )
    if left := leftovers(spec["results"], spec["ledgers"]):
        print(
            f"{len(left)} files that no song claims any more, {left[0]} for one: snakemake prune removes them"
        )
    if rotten:
        sys.exit(1)
