# Stand-ins for two recordings and their music: speech is synthesised, with the faults of real recordings.
rule record_podcast:
    output:
        anna="songs/podcast/anna.wav",
        ben="songs/podcast/ben.wav",
        music="songs/podcast/music.wav",
    log:
        "logs/podcast/record.log",
    message:
        "podcast: record two voices and music"
    script:
        "podcast/record.py"
