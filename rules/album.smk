# Albums: all stages in one file, since each is made of songs' masters or of the stage before.
rule deliver_track:
    """The master of a song on an album, in the album's format.

    Runs again for: the master, delivery and names of the album, session, the song's length.
    """
    input:
        unpack(job_inputs("track")),
    output:
        "<results>/albums/{album}/tracks/{file}",
        made="<results>/albums/{album}/tracks/{file}.made",
    log:
        "<logs>/albums/{album}/tracks/{file}.log",
    benchmark:
        "<benchmarks>/albums/{album}/tracks/{file}.tsv"
    wildcard_constraints:
        file=DELIVERED_FILE,
    conda:
        "../environment.yml"
    resources:
        **job_needs("track"),
    params:
        job=job("track"),
    message:
        "{wildcards.album}: track {wildcards.file}"
    script:
        "../scripts/deliver_file.py"


use rule verify_timeline as verify_track with:
    input:
        unpack(verification_inputs("track")),
    output:
        "<results>/albums/{album}/tracks/{file}.ok",
    log:
        "<logs>/albums/{album}/tracks/{file}.ok.log",
    benchmark:
        "<benchmarks>/albums/{album}/tracks/{file}.ok.tsv"
    wildcard_constraints:
        file=DELIVERED_FILE,
    resources:
        **verification_needs("track"),
    params:
        job=verification("track"),
    message:
        "{wildcards.album}: verify track {wildcards.file}"


rule write_disc:
    """All masters of an album as one file at the format of a compact disc.

    Runs again for: the masters, the album's songs and their gaps.
    """
    input:
        unpack(job_inputs("disc")),
    output:
        "<results>/albums/{album}/disc/{album}.wav",
        made="<results>/albums/{album}/disc/{album}.wav.made",
    log:
        "<logs>/albums/{album}/disc/{album}.wav.log",
    benchmark:
        "<benchmarks>/albums/{album}/disc/{album}.wav.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("disc"),
    params:
        job=job("disc"),
    message:
        "{wildcards.album}: write the disc"
    script:
        "../scripts/write_disc.py"


use rule verify_timeline as verify_disc with:
    input:
        unpack(verification_inputs("disc")),
    output:
        "<results>/albums/{album}/disc/{album}.wav.ok",
    log:
        "<logs>/albums/{album}/disc/{album}.wav.ok.log",
    benchmark:
        "<benchmarks>/albums/{album}/disc/{album}.wav.ok.tsv"
    resources:
        **verification_needs("disc"),
    params:
        job=verification("disc"),
    message:
        "{wildcards.album}: verify the disc"


rule write_cue:
    """The cue sheet of an album's disc.

    Runs again for: the album's titles, artists, codes, songs and their gaps, the length of the songs.
    """
    input:
        unpack(job_inputs("cue")),
    output:
        "<results>/albums/{album}/disc/{album}.cue",
        made="<results>/albums/{album}/disc/{album}.cue.made",
    log:
        "<logs>/albums/{album}/disc/{album}.cue.log",
    benchmark:
        "<benchmarks>/albums/{album}/disc/{album}.cue.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("cue"),
    params:
        job=job("cue"),
    message:
        "{wildcards.album}: write the cue sheet"
    script:
        "../scripts/write_cue.py"


use rule verify_timeline as verify_cue with:
    input:
        unpack(verification_inputs("cue")),
    output:
        "<results>/albums/{album}/disc/{album}.cue.ok",
    log:
        "<logs>/albums/{album}/disc/{album}.cue.ok.log",
    benchmark:
        "<benchmarks>/albums/{album}/disc/{album}.cue.ok.tsv"
    resources:
        **verification_needs("cue"),
    params:
        job=verification("cue"),
    message:
        "{wildcards.album}: verify the cue sheet"


rule pack_album:
    """An album's tracks, disc and cue sheet with a manifest, checksums and a README.

    Runs again for: these files, and what the album's YAML says of them.
    """
    input:
        unpack(job_inputs("album_archive")),
    output:
        "<results>/albums/{album}/{album}.zip",
        made="<results>/albums/{album}/{album}.zip.made",
    log:
        "<logs>/albums/{album}/{album}.zip.log",
    benchmark:
        "<benchmarks>/albums/{album}/{album}.zip.tsv"
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("album_archive")(w))
    resources:
        **job_needs("album_archive"),
    params:
        job=job("album_archive"),
    message:
        "{wildcards.album}: pack the album"
    script:
        "../scripts/pack_album.py"


use rule verify_timeline as verify_album_archive with:
    input:
        unpack(verification_inputs("album_archive")),
    output:
        "<results>/albums/{album}/{album}.zip.ok",
    log:
        "<logs>/albums/{album}/{album}.zip.ok.log",
    benchmark:
        "<benchmarks>/albums/{album}/{album}.zip.ok.tsv"
    threads: lambda w: cores(artifact("album_archive")(w))
    resources:
        **verification_needs("album_archive"),
    params:
        job=verification("album_archive"),
    message:
        "{wildcards.album}: verify the album"
