rule write_report:
    """The page of a song: what can be heard and seen of it, what was measured, and what is delivered.

    Runs again for: another verdict on any file of the song, the timeline, what the master chain settled on, title,
    artist, titles of sections, where stems are routed, and the names and formats of delivered files.
    """
    input:
        unpack(job_inputs("report")),
    output:
        "<results>/{song}/report/index.html"
        if IS_ZIPPED
        else report("<results>/{song}/report/index.html", caption=CAPTION, **SHOWN),
        made="<results>/{song}/report/index.html.made",
    log:
        "<logs>/{song}/report/index.html.log",
    benchmark:
        "<benchmarks>/{song}/report/index.html.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("report"),
    params:
        job=job("report"),
    message:
        "{wildcards.song}: write the page"
    script:
        "../scripts/write_report.py"


use rule verify_timeline as verify_report with:
    input:
        unpack(verification_inputs("report")),
        unpack(folder_of_page),
    output:
        "<results>/{song}/report/index.html.ok",
    log:
        "<logs>/{song}/report/index.html.ok.log",
    benchmark:
        "<benchmarks>/{song}/report/index.html.ok.tsv"
    resources:
        **verification_needs("report"),
    params:
        job=verification("report"),
    message:
        "{wildcards.song}: verify the page"
