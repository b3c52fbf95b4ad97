# Before any stem: the timeline, and the reference if there is one, must have passed.
def render_inputs(w):
    song = plan(w.song)
    inputs = {}
    if file := song.source_file(w.stem):
        inputs["file"] = file
    if song.uses_reference(w.stem):
        inputs["reference"] = song.reference
    return inputs


rule render_stem:
    input:
        unpack(render_inputs),
        first=sentinels(lambda w: plan(w.song).before_stems()),
    output:
        "<results>/{song}/stems/{stem}.wav",
    params:
        job=job_of("stem_job", "stem"),
    log:
        "<logs>/{song}/stems/{stem}.wav.log",
    benchmark:
        "<benchmarks>/{song}/stems/{stem}.wav.tsv"
    message:
        "{wildcards.song}: render {wildcards.stem}"
    script:
        "../scripts/render_stem.py"


use rule verify_timeline as verify_stem with:
    input:
        artifact="<results>/{song}/stems/{stem}.wav",
    output:
        "<results>/{song}/stems/{stem}.wav.ok",
    params:
        job=verification("stem", "<results>/{song}/stems/{stem}.wav"),
    log:
        "<logs>/{song}/stems/{stem}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/stems/{stem}.wav.ok.tsv"
    message:
        "{wildcards.song}: verify {wildcards.stem}"
