# A file for a DAW, and none of its records.
HANDOFF_FILE = r"(stage/)?[^/]+\.(mid|rpp|dawproject|txt|csv)"


rule write_handoff:
    """The song for a DAW: tempo, meters, markers, and what is played or the delivered stems.

    Runs again for: what the timeline does, the titles of sections, and the notes of stems.
    """
    input:
        unpack(job_inputs("handoff")),
    output:
        "<results>/{song}/delivery/handoff/{file}",
        made="<results>/{song}/delivery/handoff/{file}.made",
    log:
        "<logs>/{song}/delivery/handoff/{file}.log",
    benchmark:
        "<benchmarks>/{song}/delivery/handoff/{file}.tsv"
    wildcard_constraints:
        file=HANDOFF_FILE,
    conda:
        "../environment.yml"
    resources:
        **job_needs("handoff"),
    params:
        job=job("handoff"),
    message:
        "{wildcards.song}: write {wildcards.file}"
    script:
        "../scripts/write_handoff.py"


use rule verify_timeline as verify_handoff with:
    input:
        unpack(verification_inputs("handoff")),
    output:
        "<results>/{song}/delivery/handoff/{file}.ok",
    log:
        "<logs>/{song}/delivery/handoff/{file}.ok.log",
    benchmark:
        "<benchmarks>/{song}/delivery/handoff/{file}.ok.tsv"
    wildcard_constraints:
        file=HANDOFF_FILE,
    resources:
        **verification_needs("handoff"),
    params:
        job=verification("handoff"),
    message:
        "{wildcards.song}: verify {wildcards.file}"
