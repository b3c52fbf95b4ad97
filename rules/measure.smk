# Nothing to make: say what a recording is, with the YAML that aligns a song with it. No song is read.
rule measure:
    log:
        "<logs>/measure.log",
    localrule: True
    conda:
        "../environment.yml"
    params:
        job=lambda w: {"params": {"file": os.path.expanduser(HOUSE.file)}},
    message:
        "measure a recording"
    script:
        "../scripts/measure.py"
