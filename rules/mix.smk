rule mix_stems:
    """The sum of the processed stems and buses through their faders and pans.

    Runs again for: the processed stems and buses, their gain_db, pan, mute and output, session, the song's length; bpm,
    meter, changes and sections if one of them is muted in a section.
    """
    input:
        unpack(job_inputs("mix")),
    output:
        dropped("mix", "<results>/{song}/mix/mix.wav"),
        made="<results>/{song}/mix/mix.wav.made",
    log:
        "<logs>/{song}/mix/mix.wav.log",
    benchmark:
        "<benchmarks>/{song}/mix/mix.wav.tsv"
    priority: 2
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("mix")(w), most=2)
    resources:
        **job_needs("mix"),
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
    threads: lambda w: cores(artifact("mix")(w), most=2)
    resources:
        **verification_needs("mix"),
    params:
        job=verification("mix"),
    message:
        "{wildcards.song}: verify the mix"
