# The drum recording that the song is made to: 40 MB, so it is made here, and not kept in the repository.
rule play_praia_neon_drums:
    input:
        script="songs/praia-neon/drums.py",
    output:
        "songs/praia-neon/drums.wav",
    log:
        "logs/praia-neon/drums.wav.log",
    message:
        "praia-neon: play the drum recording"
    shell:
        "PYTHONPATH={LIBRARY:q} {sys.executable:q} {input.script:q} {output:q} >{log:q} 2>&1"
