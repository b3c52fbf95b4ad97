rule mix_stems:
    input:
        sentinels(lambda w: plan(w.song).all_processed()),
        stems=lambda w: plan(w.song).all_processed(),
    output:
        "<results>/{song}/mix/mix.wav",
        made="<results>/{song}/mix/mix.wav.made",
    log:
        "<logs>/{song}/mix/mix.wav.log",
    benchmark:
        "<benchmarks>/{song}/mix/mix.wav.tsv"
    priority: 2
    conda:
        "../environment.yml"
    params:
        job=job_of("mix_job"),
    message:
        "{wildcards.song}: mix"
    script:
        "../scripts/mix_stems.py"


use rule verify_timeline as verify_mix with:
    input:
        artifact="<results>/{song}/mix/mix.wav",
        made="<results>/{song}/mix/mix.wav.made",
        reference=lambda w: plan(w.song).mixed_reference(),
        stems=lambda w: plan(w.song).all_processed(),
    output:
        "<results>/{song}/mix/mix.wav.ok",
    log:
        "<logs>/{song}/mix/mix.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/mix/mix.wav.ok.tsv"
    priority: 2
    params:
        job=verification("mix", "<results>/{song}/mix/mix.wav"),
    message:
        "{wildcards.song}: verify the mix"
