from stemwright.validation.names import last_part

# An archive has the name of its song without folders, that of the folder that it is in: build/rock/blue/blue.zip.
# Where no song is in a folder, that is the song, and the names of all songs need not be tried. Snakemake also compares
# the value of a wildcard by itself, which begins the text.
SHORT = "short" if any(last_part(song) != song for song in SONGS) else "song"
ARCHIVE = f"{{{SHORT}}}{{delivery}}.zip"
SHORT_NAMES = (
    "|".join(rf"(?:(?<=/{name}/)|\A){name}" for name in dict.fromkeys(map(last_part, SONGS))) or "(?!)"
)


rule pack_archive:
    """The delivered files with a manifest, checksums, a README and a program that checks them for the client.

    Runs again for: the delivered files, what they are made from (recordings, samples, and the keys that their jobs are
    given), the timeline, what the master chain settled on, title, artist, notes, and the keys of the stems that the
    manifest tells of.
    """
    input:
        unpack(job_inputs("archive")),
    output:
        f"<results>/{{song}}/{ARCHIVE}",
        made=f"<results>/{{song}}/{ARCHIVE}.made",
    log:
        f"<logs>/{{song}}/{ARCHIVE}.log",
    benchmark:
        f"<benchmarks>/{{song}}/{ARCHIVE}.tsv"
    wildcard_constraints:
        short=SHORT_NAMES,
        delivery="(-[A-Za-z0-9_-]+)?",
    conda:
        "../environment.yml"
    threads: lambda w: cores(artifact("archive")(w))
    resources:
        **job_needs("archive"),
    params:
        job=job("archive"),
    message:
        f"{{wildcards.song}}: pack {{wildcards.{SHORT}}}{{wildcards.delivery}}.zip"
    script:
        "../scripts/pack_archive.py"


use rule verify_timeline as verify_archive with:
    input:
        unpack(verification_inputs("archive")),
    output:
        f"<results>/{{song}}/{ARCHIVE}.ok",
    log:
        f"<logs>/{{song}}/{ARCHIVE}.ok.log",
    benchmark:
        f"<benchmarks>/{{song}}/{ARCHIVE}.ok.tsv"
    wildcard_constraints:
        short=SHORT_NAMES,
        delivery="(-[A-Za-z0-9_-]+)?",
    threads: lambda w: cores(artifact("archive")(w))
    resources:
        **verification_needs("archive"),
    params:
        job=verification("archive"),
    message:
        f"{{wildcards.song}}: verify {{wildcards.{SHORT}}}{{wildcards.delivery}}.zip"
