# A file for playing live, and none of its records.
LIVE_FILE = rf"(stage/)?[^/]+({'|'.join(map(re.escape, HOUSE.endings))})"


rule write_live:
    """A click track, or of the stage pack a cue track or a delivered stem, behind the count-in.

    Runs again for: what the timeline does, delivery.count_in, the delivered stem, and its format.
    """
    input:
        unpack(job_inputs("live")),
    output:
        "<results>/{song}/delivery/handoff/{file}",
        made="<results>/{song}/delivery/handoff/{file}.made",
    log:
        "<logs>/{song}/delivery/handoff/{file}.log",
    benchmark:
        "<benchmarks>/{song}/delivery/handoff/{file}.tsv"
    wildcard_constraints:
        file=LIVE_FILE,
    conda:
        "../environment.yml"
    resources:
        **job_needs("live"),
    params:
        job=job("live"),
    message:
        "{wildcards.song}: write {wildcards.file}"
    script:
        "../scripts/write_live.py"


use rule verify_timeline as verify_live with:
    input:
        unpack(verification_inputs("live")),
    output:
        "<results>/{song}/delivery/handoff/{file}.ok",
    log:
        "<logs>/{song}/delivery/handoff/{file}.ok.log",
    benchmark:
        "<benchmarks>/{song}/delivery/handoff/{file}.ok.tsv"
    wildcard_constraints:
        file=LIVE_FILE,
    resources:
        **verification_needs("live"),
    params:
        job=verification("live"),
    message:
        "{wildcards.song}: verify {wildcards.file}"


# The folder handoff/ is no further delivery.
ruleorder: write_live > deliver_file
ruleorder: verify_live > verify_delivered
