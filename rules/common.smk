# What the rules share: the house rules, the songs' plans, and the functions that rules are written with.
# In its docstring, each says which keys of a song run it again. An edit of its code, another library or a refusal do too.
import os
from functools import cache

from stemwright.workflow.places import Places
from stemwright.workflow.progress.handler import follow_run
from stemwright.workflow.song_rules import check_song_rules, in_words, produces, what_it_does
from stemwright.plan import stages
from stemwright.graph import Ancient, SourceFile
from stemwright.plan.fingerprint import find_scripts
from stemwright.records.claims import RUN
from stemwright.records.unclaimed import left_behind, unclaimed_files
from stemwright.snakemake_patches import RULE_DIGEST, external_input, literal
from stemwright.validation.problems import did_you_mean
from stemwright.workflow.plans import Plans
from stemwright.workflow.requested_targets import RequestedTargets, is_report_zipped
from stemwright.workflow.target_hints import album_file, explain_missing_rules, hint

# A job has one core. Left alone, NumPy would start a thread for each core there is, in every job.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

find_scripts(script_file)

# Where files are: this workflow may be a module with a `prefix`, and its files in a storage.
PLACES = Places(workflow)
RESULTS = PLACES.root("results")
follow_run(workflow, RESULTS, PLACES.root("logs"), lambda: index())

# Jobs elsewhere are to know which run has started them (see snakemake_patches/orphans.py).
os.environ.setdefault(RUN, "")


envvars:
    RUN,


OTHERS = list(workflow.rules)  # of a workflow that uses this one as a module
OWN = {}  # songs' own rules, with the files they stand in


PLANS = Plans(
    config,
    [] if workflow.modifier.skip_configfile else workflow.configfiles,
    RESULTS,
    lambda path: has_producer(path),
)
HOUSE = read_or_stop(lambda: PLANS.settings)
SONGS = HOUSE.songs
# The albums whose songs are all in this run. Of the others, one that is written wrongly is a mistake.
ALBUMS = read_or_stop(lambda: {name: PLANS.songs_of(name, SONGS) for name in HOUSE.albums})
ALBUMS = {name: songs for name, songs in ALBUMS.items() if not set(songs).difference(SONGS)}
DONE = "what is soloed is built and verified" if HOUSE.soloed else "every song is built, verified and packed"


def plan(song):
    """The plan of a song: its artifact graph, and what each job is given."""
    return PLANS.song(song)


def plan_album(name):
    """The plan of an album, as of a song."""
    return PLANS.album(name, tuple(ALBUMS[name]))


def plans():
    """The plans of all songs, and of the albums whose songs are all among them."""
    return [*map(plan, SONGS), *map(plan_album, ALBUMS)]


def plan_of(wildcards):
    """The plan that an artifact is in."""
    return plan_album(wildcards.album) if "album" in wildcards.keys() else plan(wildcards.song)


def artifact(stage):
    """The artifact of a stage that the wildcards of a rule name."""
    return lambda w: plan_of(w).graph.get(
        stage, os.sep.join(value for key, value in w.items() if key not in ("song", "album"))
    )


def job(stage):
    """The param of a rule that makes artifacts of a stage. An edit of anything in it runs the rule again."""
    return lambda w: plan_of(w).job(artifact(stage)(w))


def job_inputs(stage):
    """The inputs of a rule that makes artifacts of a stage, by role; for unpack()."""
    return lambda w: flagged(plan_of(w).job_inputs(artifact(stage)(w)))


def verification(stage):
    """The param of a rule that verifies artifacts of a stage, with gates, their limits and what they must know."""
    return lambda w: plan_of(w).verification(artifact(stage)(w))


def verification_inputs(stage):
    """The inputs of a rule that verifies artifacts of a stage, by role; for unpack()."""
    return lambda w: flagged(plan_of(w).verification_inputs(artifact(stage)(w)))


def flagged(inputs):
    """Inputs by role, as paths with Snakemake's flags."""
    return {role: [as_path(entry) for entry in entries] for role, entries in inputs.items()}


def as_path(entry):
    """The path of an input. A file that no job makes is a source: what counts is when it was put there."""
    if isinstance(entry, SourceFile):
        source = literal(entry.path)
        if any(produces(each, entry.path, OTHERS) for each in OTHERS):
            return PLACES.of_host(source)
        return PLACES.of_user(source if has_producer(entry.path) else external_input(source))
    path = PLACES.of_ours(entry.path)
    return ancient(path) if isinstance(entry, Ancient) else path


def has_producer(path):
    """Whether a job makes a file that a song is made from: by the song's own rules, or by another workflow's."""
    rules = [*OTHERS, *OWN]
    return any(produces(each, path, rules) for each in rules)


def every(stage):
    """Every artifact of a stage, of every song, or album if it is one of an album, with its sentinel."""
    return [
        PLACES.of_ours(file)
        for each in plans()
        if stage in each.stages
        for entry in each.graph.stage(stage)
        for file in (entry.path, entry.sentinel)
    ]


def everything():
    """Every file of every song and album; of songs that are soloed, the solo and its sentinel."""
    if HOUSE.soloed:
        return every("solo")
    return [PLACES.of_ours(file) for each in plans() for entry in to_build(each) for file in entry.targets]


def to_build(each):
    """The artifacts of a plan, but for pages if none are to be made."""
    left_out = () if HOUSE.report else ("preview", "report")
    return [entry for entry in each.artifacts if entry.stage not in left_out]


def category(w):
    """The song that something in Snakemake's report belongs to. What is not built to its end cannot be reported."""
    if lacking := missing_for_report():
        # An error would be told with lines of rules, which are no help.
        sys.exit(
            f"{lacking}: is missing. A report is made of what is built: run the same without --report first"
        )
    return w.song


@cache
def missing_for_report():
    """The first file of this run that is not there, or ""."""
    files = (file for each in workflow.dag.jobs for file in each.output if not file.is_storage)
    return next((file for file in files if not os.path.exists(file)), "")


def index():
    """Write the index of all songs and albums, with what this run has read of them. Its path; None without output root."""
    from stemwright.pages.index import Listed, write_index  # at the end of a run, and not at each start

    if not os.path.isdir(RESULTS):
        return None
    listed = [Listed(name) for name in SONGS if name not in asked.songs]
    for names, read, is_album in ((asked.songs, plan, False), (asked.albums, plan_album, True)):
        for name in names:
            artifacts = [entry.path for entry in to_build(read(name))]
            listed.append(Listed(name, read(name).title, artifacts, is_album))
    return write_index(RESULTS, listed)


# In Snakemake's report, if that is one file, the page is without its sound; if it is a zip, all of its folder is there.
# Jobs fill the folder one by one. So it cannot be marked where it is made, but where it is read.
IS_ZIPPED = is_report_zipped(sys.argv[1:])
CAPTION = "captions/page.rst"
CAPTION_FILE = workflow.current_basedir.join(CAPTION)
SHOWN = {"category": category, "subcategory": "page", "labels": {"file": "page"}}


def folder_of_page(w):
    """The folder of a page, marked for a report that is a zip."""
    if not IS_ZIPPED:
        return {}
    folder = os.path.dirname(artifact("report")(w).path)
    marked = report(PLACES.of_ours(folder), htmlindex="index.html", caption=CAPTION_FILE, **SHOWN)
    return {"shown": [marked] if os.path.isdir(folder) else []}


@cache
def earlier():
    """What config's `against` names."""
    from stemwright.workflow.against import find_earlier  # not at each start

    if not HOUSE.against:
        raise Mistake(
            "diff: say what to compare with: snakemake --cores 4 diff --config against=OLD, where OLD is a zip that was "
            "built before, the folder of an earlier build, or a commit of Git\nNothing was built."
        )
    return read_or_stop(
        lambda: find_earlier(
            HOUSE.against, {song: plan(song).graph.get("archive").path for song in SONGS}
        )
    )


def delivered_files(archive):
    """The delivered files that are in an archive, by the names that they have there."""
    from stemwright.gates.archive import member_name  # not at each start

    return {member_name(file): file.path for file in archive.made_of("files")}


def compared():
    """The archives that are compared, by song."""
    return {song: plan(song).graph.get("archive") for song in earlier().deliveries or SONGS}


def claimed():
    """Every artifact of every song and album."""
    return [entry.path for each in plans() for entry in each.artifacts]


def would_remove():
    """What prune would remove, for `snakemake -n prune`."""
    files = unclaimed_files(RESULTS, claimed(), PLACES.root_of_storage())
    return "".join(f"\nwould remove {file}" for file in files) + f"\n{len(files)} files would be removed"


wildcard_constraints:
    song="|".join(SONGS),
    album="|".join(ALBUMS) or "(?!)",  # none
    stem="[A-Za-z0-9_-]+",
    file="[^/]+",
