# Nothing to make: write a song's YAML, and add it to `songs`. No other song is read.
rule new:
    log:
        "<logs>/new.log",
    localrule: True
    conda:
        "../environment.yml"
    params:
        job=lambda w: {"params": {"files": list(map(str, workflow.configfiles))}},
    message:
        "start a song"
    script:
        "../scripts/new.py"
