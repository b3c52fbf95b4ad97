rule write_annotations:
    """The ground truth of a song: beats, tempo, sections, chords, keys, and the notes of its stems.

    Runs again for: the notes of its stems, what the timeline does, keys and chords, title and artist.
    """
    input:
        unpack(job_inputs("annotations")),
    output:
        jams="<results>/{song}/annotations/{song}.jams",
        midi="<results>/{song}/annotations/{song}.mid",
        beats_table="<results>/{song}/annotations/beats.csv",
        downbeats_table="<results>/{song}/annotations/downbeats.csv",
        sections_table="<results>/{song}/annotations/sections.csv",
        chords_table="<results>/{song}/annotations/chords.lab",
        keys_table="<results>/{song}/annotations/keys.csv",
        tempo_table="<results>/{song}/annotations/tempo.csv",
        made="<results>/{song}/annotations/{song}.jams.made",
    log:
        "<logs>/{song}/annotations/{song}.jams.log",
    benchmark:
        "<benchmarks>/{song}/annotations/{song}.jams.tsv"
    conda:
        "../environment.yml"
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
        "<results>/{song}/annotations/{song}.jams.ok",
    log:
        "<logs>/{song}/annotations/{song}.jams.ok.log",
    benchmark:
        "<benchmarks>/{song}/annotations/{song}.jams.ok.tsv"
    params:
        job=verification("annotations"),
    message:
        "{wildcards.song}: verify the annotations"
