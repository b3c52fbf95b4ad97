rule build_timeline:
    output:
        "<results>/{song}/timeline.json",
        made="<results>/{song}/timeline.json.made",
    log:
        "<logs>/{song}/timeline.json.log",
    benchmark:
        "<benchmarks>/{song}/timeline.json.tsv"
    conda:
        "../environment.yml"
    params:
        job=job_of("timeline_job"),
    message:
        "{wildcards.song}: timeline"
    script:
        "../scripts/build_timeline.py"


# The pattern of every verification: one file in, its sentinel out.
rule verify_timeline:
    input:
        artifact="<results>/{song}/timeline.json",
        made="<results>/{song}/timeline.json.made",
    output:
        "<results>/{song}/timeline.json.ok",
    log:
        "<logs>/{song}/timeline.json.ok.log",
    benchmark:
        "<benchmarks>/{song}/timeline.json.ok.tsv"
    conda:
        "../environment.yml"
    params:
        job=verification("timeline", "<results>/{song}/timeline.json"),
    message:
        "{wildcards.song}: verify the timeline"
    script:
        "../scripts/verify_artifact.py"
