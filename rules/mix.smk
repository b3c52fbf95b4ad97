rule mix_stems:
    """The sum of the processed stems through their faders and pans.

    Runs again for: the processed stems, stems.STEM.gain_db and .pan, session, the song's length.
    """
    input:
        unpack(job_inputs("mix")),
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
        job=job("mix"),
    message:
        "{wildcards.song}: mix"
    script:
        "../scripts/mix_stems.py"


use rule verify_timeline as verify_mix with:
    input:
        unpack(verification_inputs("mix")),
    output:
        "<results>/{song}/mix/mix.wav.ok",
    log:
        "<logs>/{song}/mix/mix.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/mix/mix.wav.ok.tsv"
    priority: 2
    params:
        job=verification("mix"),
    message:
        "{wildcards.song}: verify the mix"
