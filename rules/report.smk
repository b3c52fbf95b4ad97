# In Snakemake's report, if that is one file, the page is without its sound; if it is a zip, all of its folder is there.
# Jobs fill the folder one by one. So it cannot be marked where it is made, but where it is read.
IS_ZIPPED = is_report_zipped(sys.argv[1:])
CAPTION = "captions/page.rst"
CAPTION_FILE = workflow.current_basedir.join(CAPTION)
SHOWN = {"category": category, "subcategory": "page", "labels": {"file": "page"}}


def folder_of_page(w):
    """The folder of a page, marked for a report that is a zip."""
    if not IS_ZIPPED:
        return {}
    folder = os.path.dirname(artifact("report")(w).path)
    marked = report(PLACES.of_ours(folder), htmlindex="index.html", caption=CAPTION_FILE, **SHOWN)
    return {"shown": [marked] if os.path.isdir(folder) else []}


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
    params:
        job=verification("report"),
    message:
        "{wildcards.song}: verify the page"
