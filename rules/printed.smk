rule print_stem:
    """A stem's share of the mix through the buses, or of the master.

    Runs again for: the processed stem, the gain curves and the faders on its way, the effects there, what the master
    chain settled on, session, the song's length; bpm, meter, changes and sections if an effect needs time.
    """
    input:
        unpack(job_inputs("printed")),
    output:
        dropped("printed", "<results>/{song}/printed/{stem}.wav"),
        made="<results>/{song}/printed/{stem}.wav.made",
    log:
        "<logs>/{song}/printed/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/printed/{stem}.wav.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("printed"),
    params:
        job=job("printed"),
    message:
        "{wildcards.song}: print {wildcards.stem}"
    script:
        "../scripts/print_stem.py"


use rule verify_timeline as verify_printed with:
    input:
        unpack(verification_inputs("printed")),
    output:
        "<results>/{song}/printed/{stem}.wav.ok",
    log:
        "<logs>/{song}/printed/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/printed/{stem}.wav.ok.tsv"
    resources:
        **verification_needs("printed"),
    params:
        job=verification("printed"),
    message:
        "{wildcards.song}: verify {wildcards.stem}, printed"
