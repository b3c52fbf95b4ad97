# Reads the songs. One may bring rules of its own, which make what it is made from: songs/SONG.smk.
LIBRARY = str((HERE / "../scripts").resolve())  # for PYTHONPATH, where such a rule uses our library

for song in SONGS:
    if Path(f"songs/{song}.smk").exists():

        include: str(Path(f"songs/{song}.smk").resolve())


# Now, so that mistakes in what the command asks for are told before anything is planned.
NAMED_TARGETS = ["all", "stems", "masters", "archives", "audit", "prune"]
read_or_stop(lambda: Targets(RESULTS, SONGS, sys.argv[1:], NAMED_TARGETS).read(plan))
