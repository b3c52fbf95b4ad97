from stemwright.workflow.against import find_earlier


@cache
def earlier():
    """What config's `against` names."""
    if not HOUSE.house.against:
        raise Mistake(
            "diff: say what to compare with: snakemake --cores 4 diff --config against=OLD, where OLD is a zip that was "
            "built before, the folder of an earlier build, or a commit of Git\nNothing was built."
        )
    return read_or_stop(
        lambda: find_earlier(
            HOUSE.house.against, {song: plan(song).graph.get("archive").path for song in SONGS}
        )
    )


def compared():
    """The archives that are compared, by song."""
    return {song: plan(song).graph.get("archive") for song in earlier().deliveries or SONGS}


# What has changed since, in words and to listen to. No target: it says what is so now.
rule diff:
    input:
        lambda w: [
            PLACES.of_ours(path)
            for archive in compared().values()
            for path in (archive.path, archive.sentinel)
        ],
    log:
        "<logs>/diff.log",
    conda:
        "../environment.yml"
    threads: lambda w: workflow.cores or 1
    params:
        job=lambda w: {
            "params": {
                "root": PLACES.root_of_storage(),
                "results": RESULTS,
                "against": str(HOUSE.house.against),
                "commit": earlier().commit,
                "snakefile": str(workflow.main_snakefile),
                "markdown": PLACES.root("logs") + "/diff.md",
                "json": PLACES.root("logs") + "/diff.json",
                "songs": {
                    song: {"archive": archive.path, "earlier": earlier().deliveries.get(song, "")}
                    for song, archive in compared().items()
                },
            }
        },
    message:
        "compare with what was built before"
    script:
        "../scripts/diff.py"
