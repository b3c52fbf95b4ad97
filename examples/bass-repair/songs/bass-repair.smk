# What a client would send: the bass as recorded, the drums, and a rough mix of both.
rule play_the_takes:
    output:
        "takes/bass.wav",
        "takes/drums.wav",
        "takes/rough.wav",
    log:
        "logs/bass-repair/takes.log",
    message:
        "bass-repair: play what the client sends"
    script:
        "bass-repair/play.py"
