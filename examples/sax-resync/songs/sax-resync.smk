# What a client would send: a demo with its count-in, the band, and a saxophone that was recorded without either.
rule play_the_takes:
    output:
        "takes/demo.wav",
        "takes/band.wav",
        "takes/sax.wav",
    log:
        "logs/sax-resync/takes.log",
    message:
        "sax-resync: play what the client sends"
    script:
        "sax-resync/play.py"
