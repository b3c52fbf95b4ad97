# Rules that songs bring of their own, songs/SONG.smk: they make what a song is made from. Then the songs are read.
for song in SONGS:
    file = Path(f"songs/{song}.smk")
    if os.path.lexists(file):
        ours = len(list(workflow.rules))
        try:
            with PLACES.as_written():
                workflow.include(str(file.absolute()))
        except Exception as error:
            raise Mistake(f"{in_words(file, error, workflow.linemaps)}\nNothing was built.") from None
        for each in list(workflow.rules)[ours:]:
            each.set_params(**{RULE_DIGEST: what_it_does(each)})
            OWN[each] = file

# A cluster's job is a Snakemake of its own, perhaps for all jobs of a song: it runs them itself, at the same time, and
# does not start one more for each of them.
if workflow.remote_exec:
    for each in set(workflow.rules).difference(OTHERS):
        workflow.localrules(each.name)
        each.resources["_nodes"] = 0  # it takes cores of this one

# Here, so that mistakes in what the command asks for are reported before anything is planned.
NAMED_TARGETS = [
    "all",
    "stems",
    "masters",
    "archives",
    "albums",
    "datasets",
    "audit",
    "prune",
    "measure",
    "new",
    "diff",
]
asked = RequestedTargets(
    RESULTS,
    SONGS,
    sys.argv[1:],
    NAMED_TARGETS,
    without_songs=["measure", "new"],
    collections=COLLECTIONS,
)
BATCHES = Batches(SONGS, asked.song_of, sys.argv[1:] if PLACES.are_as_written else ())
if read_or_stop(lambda: BATCHES.is_partial(asked.named) and BATCHES.songs):
    asked.leave_out(set(SONGS).difference(BATCHES.songs))
if "measure" in asked.named and not HOUSE.file:
    raise Mistake("measure: say which recording: snakemake --cores 1 measure --config file=take.wav")
if "new" in asked.named and not HOUSE.song:
    raise Mistake("new: say what the song is called: snakemake --cores 1 new --config song=night-bus")
if "new" in asked.named:
    from stemwright.starting.creating import check_answers  # not at each start

    read_or_stop(lambda: check_answers(config, [*map(str, workflow.configfiles)]))
if "diff" in asked.named:
    earlier()
read_or_stop(lambda: asked.read(plan, plan_collection))
if workflow.modifier.is_main_snakefile():
    explain_missing_rules(hint_for)
for name in HOUSE.soloed:
    if not any(name in plan(song).solo for song in SONGS):
        known = sorted({strip for song in SONGS for strip in plan(song).strips})
        raise Mistake(
            f"--config solo: no song has a stem or bus {name!r}{did_you_mean(name, known)}\nNothing was built."
        )
read_or_stop(
    lambda: check_song_rules(
        OWN, [*map(plan, asked.songs), *(plan_collection(*each) for each in asked.collections)]
    )
)
if workflow.is_main_process:
    # What may differ if it is made again is never kept without a word.
    for song in map(plan, asked.songs):
        for file, kinds in song.unrepeatable.items():
            logger.warning(
                f"warning: {file}: is not repeatable ({', '.join(kinds)}): while it is up to date it is kept as it was "
                "made; made again, it may sound otherwise"
            )
    # What this machine lacks is a warning only: jobs may run elsewhere, where it is.
    told = [warning for song in map(plan, asked.songs) for warning in song.warnings]
    # A dataset has every column of its songs' table: none is unused.
    in_datasets = {song for (kind, _), songs in COLLECTIONS.items() if kind == "dataset" for song in songs}
    of_tables = [
        doubt for song in asked.songs if song not in in_datasets for doubt in plan(song).doubts_of_table
    ]
    for warning in (*told, *dict.fromkeys(of_tables)):
        logger.warning(f"warning: {warning}")
    # A client may be sent the folder. So what a removed stem or another name left in it is told.
    sent = [(song, "song", ("delivered", "handoff", "live")) for song in map(plan, asked.songs)]
    stages_sent = {"album": ("track",), "dataset": ("audio", "annotations", "notes", "track")}
    sent += [(plan_collection(*each), each[0], stages_sent[each[0]]) for each in asked.collections]
    for each, what, of_client in sent:
        files = [entry.path for stage in of_client for entry in each.graph.stage(stage)]
        if stale := left_behind({os.path.dirname(file) for file in files}, files):
            logger.warning(
                f"warning: {', '.join(stale)}: of an earlier version of the {what}; to remove: snakemake prune"
            )
    for name in set(HOUSE.albums).difference(ALBUMS):
        logger.warning(f"warning: {PLANS.left_out(name, SONGS)}")
    for name in set(HOUSE.datasets).difference(DATASETS):
        logger.warning(
            f"warning: {dataset_file(name)}: is left out of this run, since the command line chooses songs"
        )
