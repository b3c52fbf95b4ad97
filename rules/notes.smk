rule write_notes:
    """What a stem plays, as it sounds: each note with its onset, duration, pitch and velocity.

    Runs again for: what the stem plays and with which feel, its sections, and what the timeline does.
    """
    input:
        unpack(job_inputs("notes")),
    output:
        "<results>/{song}/annotations/notes/{stem}.csv",
        made="<results>/{song}/annotations/notes/{stem}.csv.made",
    log:
        "<logs>/{song}/annotations/notes/{stem}.csv.log",
    benchmark:
        "<benchmarks>/{song}/annotations/notes/{stem}.csv.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("notes"),
    params:
        job=job("notes"),
    message:
        "{wildcards.song}: notes of {wildcards.stem}"
    script:
        "../scripts/write_notes.py"


use rule verify_timeline as verify_notes with:
    input:
        unpack(verification_inputs("notes")),
    output:
        "<results>/{song}/annotations/notes/{stem}.csv.ok",
    log:
        "<logs>/{song}/annotations/notes/{stem}.csv.ok.log",
    benchmark:
        "<benchmarks>/{song}/annotations/notes/{stem}.csv.ok.tsv"
    resources:
        **verification_needs("notes"),
    params:
        job=verification("notes"),
    message:
        "{wildcards.song}: verify the notes of {wildcards.stem}"
