rule conform_reference:
    input:
        source=lambda w: given(plan(w.song).reference_file),
    output:
        "<results>/{song}/reference/reference.wav",
        made="<results>/{song}/reference/reference.wav.made",
    log:
        "<logs>/{song}/reference/reference.wav.log",
    benchmark:
        "<benchmarks>/{song}/reference/reference.wav.tsv"
    conda:
        "../environment.yml"
    params:
        job=job_of("reference_job"),
    message:
        "{wildcards.song}: conform the reference"
    script:
        "../scripts/conform_reference.py"


use rule verify_timeline as verify_reference with:
    input:
        artifact="<results>/{song}/reference/reference.wav",
        made="<results>/{song}/reference/reference.wav.made",
        source=lambda w: given(plan(w.song).reference_file),
    output:
        "<results>/{song}/reference/reference.wav.ok",
    log:
        "<logs>/{song}/reference/reference.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/reference/reference.wav.ok.tsv"
    params:
        job=verification("reference", "<results>/{song}/reference/reference.wav"),
    message:
        "{wildcards.song}: verify the reference"
