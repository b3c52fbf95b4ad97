rule render_gains:
    """The gain curves of the dynamics of a bus or of the master, for stems and versions that are printed through it.

    Runs again for: the bus or the mix, buses.BUS.effects or master, session, the song's length; bpm, meter, changes and
    sections if an effect needs time.
    """
    input:
        unpack(job_inputs("gains")),
    output:
        dropped("gains", "<results>/{song}/gains/{stem}.npy"),
        made="<results>/{song}/gains/{stem}.npy.made",
    log:
        "<logs>/{song}/gains/{stem}.npy.log",
    benchmark:
        "<benchmarks>/{song}/gains/{stem}.npy.tsv"
    conda:
        "../environment.yml"
    resources:
        **job_needs("gains"),
    params:
        job=job("gains"),
    message:
        "{wildcards.song}: gain curves of {wildcards.stem}"
    script:
        "../scripts/render_gains.py"


use rule verify_timeline as verify_gains with:
    input:
        unpack(verification_inputs("gains")),
    output:
        "<results>/{song}/gains/{stem}.npy.ok",
    log:
        "<logs>/{song}/gains/{stem}.npy.ok.log",
    benchmark:
        "<benchmarks>/{song}/gains/{stem}.npy.ok.tsv"
    resources:
        **verification_needs("gains"),
    params:
        job=verification("gains"),
    message:
        "{wildcards.song}: verify the gain curves of {wildcards.stem}"
