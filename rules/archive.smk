rule pack_archive:
    """The delivered files with a manifest, checksums and a README for the client.

    Runs again for: the delivered files, the timeline, what the master chain settled on, title, artist, notes,
    and the keys of the stems that the manifest tells of.
    """
    input:
        unpack(job_inputs("archive")),
    output:
        "<results>/{song}/{archive}.zip",
        made="<results>/{song}/{archive}.zip.made",
    log:
        "<logs>/{song}/{archive}.zip.log",
    benchmark:
        "<benchmarks>/{song}/{archive}.zip.tsv"
    wildcard_constraints:
        archive="[^/]+",
    conda:
        "../environment.yml"
    params:
        job=job("archive"),
    message:
        "{wildcards.song}: pack {wildcards.archive}.zip"
    script:
        "../scripts/pack_archive.py"


use rule verify_timeline as verify_archive with:
    input:
        unpack(verification_inputs("archive")),
    output:
        "<results>/{song}/{archive}.zip.ok",
    log:
        "<logs>/{song}/{archive}.zip.ok.log",
    benchmark:
        "<benchmarks>/{song}/{archive}.zip.ok.tsv"
    wildcard_constraints:
        archive="[^/]+",
    params:
        job=verification("archive"),
    message:
        "{wildcards.song}: verify {wildcards.archive}.zip"
