# Reads the songs. One may bring rules of its own, which make what it is made from: songs/SONG.smk.
LIBRARY = str((HERE / "../scripts").resolve())  # for PYTHONPATH, where such a rule uses our library

ours = len(list(workflow.rules))
for song in SONGS:
    if Path(f"songs/{song}.smk").exists():

        include: str(Path(f"songs/{song}.smk").resolve())


for each in list(workflow.rules)[ours:]:
    each.set_params(does=what_it_does(each))

# Now, so that mistakes in what the command asks for are told before anything is planned.
NAMED_TARGETS = ["all", "stems", "masters", "archives", "audit", "prune"]
read_or_stop(lambda: Targets(RESULTS, SONGS, sys.argv[1:], NAMED_TARGETS).read(plan))
