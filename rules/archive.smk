rule pack_archive:
    """The delivered files with a manifest, checksums and a README for the client.

    Runs again for: the delivered files, the timeline, what the master chain settled on, title, artist, notes,
    and the keys of the stems that the manifest tells of.
    """
    input:
        unpack(job_inputs("archive")),
    output:
        "<results>/{song}/{song}.zip",
        made="<results>/{song}/{song}.zip.made",
    log:
        "<logs>/{song}/{song}.zip.log",
    benchmark:
        "<benchmarks>/{song}/{song}.zip.tsv"
    conda:
        "../environment.yml"
    params:
        job=job("archive"),
    message:
        "{wildcards.song}: pack the archive"
    script:
        "../scripts/pack_archive.py"


use rule verify_timeline as verify_archive with:
    input:
        unpack(verification_inputs("archive")),
    output:
        "<results>/{song}/{song}.zip.ok",
    log:
        "<logs>/{song}/{song}.zip.ok.log",
    benchmark:
        "<benchmarks>/{song}/{song}.zip.ok.tsv"
    params:
        job=verification("archive"),
    message:
        "{wildcards.song}: verify the archive"
