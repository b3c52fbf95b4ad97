rule write_preview:
    """What the song's page draws and plays of a stem, a bus, the mix, the master, the reference or a version.

    Runs again for: the file that it draws; of a stem or bus also before its effects, and its gain_db, pan, mute and
    output; bpm, meter, changes and sections if it is muted in a section.
    """
    input:
        unpack(job_inputs("preview")),
    output:
        drawn="<results>/{song}/report/tracks/{track}.js",
        audio="<results>/{song}/report/tracks/{track}.audio.js",
        made="<results>/{song}/report/tracks/{track}.js.made",
    log:
        "<logs>/{song}/report/tracks/{track}.js.log",
    benchmark:
        "<benchmarks>/{song}/report/tracks/{track}.js.tsv"
    wildcard_constraints:
        track="[A-Za-z0-9_-]+",
    conda:
        "../environment.yml"
    resources:
        **job_needs("preview"),
    params:
        job=job("preview"),
    message:
        "{wildcards.song}: preview of {wildcards.track}"
    script:
        "../scripts/write_preview.py"


use rule verify_timeline as verify_preview with:
    input:
        unpack(verification_inputs("preview")),
    output:
        "<results>/{song}/report/tracks/{track}.js.ok",
    log:
        "<logs>/{song}/report/tracks/{track}.js.ok.log",
    benchmark:
        "<benchmarks>/{song}/report/tracks/{track}.js.ok.tsv"
    wildcard_constraints:
        track="[A-Za-z0-9_-]+",
    resources:
        **verification_needs("preview"),
    params:
        job=verification("preview"),
    message:
        "{wildcards.song}: verify the preview of {wildcards.track}"
