"""Rules verify_*: judge an artifact with its gates; write its sentinel, or record a refusal."""

import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.gates import Subject, format_line, format_table, make, verify
from stemwright.records.produced import read_produced
from stemwright.records.refusals import forget_page, record_refusal
from stemwright.records.sentinel import write_sentinel
from stemwright.workflow.job import job, print_to_screen, work

# What the artifact is compared with was verified. It is read once more only to find what is wrong.
with job(snakemake, checked_later=set(snakemake.input.keys()) - {"artifact"}, forks=True) as params:
    path, root = work().artifact, work().root
    subject = Subject(
        root + path,
        params["judged_as"],
        params["format"],
        params["context"],
        {role: list(paths) for role, paths in snakemake.input.items()},
        kind=params["stage"],
        root=root,
        cores=snakemake.threads,
    )
    verdict = verify(subject, make(params["gates"]), read_produced(path, root), work().hashing)
    if verdict.passed:
        verdict = replace(verdict, xxh3=work().xxh3)
    print(f"{path}: {'passed' if verdict.passed else 'REFUSED'}\n\n{format_table(verdict.checks)}")
    for check in verdict.checks:
        if check.status == "warn":
            print_to_screen(f"warning: {path}: {format_line(check)}")
    ledger = snakemake.params.job["ledgers"][path]
    if verdict.passed:
        forget_page(ledger)
        write_sentinel(path, verdict.record(), work().account(), root)
    else:
        work().check_all()
        record_refusal(Path(ledger), verdict.record())
        print(f"\nThe file is kept, to be listened to: {path}\nThe next run makes it again.")
        # What passes does not wait for these modules, and another look of the page is no reason to verify anew.
        page = import_module("stemwright.pages.refused").write_refused_page(ledger, verdict, params["time"])
        print(f"What is wrong, and where: {page}")
        sys.exit(1)
