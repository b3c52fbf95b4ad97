rule conform_reference:
    """The recording the song is made to, at the session's rate and channels.

    Runs again for: reference and the bytes of its files, session, length of the song; where bars begin, if it stands at one.
    """
    input:
        unpack(job_inputs("reference")),
    output:
        dropped("reference", "<results>/{song}/reference/reference.wav"),
        made="<results>/{song}/reference/reference.wav.made",
    log:
        "<logs>/{song}/reference/reference.wav.log",
    benchmark:
        "<benchmarks>/{song}/reference/reference.wav.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("reference"),
    params:
        job=job("reference"),
    message:
        "{wildcards.song}: conform the reference"
    script:
        "../scripts/conform_reference.py"


use rule verify_timeline as verify_reference with:
    input:
        unpack(verification_inputs("reference")),
    output:
        "<results>/{song}/reference/reference.wav.ok",
    log:
        "<logs>/{song}/reference/reference.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/reference/reference.wav.ok.tsv"
    resources:
        **verification_needs("reference"),
    params:
        job=verification("reference"),
    message:
        "{wildcards.song}: verify the reference"
