rule find_level:
    """The gain of a fader that is written as `match`, `lufs`, `peak_dbfs` or `like`.

    Runs again for: the processed stem or bus, its gain_db, pan and mute; for `like`, the other one and its fader; for
    `match`, the mix, and every stem that is heard with its pan and mute; session, the song's length; bpm, meter,
    changes and sections if one of them is muted in a section.
    """
    input:
        unpack(job_inputs("level")),
    output:
        "<results>/{song}/levels/{stem}.json",
        made="<results>/{song}/levels/{stem}.json.made",
    log:
        "<logs>/{song}/levels/{stem}.json.log",
    benchmark:
        "<benchmarks>/{song}/levels/{stem}.json.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("level"),
    params:
        job=job("level"),
    message:
        "{wildcards.song}: level of {wildcards.stem}"
    script:
        "../scripts/find_level.py"


use rule verify_timeline as verify_level with:
    input:
        unpack(verification_inputs("level")),
    output:
        "<results>/{song}/levels/{stem}.json.ok",
    log:
        "<logs>/{song}/levels/{stem}.json.ok.log",
    benchmark:
        "<benchmarks>/{song}/levels/{stem}.json.ok.tsv"
    resources:
        **verification_needs("level"),
    params:
        job=verification("level"),
    message:
        "{wildcards.song}: verify the level of {wildcards.stem}"
