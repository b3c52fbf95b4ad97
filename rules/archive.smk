from stemwright.plan.cores import cores


rule pack_archive:
    """The delivered files with a manifest, checksums, a README and a program that checks them for the client.

    Runs again for: the delivered files, what they are made from (recordings, samples, and the keys that their jobs are
    given), the timeline, what the master chain settled on, title, artist, notes, and the keys of the stems that the
    manifest tells of.
    """
    input:
        unpack(job_inputs("archive")),
    output:
        "<results>/{song}/{song}{delivery}.zip",
        made="<results>/{song}/{song}{delivery}.zip.made",
    log:
        "<logs>/{song}/{song}{delivery}.zip.log",
    benchmark:
        "<benchmarks>/{song}/{song}{delivery}.zip.tsv"
    wildcard_constraints:
        delivery="(-[A-Za-z0-9_-]+)?",
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("archive")(w))
    params:
        job=job("archive"),
    message:
        "{wildcards.song}: pack the archive{wildcards.delivery}"
    script:
        "../scripts/pack_archive.py"


use rule verify_timeline as verify_archive with:
    input:
        unpack(verification_inputs("archive")),
    output:
        "<results>/{song}/{song}{delivery}.zip.ok",
    log:
        "<logs>/{song}/{song}{delivery}.zip.ok.log",
    benchmark:
        "<benchmarks>/{song}/{song}{delivery}.zip.ok.tsv"
    wildcard_constraints:
        delivery="(-[A-Za-z0-9_-]+)?",
    params:
        job=verification("archive"),
    message:
        "{wildcards.song}: verify the archive{wildcards.delivery}"
