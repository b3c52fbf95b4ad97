"""The rules verify_*: a file through its gates, to a sentinel or to the ledger of refusals."""

import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import inspect, resampled_frames
from stemwright.gates import Subject, line, make, table, verify
from stemwright.job import job, tell
from stemwright.ledger import refuse, refusing
from stemwright.made import read_made
from stemwright.sentinel import read_sentinel, write_sentinel

with job(snakemake) as spec, refusing(spec["ledgers"]):
    path, expect, facts = str(snakemake.input.artifact), dict(spec["expect"]), dict(spec["facts"])
    facts["made"] = read_made(path)
    if spec["kind"] == "reference":
        source = inspect(snakemake.input.source)
        if source.frames is not None and source.sample_rate:
            expect["frames"] = resampled_frames(source.frames, source.sample_rate, expect["sample_rate"])
        facts["container"] = snakemake.input.source
        facts["bandwidth"] = {"source_rate": source.sample_rate}
    if "null" in facts:
        stems = zip(facts["null"]["parts"], snakemake.input.stems, strict=True)
        parts = [{**part, "path": stem} for part, stem in stems]
        facts["null"] = {**facts["null"], "path": snakemake.input.get("mix", path), "parts": parts}
    if "duplicate" in facts:
        facts["duplicate"] = dict(zip(facts["duplicate"], snakemake.input.stems, strict=True))
    if "bandwidth" in facts and spec["kind"] == "processed":
        facts["bandwidth"] = {**facts["bandwidth"], "raw": str(snakemake.input.raw)}
    if "reference" in facts:
        facts["reference"] = {**facts["reference"], "path": snakemake.input.reference[0]}
    if "archive" in facts:
        sentinels = dict(zip(facts["archive"], map(read_sentinel, snakemake.input.sentinels), strict=True))
        digests = {name: sentinel["sha256"] for name, sentinel in sentinels.items()}
        members = [*facts["archive"], "manifest.json", "README.txt", "SHA256SUMS"]
        facts["archive"] = {"members": members, "sha256": digests}

    verdict = verify(Subject(path, spec["kind"], expect, facts), make(spec["gates"]))
    print(f"{path}: {'passed' if verdict.passed else 'REFUSED'}\n\n{table(verdict.checks)}")
    for check in verdict.checks:
        if check.status == "warn":
            tell(f"warning: {path}: {line(check)}")
    if verdict.passed:
        write_sentinel(snakemake.output[0], verdict.record())
    else:
        refuse(Path(spec["ledgers"][path]), verdict.record())
        print(f"\nThe file stays where it is, to be listened to: {path}\nThe next run makes it again.")
        sys.exit(1)
