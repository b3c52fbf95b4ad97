# A delivered file, and none of its records: their endings come after these.
DELIVERED_FILE = rf"(?!handoff/)([A-Za-z0-9_-]+/)?[^/]+({'|'.join(map(re.escape, HOUSE.endings))})"


rule deliver_file:
    """The master, a stem or a bus through its fader and pan, or a printed stem, in the delivery format.

    Runs again for: what it is made of, its gain_db, pan and mute, delivery, session, the song's length.
    """
    input:
        unpack(job_inputs("delivered")),
    output:
        "<results>/{song}/delivery/{file}",
        made="<results>/{song}/delivery/{file}.made",
    log:
        "<logs>/{song}/delivery/{file}.log",
    benchmark:
        "<benchmarks>/{song}/delivery/{file}.tsv"
    wildcard_constraints:
        file=DELIVERED_FILE,
    conda:
        "../environment.yml"
    resources:
        **job_needs("delivered"),
    params:
        job=job("delivered"),
    message:
        "{wildcards.song}: deliver {wildcards.file}"
    script:
        "../scripts/deliver_file.py"


use rule verify_timeline as verify_delivered with:
    input:
        unpack(verification_inputs("delivered")),
    output:
        "<results>/{song}/delivery/{file}.ok",
    log:
        "<logs>/{song}/delivery/{file}.ok.log",
    benchmark:
        "<benchmarks>/{song}/delivery/{file}.ok.tsv"
    wildcard_constraints:
        file=DELIVERED_FILE,
    resources:
        **verification_needs("delivered"),
    params:
        job=verification("delivered"),
    message:
        "{wildcards.song}: verify {wildcards.file}"
