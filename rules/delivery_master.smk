rule delivery_master:
    """The mix through the master chain, at the loudness that a further delivery asks for.

    Runs again for: the mix, master, the target of the delivery (but its tolerance and severity), session, the song's
    length; bpm, meter, changes and sections if an effect needs time.
    """
    input:
        unpack(job_inputs("delivery_master")),
    output:
        audio="<results>/{song}/masters/{delivery}.wav",
        settings="<results>/{song}/masters/{delivery}.json",
        made="<results>/{song}/masters/{delivery}.wav.made",
    log:
        "<logs>/{song}/masters/{delivery}.wav.log",
    benchmark:
        "<benchmarks>/{song}/masters/{delivery}.wav.tsv"
    wildcard_constraints:
        delivery="[A-Za-z0-9_-]+",
    priority: 2
    conda:
        "../environment.yml"
    params:
        job=job("delivery_master"),
    message:
        "{wildcards.song}: master of {wildcards.delivery}"
    script:
        "../scripts/master_mix.py"


use rule verify_timeline as verify_delivery_master with:
    input:
        unpack(verification_inputs("delivery_master")),
    output:
        "<results>/{song}/masters/{delivery}.wav.ok",
    log:
        "<logs>/{song}/masters/{delivery}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/masters/{delivery}.wav.ok.tsv"
    wildcard_constraints:
        delivery="[A-Za-z0-9_-]+",
    priority: 2
    params:
        job=verification("delivery_master"),
    message:
        "{wildcards.song}: verify the master of {wildcards.delivery}"
