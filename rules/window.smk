rule mix_window:
    """A stretch of the mix, from what of its stems and buses sounds into it: to be listened to, and not delivered.

    Runs again for: these stretches, the faders and sends to the mix, where the window is; bpm, meter, changes and sections if
    one of them needs time.
    """
    input:
        unpack(job_inputs("window")),
    output:
        "<results>/{song}/preview/{window}.wav",
        made="<results>/{song}/preview/{window}.wav.made",
    log:
        "<logs>/{song}/preview/{window}.wav.log",
    benchmark:
        "<benchmarks>/{song}/preview/{window}.wav.tsv"
    wildcard_constraints:
        window="[A-Za-z0-9_.-]+",
    conda:
        "../environment.yml"
    resources:
        **job_needs("window"),
    params:
        job=job("window"),
    message:
        "{wildcards.song}: window {wildcards.window}"
    script:
        "../scripts/mix_window.py"


use rule verify_timeline as verify_window with:
    input:
        unpack(verification_inputs("window")),
    output:
        "<results>/{song}/preview/{window}.wav.ok",
    log:
        "<logs>/{song}/preview/{window}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/preview/{window}.wav.ok.tsv"
    wildcard_constraints:
        window="[A-Za-z0-9_.-]+",
    resources:
        **verification_needs("window"),
    params:
        job=verification("window"),
    message:
        "{wildcards.song}: verify window {wildcards.window}"
