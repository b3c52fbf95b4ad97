rule mix_version:
    """Some stems of a song, whole or in passages that are rendered anew, mixed as in the song.

    Runs again for: the processed stems and buses that are in it, the faders, sends and effects on their ways, its own without, only,
    sections, loop, length and fade_out, session, the song's length. If it is cut: the sources and effects of its stems
    instead of their files; bpm, meter, changes, sections and chords.
    """
    input:
        unpack(job_inputs("version_mix")),
    output:
        dropped("version_mix", "<results>/{song}/versions/{version}/mix.wav"),
        made="<results>/{song}/versions/{version}/mix.wav.made",
    log:
        "<logs>/{song}/versions/{version}/mix.wav.log",
    benchmark:
        "<benchmarks>/{song}/versions/{version}/mix.wav.tsv"
    wildcard_constraints:
        version="[A-Za-z0-9_-]+",
    conda:
        "../environment.yml"
    resources:
        **job_needs("version_mix"),
    params:
        job=job("version_mix"),
    message:
        "{wildcards.song}: mix version {wildcards.version}"
    script:
        "../scripts/mix_version.py"


use rule verify_timeline as verify_version_mix with:
    input:
        unpack(verification_inputs("version_mix")),
    output:
        "<results>/{song}/versions/{version}/mix.wav.ok",
    log:
        "<logs>/{song}/versions/{version}/mix.wav.ok.log",
    benchmark:
        "<benchmarks>/{song}/versions/{version}/mix.wav.ok.tsv"
    wildcard_constraints:
        version="[A-Za-z0-9_-]+",
    resources:
        **verification_needs("version_mix"),
    params:
        job=verification("version_mix"),
    message:
        "{wildcards.song}: verify the mix of {wildcards.version}"
