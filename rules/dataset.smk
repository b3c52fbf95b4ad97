# Datasets: all stages in one file. Audio, notes and annotations are made as those of songs are. On a cluster, their many
# small jobs run where the run is.
# An audio file by its path below `audio`, and none of its records.
DATASET_FILE = rf"[^/]+/([a-z]+/)?[^/]+({'|'.join(map(re.escape, HOUSE.endings))})"


use rule deliver_file as deliver_dataset_audio with:
    input:
        unpack(job_inputs("audio")),
    output:
        "<results>/datasets/{dataset}/audio/{file}",
        made="<results>/datasets/{dataset}/audio/{file}.made",
    log:
        "<logs>/datasets/{dataset}/audio/{file}.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/audio/{file}.tsv"
    wildcard_constraints:
        file=DATASET_FILE,
    localrule: True
    resources:
        **job_needs("audio"),
    params:
        job=job("audio"),
    message:
        "{wildcards.dataset}: write {wildcards.file}"


use rule verify_timeline as verify_dataset_audio with:
    input:
        unpack(verification_inputs("audio")),
    output:
        "<results>/datasets/{dataset}/audio/{file}.ok",
    log:
        "<logs>/datasets/{dataset}/audio/{file}.ok.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/audio/{file}.ok.tsv"
    wildcard_constraints:
        file=DATASET_FILE,
    localrule: True
    resources:
        **verification_needs("audio"),
    params:
        job=verification("audio"),
    message:
        "{wildcards.dataset}: verify {wildcards.file}"


use rule write_notes as write_dataset_notes with:
    input:
        unpack(job_inputs("notes")),
    output:
        "<results>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv",
        made="<results>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv.made",
    log:
        "<logs>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv.tsv"
    wildcard_constraints:
        track="[^/]+",
    localrule: True
    resources:
        **job_needs("notes"),
    params:
        job=job("notes"),
    message:
        "{wildcards.dataset}: notes of {wildcards.track}/{wildcards.stem}"


use rule verify_timeline as verify_dataset_notes with:
    input:
        unpack(verification_inputs("notes")),
    output:
        "<results>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv.ok",
    log:
        "<logs>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv.ok.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/annotations/{track}/notes/{stem}.csv.ok.tsv"
    wildcard_constraints:
        track="[^/]+",
    localrule: True
    resources:
        **verification_needs("notes"),
    params:
        job=verification("notes"),
    message:
        "{wildcards.dataset}: verify the notes of {wildcards.track}/{wildcards.stem}"


use rule write_annotations as write_dataset_annotations with:
    input:
        unpack(job_inputs("annotations")),
    output:
        jams="<results>/datasets/{dataset}/annotations/{track}/{track}.jams",
        midi="<results>/datasets/{dataset}/annotations/{track}/{track}.mid",
        beats_table="<results>/datasets/{dataset}/annotations/{track}/{track}_beats.csv",
        downbeats_table="<results>/datasets/{dataset}/annotations/{track}/{track}_downbeats.csv",
        sections_table="<results>/datasets/{dataset}/annotations/{track}/{track}_sections.csv",
        chords_table="<results>/datasets/{dataset}/annotations/{track}/{track}_chords.lab",
        keys_table="<results>/datasets/{dataset}/annotations/{track}/{track}_keys.csv",
        tempo_table="<results>/datasets/{dataset}/annotations/{track}/{track}_tempo.csv",
        made="<results>/datasets/{dataset}/annotations/{track}/{track}.jams.made",
    log:
        "<logs>/datasets/{dataset}/annotations/{track}/{track}.jams.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/annotations/{track}/{track}.jams.tsv"
    wildcard_constraints:
        track="[^/]+",
    localrule: True
    resources:
        **job_needs("annotations"),
    params:
        job=job("annotations"),
    message:
        "{wildcards.dataset}: annotations of {wildcards.track}"


use rule verify_timeline as verify_dataset_annotations with:
    input:
        unpack(verification_inputs("annotations")),
    output:
        "<results>/datasets/{dataset}/annotations/{track}/{track}.jams.ok",
    log:
        "<logs>/datasets/{dataset}/annotations/{track}/{track}.jams.ok.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/annotations/{track}/{track}.jams.ok.tsv"
    wildcard_constraints:
        track="[^/]+",
    localrule: True
    resources:
        **verification_needs("annotations"),
    params:
        job=verification("annotations"),
    message:
        "{wildcards.dataset}: verify the annotations of {wildcards.track}"


rule write_track:
    """What a dataset has of a song: its split, its parameters, and the checksums of its files.

    Runs again for: these files, title, artist, bpm and key of the song, its row of a table, and its split.
    """
    input:
        unpack(job_inputs("track")),
    output:
        "<results>/datasets/{dataset}/tracks/{track}.json",
        made="<results>/datasets/{dataset}/tracks/{track}.json.made",
    log:
        "<logs>/datasets/{dataset}/tracks/{track}.json.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/tracks/{track}.json.tsv"
    wildcard_constraints:
        track="[^/]+",
    localrule: True
    conda:
        "../environment.yml"
    resources:
        **job_needs("track"),
    params:
        job=job("track"),
    message:
        "{wildcards.dataset}: track {wildcards.track}"
    script:
        "../scripts/write_track.py"


use rule verify_timeline as verify_dataset_track with:
    input:
        unpack(verification_inputs("track")),
    output:
        "<results>/datasets/{dataset}/tracks/{track}.json.ok",
    log:
        "<logs>/datasets/{dataset}/tracks/{track}.json.ok.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/tracks/{track}.json.ok.tsv"
    wildcard_constraints:
        track="[^/]+",
    localrule: True
    resources:
        **verification_needs("track"),
    params:
        job=verification("track"),
    message:
        "{wildcards.dataset}: verify track {wildcards.track}"


rule write_index:
    """The index of a dataset as mirdata reads it, with its splits, its checksums and its README.

    Runs again for: its tracks, and what its YAML says of it.
    """
    input:
        unpack(job_inputs("index")),
    output:
        index="<results>/datasets/{dataset}/index.json",
        splits="<results>/datasets/{dataset}/splits.json",
        readme="<results>/datasets/{dataset}/README.md",
        sums="<results>/datasets/{dataset}/SHA256SUMS",
        made="<results>/datasets/{dataset}/index.json.made",
    log:
        "<logs>/datasets/{dataset}/index.json.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/index.json.tsv"
    localrule: True
    conda:
        "../environment.yml"
    resources:
        **job_needs("index"),
    params:
        job=job("index"),
    message:
        "{wildcards.dataset}: write the index"
    script:
        "../scripts/write_index.py"


use rule verify_timeline as verify_index with:
    input:
        unpack(verification_inputs("index")),
    output:
        "<results>/datasets/{dataset}/index.json.ok",
    log:
        "<logs>/datasets/{dataset}/index.json.ok.log",
    benchmark:
        "<benchmarks>/datasets/{dataset}/index.json.ok.tsv"
    localrule: True
    resources:
        **verification_needs("index"),
    params:
        job=verification("index"),
    message:
        "{wildcards.dataset}: verify the index"
