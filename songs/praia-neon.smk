# The drum recording that the song is made to: 40 MB, so it is made here, and not kept in the repository.
rule play_praia_neon_drums:
    output:
        "songs/praia-neon/drums.wav",
    log:
        "logs/praia-neon/drums.wav.log",
    conda:
        "../environment.yml"
    message:
        "praia-neon: play the drum recording"
    script:
        "praia-neon/drums.py"
