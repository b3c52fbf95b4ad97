# What has changed since, in words and to listen to. No target: it says what is so now.
rule diff:
    input:
        lambda w: [
            PLACES.of_ours(path)
            for archive in compared().values()
            for path in (archive.path, archive.sentinel, *delivered_files(archive).values())
        ],
    log:
        "<logs>/diff.log",
    localrule: True
    conda:
        "../environment.yml"
    threads: lambda w: workflow.cores or 1
    params:
        job=lambda w: {
            "params": {
                "root": PLACES.root_of_storage(),
                "results": RESULTS,
                "against": HOUSE.against,
                "commit": earlier().commit,
                "snakefile": str(workflow.main_snakefile),
                "markdown": os.path.join(PLACES.root("logs"), "diff.md"),
                "json": os.path.join(PLACES.root("logs"), "diff.json"),
                "songs": {
                    song: {
                        "archive": archive.path,
                        "files": delivered_files(archive),
                        "earlier": earlier().deliveries.get(song, ""),
                    }
                    for song, archive in compared().items()
                },
            }
        },
    message:
        "compare with what was built before"
    script:
        "../scripts/diff.py"
