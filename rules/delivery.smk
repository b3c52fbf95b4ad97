rule deliver_file:
    input:
        sentinels(lambda w: [plan(w.song).delivered_from(w.file)]),
        audio=lambda w: plan(w.song).delivered_from(w.file),
    output:
        "<results>/{song}/delivery/{file}",
        made="<results>/{song}/delivery/{file}.made",
    log:
        "<logs>/{song}/delivery/{file}.log",
    benchmark:
        "<benchmarks>/{song}/delivery/{file}.tsv"
    wildcard_constraints:
        file=r"[^/]+\.(wav|flac)",
    conda:
        "../environment.yml"
    params:
        job=job_of("deliver_job", "file"),
    message:
        "{wildcards.song}: deliver {wildcards.file}"
    script:
        "../scripts/deliver_file.py"


use rule verify_timeline as verify_delivered with:
    input:
        artifact="<results>/{song}/delivery/{file}",
        made="<results>/{song}/delivery/{file}.made",
        stems=lambda w: [plan(w.song).delivered_from(w.file)],
    output:
        "<results>/{song}/delivery/{file}.ok",
    log:
        "<logs>/{song}/delivery/{file}.ok.log",
    benchmark:
        "<benchmarks>/{song}/delivery/{file}.ok.tsv"
    params:
        job=verification("delivered", "<results>/{song}/delivery/{file}"),
    message:
        "{wildcards.song}: verify {wildcards.file}"


# Everything must have passed before it is packed; only what goes in is a reason to pack again.
rule pack_archive:
    input:
        sentinels(lambda w: plan(w.song).artifacts()[:-1]),
        files=lambda w: plan(w.song).all_delivery(),
        timeline="<results>/{song}/timeline.json",
        settings="<results>/{song}/master/master.json",
        master=ancient("<results>/{song}/master/master.wav"),
        made=ancient("<results>/{song}/master/master.wav.made"),
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
        job=job_of("pack_job"),
    message:
        "{wildcards.song}: pack the archive"
    script:
        "../scripts/pack_archive.py"


use rule verify_timeline as verify_archive with:
    input:
        artifact="<results>/{song}/{song}.zip",
        made="<results>/{song}/{song}.zip.made",
        mix="<results>/{song}/mix/mix.wav",
        stems=lambda w: plan(w.song).all_delivered_or_processed(),
        sentinels=sentinels(lambda w: plan(w.song).all_delivery()),
    output:
        "<results>/{song}/{song}.zip.ok",
    log:
        "<logs>/{song}/{song}.zip.ok.log",
    benchmark:
        "<benchmarks>/{song}/{song}.zip.ok.tsv"
    params:
        job=verification("archive", "<results>/{song}/{song}.zip"),
    message:
        "{wildcards.song}: verify the archive"
