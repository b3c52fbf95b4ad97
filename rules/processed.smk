rule process_stem:
    input:
        verified("<results>/{song}/stems/{stem}.wav"),
        stem="<results>/{song}/stems/{stem}.wav",
    output:
        "<results>/{song}/processed/{stem}.wav",
        made="<results>/{song}/processed/{stem}.wav.made",
    log:
        "<logs>/{song}/processed/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/processed/{stem}.wav.tsv"
    priority: 1
    conda:
        "../environment.yml"
    params:
        job=job_of("process_job", "stem"),
    message:
        "{wildcards.song}: process {wildcards.stem}"
    script:
        "../scripts/process_stem.py"


use rule verify_timeline as verify_processed with:
    input:
        artifact="<results>/{song}/processed/{stem}.wav",
        made="<results>/{song}/processed/{stem}.wav.made",
        raw=lambda w: plan(w.song).before_low_pass(w.stem),
    output:
        "<results>/{song}/processed/{stem}.wav.ok",
    log:
        "<logs>/{song}/processed/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/processed/{stem}.wav.ok.tsv"
    priority: 1
    params:
        job=verification("processed", "<results>/{song}/processed/{stem}.wav"),
    message:
        "{wildcards.song}: verify {wildcards.stem}, processed"
