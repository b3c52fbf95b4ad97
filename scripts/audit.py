"""Rule audit: hash every built file again, and compare it with the records of what was produced and what passed."""

import sys
from pathlib import Path

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.records.paths import sentinel_of
from stemwright.records.refusals import refusal_count, refuse_changed_files
from stemwright.records.sentinel import awaits_verification, read_sentinel, verify_unchanged
from stemwright.records.unclaimed import unclaimed_files
from stemwright.workflow.job import job, print_to_screen
from stemwright.workflow.running_builds import files_being_built


def fault_of(artifact, root):
    """How an artifact differs from its records, as an error; None if it does not, or while a run builds it."""
    fault = None
    for _ in range(2):  # the first look may have met a run that has ended since
        try:
            verify_unchanged(artifact, root)
            return None
        except ChangedFileError as error:
            fault = error
        except FileNotFoundError as error:
            fault = ChangedFileError(artifact, f"{error.filename}: is missing")
        if is_being_built(artifact):
            return None
    return fault


def is_dropped(artifact, root):
    """Whether an artifact that need not be kept has passed and is not there any more."""
    try:
        read_sentinel(artifact, root)
    except (ChangedFileError, OSError):
        return False
    return not Path(root + artifact).exists()


def is_being_built(artifact):
    return not files_being_built().isdisjoint((artifact, sentinel_of(artifact)))


with job(snakemake) as params:
    root = params["root"]
    audited = changed = refused = 0
    missing, at_work = [], []
    passed = {artifact for artifact in params["ledgers"] if Path(root + sentinel_of(artifact)).exists()}
    needed = {other for artifact in passed for other in params["built_on"][artifact]}
    dropped = {artifact for artifact in params["dropped"] if is_dropped(artifact, root)}
    for artifact, ledger in params["ledgers"].items():
        if artifact in dropped:
            continue
        if is_being_built(artifact):
            at_work.append(artifact)
        elif artifact not in passed:
            if refusal_count(Path(ledger)) and Path(root + artifact).exists():
                refused += 1
                print(
                    f"{artifact}: was refused and has not passed since; files built from an earlier version are kept"
                )
            elif artifact in needed:
                missing.append(artifact if not Path(root + artifact).exists() else sentinel_of(artifact))
        elif awaits_verification(artifact, root):
            print(f"{artifact}: is not verified yet; to verify it: snakemake {sentinel_of(artifact)}")
        else:
            fault = fault_of(artifact, root)
            if fault is None and is_being_built(artifact):
                at_work.append(artifact)
                continue
            audited += 1
            try:
                with refuse_changed_files(params["ledgers"]):
                    if fault:
                        raise fault
            except StemwrightError as error:
                changed += 1
                print(error)
    for path in missing:
        print(f"{path}: is missing, and files that have passed are built on it; snakemake makes it again")
    result = f"{audited} files audited, {changed} refused"
    result += f", {refused} refused before" if refused else ""
    result += f", {len(missing)} missing" if missing else ""
    result += f", {len(dropped)} passed and not kept" if dropped else ""
    if at_work:
        result += (
            f", {len(at_work)} not looked at: a run is building them (if it was killed: snakemake --unlock)"
        )
    print(result)
    print_to_screen(result)
    if left := unclaimed_files(params["results"], params["ledgers"], **params["homes"], root=root):
        print(f"{len(left)} files that no song claims any more (snakemake prune removes them):")
        print(*left, sep="\n")
    if changed or refused or missing:
        print_to_screen("The next build makes again what is refused or missing: snakemake --cores 4")
        sys.exit(1)
