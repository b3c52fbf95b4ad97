rule master_mix:
    input:
        verified("<results>/{song}/mix/mix.wav"),
        mix="<results>/{song}/mix/mix.wav",
    output:
        audio="<results>/{song}/master/master.wav",
        settings="<results>/{song}/master/master.json",
        made="<results>/{song}/master/master.wav.made",
    log:
        "<logs>/{song}/master/master.wav.log",
    benchmark:
        "<benchmarks>/{song}/master/master.wav.tsv"
    priority: 2
    conda:
        "../environment.yml"
    params:
        job=job_of("master_job"),
    message:
        "{wildcards.song}: master"
    script:
        "../scripts/master_mix.py"


use rule verify_timeline as verify_master with:
    input:
        artifact="<results>/{song}/master/master.wav",
        settings="<results>/{song}/master/master.json",
        made="<results>/{song}/master/master.wav.made",
        reference=lambda w: plan(w.song).mixed_reference(),
    output:
        "<results>/{song}/master/master.wav.ok",
    log:
        "<logs>/{song}/master/master.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/master/master.wav.ok.tsv"
    priority: 2
    params:
        job=verification("master", "<results>/{song}/master/master.wav"),
    message:
        "{wildcards.song}: verify the master"
