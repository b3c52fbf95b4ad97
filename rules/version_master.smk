rule master_version:
    """The mix of a version through the master chain, at its loudness and under its ceiling.

    Runs again for: its mix, master or its own target, session, its length; bpm, meter, changes and sections if an effect needs time.
    """
    input:
        unpack(job_inputs("version_master")),
    output:
        audio="<results>/{song}/versions/{version}/master.wav",
        settings=report(
            "<results>/{song}/versions/{version}/master.json",
            caption="captions/master.rst",
            category=category,
            subcategory="master",
            labels={"file": "settings of {version}"},
        ),
        made="<results>/{song}/versions/{version}/master.wav.made",
    log:
        "<logs>/{song}/versions/{version}/master.wav.log",
    benchmark:
        "<benchmarks>/{song}/versions/{version}/master.wav.tsv"
    wildcard_constraints:
        version="[A-Za-z0-9_-]+",
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("version_master")(w), most=2, work=8)
    resources:
        **job_needs("version_master"),
    params:
        job=job("version_master"),
    message:
        "{wildcards.song}: master version {wildcards.version}"
    script:
        "../scripts/master_mix.py"


use rule verify_timeline as verify_version_master with:
    input:
        unpack(verification_inputs("version_master")),
    output:
        "<results>/{song}/versions/{version}/master.wav.ok",
    log:
        "<logs>/{song}/versions/{version}/master.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/versions/{version}/master.wav.ok.tsv"
    wildcard_constraints:
        version="[A-Za-z0-9_-]+",
    resources:
        **verification_needs("version_master"),
    params:
        job=verification("version_master"),
    message:
        "{wildcards.song}: verify the master of {wildcards.version}"
