rule process_stem:
    """A stem or a bus through its effects, before fader and pan.

    Runs again for: the stem or the bus, its effects and the keys of their side-chains, session, the song's length; bpm, meter, changes and sections if
    an effect needs time.
    """
    input:
        unpack(job_inputs("processed")),
    output:
        dropped("processed", "<results>/{song}/processed/{stem}.wav"),
        made="<results>/{song}/processed/{stem}.wav.made",
    log:
        "<logs>/{song}/processed/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/processed/{stem}.wav.tsv"
    priority: 1
    conda:
        "../environment.yml"
    resources:
        **job_needs("processed"),
    params:
        job=job("processed"),
    message:
        "{wildcards.song}: process {wildcards.stem}"
    script:
        "../scripts/process_stem.py"


use rule verify_timeline as verify_processed with:
    input:
        unpack(verification_inputs("processed")),
    output:
        "<results>/{song}/processed/{stem}.wav.ok",
    log:
        "<logs>/{song}/processed/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/processed/{stem}.wav.ok.tsv"
    priority: 1
    resources:
        **verification_needs("processed"),
    params:
        job=verification("processed"),
    message:
        "{wildcards.song}: verify {wildcards.stem}, processed"
