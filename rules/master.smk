rule master_mix:
    """The mix through the master chain, at its loudness and under its ceiling.

    Runs again for: the mix, master (but the tolerance and the severity of its target), session, the song's
    length; bpm, meter, changes and sections if an effect needs time.
    """
    input:
        unpack(job_inputs("master")),
    output:
        audio="<results>/{song}/master/master.wav",
        settings=report(
            "<results>/{song}/master/master.json",
            caption="captions/master.rst",
            category=category,
            subcategory="master",
            labels={"file": "settings"},
        ),
        made="<results>/{song}/master/master.wav.made",
    log:
        "<logs>/{song}/master/master.wav.log",
    benchmark:
        "<benchmarks>/{song}/master/master.wav.tsv"
    priority: 2
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("master")(w), most=2, work=8)
    resources:
        **job_needs("master"),
    params:
        job=job("master"),
    message:
        "{wildcards.song}: master"
    script:
        "../scripts/master_mix.py"


use rule verify_timeline as verify_master with:
    input:
        unpack(verification_inputs("master")),
    output:
        "<results>/{song}/master/master.wav.ok",
    log:
        "<logs>/{song}/master/master.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/master/master.wav.ok.tsv"
    priority: 2
    resources:
        **verification_needs("master"),
    params:
        job=verification("master"),
    message:
        "{wildcards.song}: verify the master"
