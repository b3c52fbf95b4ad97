rule delivery_master:
    """The mix through the master chain, at the loudness that a further delivery asks for.

    Runs again for: the mix, master, the target of the delivery (but its tolerance and severity), session, the song's
    length; bpm, meter, changes and sections if an effect needs time.
    """
    input:
        unpack(job_inputs("delivery_master")),
    output:
        audio="<results>/{song}/masters/{delivery}/{version}.wav",
        settings="<results>/{song}/masters/{delivery}/{version}.json",
        made="<results>/{song}/masters/{delivery}/{version}.wav.made",
    log:
        "<logs>/{song}/masters/{delivery}/{version}.wav.log",
    benchmark:
        "<benchmarks>/{song}/masters/{delivery}/{version}.wav.tsv"
    wildcard_constraints:
        delivery="[A-Za-z0-9_-]+",
        version="[A-Za-z0-9_-]+",
    priority: 2
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("delivery_master")(w), most=2, work=8)
    resources:
        **job_needs("delivery_master"),
    params:
        job=job("delivery_master"),
    message:
        "{wildcards.song}: master {wildcards.version} for {wildcards.delivery}"
    script:
        "../scripts/master_mix.py"


use rule verify_timeline as verify_delivery_master with:
    input:
        unpack(verification_inputs("delivery_master")),
    output:
        "<results>/{song}/masters/{delivery}/{version}.wav.ok",
    log:
        "<logs>/{song}/masters/{delivery}/{version}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/masters/{delivery}/{version}.wav.ok.tsv"
    wildcard_constraints:
        delivery="[A-Za-z0-9_-]+",
        version="[A-Za-z0-9_-]+",
    priority: 2
    resources:
        **verification_needs("delivery_master"),
    params:
        job=verification("delivery_master"),
    message:
        "{wildcards.song}: verify {wildcards.version}, mastered for {wildcards.delivery}"
