# Nothing to make: every built file is read again and held against its sentinel.
rule audit:
    log:
        "<logs>/audit.log",
    localrule: True
    conda:
        "../environment.yml"
    params:
        job=lambda w: {
            "params": {
                "root": PLACES.root_of_storage(),
                "results": RESULTS,
                "homes": homes(),
                "ledgers": {entry.path: entry.ledger for entry in known()},
                "dropped": [entry.path for entry in known() if is_dropped(entry)],
                "built_on": {entry.path: [other.path for other in entry.upstream()] for entry in known()},
            }
        },
    message:
        "audit: hold every built file against its sentinel"
    script:
        "../scripts/audit.py"


# Remove what renamed or removed songs, stems and albums have left behind. With -n, say what that would be.
rule prune:
    log:
        "<logs>/prune.log",
    localrule: True
    conda:
        "../environment.yml"
    params:
        job=lambda w: {
            "params": {
                "root": PLACES.root_of_storage(),
                "results": RESULTS,
                "logs": PLACES.root("logs"),
                "benchmarks": PLACES.root("benchmarks"),
                "homes": homes(),
                "claimed": claimed(),
            }
        },
        preview=lambda w: would_remove() if workflow.dryrun else "",
    message:
        "prune: remove what no song claims{params.preview}"
    script:
        "../scripts/prune.py"
