rule build_timeline:
    """Tempo, meters, sections, beats, keys and chords as exact frames.

    Runs again for: bpm, meter, beat, pickup, changes, length, sections, key, session.
    """
    output:
        "<results>/{song}/timeline.json",
        made="<results>/{song}/timeline.json.made",
    log:
        "<logs>/{song}/timeline.json.log",
    benchmark:
        "<benchmarks>/{song}/timeline.json.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("timeline"),
    params:
        job=job("timeline"),
    message:
        "{wildcards.song}: timeline"
    script:
        "../scripts/build_timeline.py"


rule verify_timeline:
    """The pattern of every verification: an artifact through its gates, to its sentinel.

    Runs again for: the artifact, gates, and what its gates must know of the song and read besides.
    """
    input:
        unpack(verification_inputs("timeline")),
    output:
        "<results>/{song}/timeline.json.ok",
    log:
        "<logs>/{song}/timeline.json.ok.log",
    benchmark:
        "<benchmarks>/{song}/timeline.json.ok.tsv"
    conda:
        "../environment.yml"
    resources:
        **verification_needs("timeline"),
    params:
        job=verification("timeline"),
    message:
        "{wildcards.song}: verify the timeline"
    script:
        "../scripts/verify_artifact.py"
