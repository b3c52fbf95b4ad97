rule solo:
    """Some stems and buses alone, through the buses and returns that they come into, before the master.

    Runs again for: the processed stems, the faders, sends and effects on their ways, config's solo, session, the song's
    length; bpm, meter, changes and sections if one of them needs time.
    """
    input:
        unpack(job_inputs("solo")),
    output:
        "<results>/{song}/solo/{soloed}.wav",
        made="<results>/{song}/solo/{soloed}.wav.made",
    log:
        "<logs>/{song}/solo/{soloed}.wav.log",
    benchmark:
        "<benchmarks>/{song}/solo/{soloed}.wav.tsv"
    wildcard_constraints:
        soloed="[A-Za-z0-9_+-]+",
    conda:
        "../environment.yml"
    resources:
        **job_needs("solo"),
    params:
        job=job("solo"),
    message:
        "{wildcards.song}: solo {wildcards.soloed}"
    script:
        "../scripts/print_stem.py"


use rule verify_timeline as verify_solo with:
    input:
        unpack(verification_inputs("solo")),
    output:
        "<results>/{song}/solo/{soloed}.wav.ok",
    log:
        "<logs>/{song}/solo/{soloed}.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/solo/{soloed}.wav.ok.tsv"
    wildcard_constraints:
        soloed="[A-Za-z0-9_+-]+",
    resources:
        **verification_needs("solo"),
    params:
        job=verification("solo"),
    message:
        "{wildcards.song}: verify the solo of {wildcards.soloed}"
