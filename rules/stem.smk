rule render_stem:
    """A stem from its source, before effects.

    Runs again for: stems.STEM.source and .sections, the bytes of its files, session, the song's length; bpm,
    meter, changes and sections if the source needs time; the keys and chords that it plays.
    """
    input:
        unpack(job_inputs("stem")),
    output:
        dropped("stem", "<results>/{song}/stems/{stem}.wav"),
        made="<results>/{song}/stems/{stem}.wav.made",
    log:
        "<logs>/{song}/stems/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/stems/{stem}.wav.tsv"
    priority: 1
    conda:
        "../environment.yml"
    resources:
        **job_needs("stem"),
    params:
        job=job("stem"),
    message:
        "{wildcards.song}: render {wildcards.stem}"
    script:
        "../scripts/render_stem.py"


use rule verify_timeline as verify_stem with:
    input:
        unpack(verification_inputs("stem")),
    output:
        "<results>/{song}/stems/{stem}.wav.ok",
    log:
        "<logs>/{song}/stems/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/stems/{stem}.wav.ok.tsv"
    priority: 1
    resources:
        **verification_needs("stem"),
    params:
        job=verification("stem"),
    message:
        "{wildcards.song}: verify {wildcards.stem}"
