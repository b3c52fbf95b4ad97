# Before any stem: the timeline, and the reference if there is one, must have passed.
rule render_stem:
    input:
        unpack(render_inputs),
        first=sentinels(lambda w: plan(w.song).before_stems()),
    output:
        "<results>/{song}/stems/{stem}.wav",
        made="<results>/{song}/stems/{stem}.wav.made",
    log:
        "<logs>/{song}/stems/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/stems/{stem}.wav.tsv"
    priority: 1
    conda:
        "../environment.yml"
    params:
        job=job_of("stem_job", "stem"),
    message:
        "{wildcards.song}: render {wildcards.stem}"
    script:
        "../scripts/render_stem.py"


use rule verify_timeline as verify_stem with:
    input:
        artifact="<results>/{song}/stems/{stem}.wav",
        made="<results>/{song}/stems/{stem}.wav.made",
    output:
        "<results>/{song}/stems/{stem}.wav.ok",
    log:
        "<logs>/{song}/stems/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/stems/{stem}.wav.ok.tsv"
    priority: 1
    params:
        job=verification("stem", "<results>/{song}/stems/{stem}.wav"),
    message:
        "{wildcards.song}: verify {wildcards.stem}"
