rule sum_bus:
    """The sum of what is routed and sent to a bus, before the effects of the bus.

    Runs again for: the processed stems and buses, their gain_db, pan, mute, output and sends, session, the song's
    length; bpm, meter, changes and sections if one of them is muted in a section.
    """
    input:
        unpack(job_inputs("bus")),
    output:
        dropped("bus", "<results>/{song}/buses/{stem}.wav"),
        made="<results>/{song}/buses/{stem}.wav.made",
    log:
        "<logs>/{song}/buses/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/buses/{stem}.wav.tsv"
    priority: 1
    conda:
        "../environment.yml"
    resources:
        **job_needs("bus"),
    params:
        job=job("bus"),
    message:
        "{wildcards.song}: bus {wildcards.stem}"
    script:
        "../scripts/mix_stems.py"


use rule verify_timeline as verify_bus with:
    input:
        unpack(verification_inputs("bus")),
    output:
        "<results>/{song}/buses/{stem}.wav.ok",
    log:
        "<logs>/{song}/buses/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/buses/{stem}.wav.ok.tsv"
    priority: 1
    resources:
        **verification_needs("bus"),
    params:
        job=verification("bus"),
    message:
        "{wildcards.song}: verify bus {wildcards.stem}"
