# Nothing to make: every built file is read again and held against its sentinel.
rule audit:
    log:
        "<logs>/audit.log",
    conda:
        "../environment.yml"
    params:
        job=lambda w: {
            "params": {
                "root": PLACES.root_of_storage(),
                "results": RESULTS,
                "ledgers": {entry.path: entry.ledger for song in plans() for entry in song.artifacts},
                "built_on": {
                    entry.path: [other.path for other in entry.upstream()]
                    for song in plans()
                    for entry in song.artifacts
                },
            }
        },
    message:
        "audit: hold every built file against its sentinel"
    script:
        "../scripts/audit.py"


def claimed():
    """Every artifact of every song."""
    return [entry.path for song in plans() for entry in song.artifacts]


def would_remove():
    """What prune would remove, for `snakemake -n prune`."""
    files = unclaimed_files(RESULTS, claimed(), PLACES.root_of_storage())
    return "".join(f"\nwould remove {file}" for file in files) + f"\n{len(files)} files would be removed"


# Remove what renamed or removed songs and stems have left behind. With -n, say what that would be.
rule prune:
    log:
        "<logs>/prune.log",
    conda:
        "../environment.yml"
    params:
        job=lambda w: {
            "params": {
                "root": PLACES.root_of_storage(),
                "results": RESULTS,
                "logs": PLACES.root("logs"),
                "benchmarks": PLACES.root("benchmarks"),
                "claimed": claimed(),
            }
        },
        preview=lambda w: would_remove() if workflow.dryrun else "",
    message:
        "prune: remove what no song claims{params.preview}"
    script:
        "../scripts/prune.py"
