rule render_window:
    """What of a stem or a bus, after its effects, sounds into a window of the song.

    Runs again for: the stem's source and sections, or what comes into the bus, with its faders; its effects and the keys
    of their side-chains; where the window is, and how far the effects after it reach; session, the song's length; bpm, meter,
    changes, sections and chords if one of them needs them.
    """
    input:
        unpack(job_inputs("window_strip")),
    output:
        "<results>/{song}/preview/{window}/{stem}.wav",
        made="<results>/{song}/preview/{window}/{stem}.wav.made",
    log:
        "<logs>/{song}/preview/{window}/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/preview/{window}/{stem}.wav.tsv"
    wildcard_constraints:
        window="[A-Za-z0-9_.-]+",
    conda:
        "../environment.yml"
    resources:
        **job_needs("window_strip"),
    params:
        job=job("window_strip"),
    message:
        "{wildcards.song}: window {wildcards.window}: {wildcards.stem}"
    script:
        "../scripts/render_window.py"


use rule verify_timeline as verify_window_strip with:
    input:
        unpack(verification_inputs("window_strip")),
    output:
        "<results>/{song}/preview/{window}/{stem}.wav.ok",
    log:
        "<logs>/{song}/preview/{window}/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/preview/{window}/{stem}.wav.ok.tsv"
    wildcard_constraints:
        window="[A-Za-z0-9_.-]+",
    resources:
        **verification_needs("window_strip"),
    params:
        job=verification("window_strip"),
    message:
        "{wildcards.song}: verify window {wildcards.window}: {wildcards.stem}"
