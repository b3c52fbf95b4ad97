rule write_annotations:
    """The ground truth of a song: beats, tempo, sections, chords, keys, and the notes of its stems.

    Runs again for: the notes of its stems, what the timeline does, keys and chords, title and artist.
    """
    input:
        unpack(job_inputs("annotations")),
    output:
        jams="<results>/{song}/annotations/{short}.jams",
        midi="<results>/{song}/annotations/{short}.mid",
        beats_table="<results>/{song}/annotations/{short}_beats.csv",
        downbeats_table="<results>/{song}/annotations/{short}_downbeats.csv",
        sections_table="<results>/{song}/annotations/{short}_sections.csv",
        chords_table="<results>/{song}/annotations/{short}_chords.lab",
        keys_table="<results>/{song}/annotations/{short}_keys.csv",
        tempo_table="<results>/{song}/annotations/{short}_tempo.csv",
        made="<results>/{song}/annotations/{short}.jams.made",
    log:
        "<logs>/{song}/annotations/{short}.jams.log",
    benchmark:
        "<benchmarks>/{song}/annotations/{short}.jams.tsv"
    wildcard_constraints:
        short="[A-Za-z0-9_-]+",  # the song without folders
    conda:
        "../environment.yml"
    resources:
        **job_needs("annotations"),
    params:
        job=job("annotations"),
    message:
        "{wildcards.song}: annotations"
    script:
        "../scripts/write_annotations.py"


use rule verify_timeline as verify_annotations with:
    input:
        unpack(verification_inputs("annotations")),
    output:
        "<results>/{song}/annotations/{short}.jams.ok",
    log:
        "<logs>/{song}/annotations/{short}.jams.ok.log",
    benchmark:
        "<benchmarks>/{song}/annotations/{short}.jams.ok.tsv"
    wildcard_constraints:
        short="[A-Za-z0-9_-]+",  # the song without folders
    resources:
        **verification_needs("annotations"),
    params:
        job=verification("annotations"),
    message:
        "{wildcards.song}: verify the annotations"
