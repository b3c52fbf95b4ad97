# What the rules share: the house rules, the songs' plans, and the functions that rules are written with.
# In its docstring, each says which keys of a song run it again. An edit of its code, another library or a refusal do too.
import os
from contextlib import suppress
from functools import cache

from stemwright.workflow.batches import Batches
from stemwright.workflow.cache import CACHE
from stemwright.workflow.places import Places
from stemwright.workflow.progress.handler import follow_run
from stemwright.workflow.song_rules import check_song_rules, in_words, produces, what_it_does
from stemwright.plan import stages
from stemwright.graph import Ancient, SourceFile
from stemwright.plan.cores import cores
from stemwright.plan.fingerprint import find_scripts
from stemwright.plan.resources import NAMES as RESOURCES
from stemwright.records.claims import RUN
from stemwright.records.paths import home_of
from stemwright.records.unclaimed import left_behind, unclaimed_files
from stemwright.snakemake_patches import RULE_DIGEST, external_input, literal, one_of
from stemwright.validation.problems import did_you_mean
from stemwright.workflow.plans import Plans
from stemwright.workflow.requested_targets import RequestedTargets, is_report_zipped
from stemwright.workflow.target_hints import album_file, dataset_file, explain_missing_rules, hint

# A job has one core. Left alone, NumPy would start a thread for each core there is, in every job.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

find_scripts(script_file)

# Where files are: this workflow may be a module with a `prefix`, and its files in a storage.
PLACES = Places(workflow)
RESULTS = PLACES.root("results")
follow_run(workflow, RESULTS, PLACES.root("logs"), lambda: index())

# Jobs elsewhere are to know which run has started them (see snakemake_patches/orphans.py).
os.environ.setdefault(RUN, "")
os.environ.setdefault(CACHE, "")


envvars:
    RUN,
    CACHE,


OTHERS = list(workflow.rules)  # of a workflow that uses this one as a module
OWN = {}  # songs' own rules, with the files they stand in
DROPPED = set()  # stages of files that do not stay in the build


PLANS = Plans(
    config,
    [] if workflow.modifier.skip_configfile else workflow.configfiles,
    RESULTS,
    lambda path: has_producer(path),
    lambda: expect_jobs(workflow),
)


def songs_of_albums():
    """The songs of each album that are all in this run. Of the others, one that is written wrongly is a mistake."""
    songs = {("album", name): PLANS.songs_of("album", name, SONGS) for name in HOUSE.albums}
    return {album: names for album, names in songs.items() if not set(names).difference(SONGS)}


def songs_of_datasets():
    """The songs of each dataset; none where the command line chooses songs, since it would lack the others."""
    known = [] if "songs" in workflow.config_settings.config else SONGS
    songs = {("dataset", name): PLANS.songs_of("dataset", name, known) for name in HOUSE.datasets}
    return songs if known else {}


HOUSE = read_or_stop(lambda: PLANS.settings)
if HOUSE.cache is not None:
    os.environ[CACHE] = HOUSE.cache
SONGS = HOUSE.songs
COLLECTIONS = read_or_stop(lambda: songs_of_albums() | songs_of_datasets())
ALBUMS, DATASETS = ([name for kind, name in COLLECTIONS if kind == each] for each in ("album", "dataset"))
DONE = "what is soloed is built and verified" if HOUSE.soloed else "every song is built, verified and packed"


def plan(song):
    """The plan of a song: its artifact graph, and what each job is given."""
    return PLANS.song(song)


@cache  # by its name alone: it may have a thousand songs
def plan_collection(kind, name):
    """The plan of an album or a dataset."""
    return PLANS.collection(kind, name, COLLECTIONS[kind, name])


def plans():
    """The plans of all songs, and of the albums and datasets whose songs are all among them."""
    return [*map(plan, SONGS), *(plan_collection(*each) for each in COLLECTIONS)]


def plans_to_build():
    """The plans of what the command asks for: all, or those of the songs of a batch."""
    return [*map(plan, BATCHES.songs)] if BATCHES.is_partial(asked.named) else plans()


def plan_of(wildcards):
    """The plan that an artifact is in."""
    found = [
        plan_collection(kind, wildcards[kind]) for kind in ("album", "dataset") if kind in wildcards.keys()
    ]
    return found[0] if found else plan(wildcards.song)


NOT_OF_ITS_NAME = ("song", "album", "dataset", "short")
"""Wildcards that do not belong to the name of an artifact; `short` is a song's name without folders."""


def artifact(stage):
    """The artifact of a stage that the wildcards of a rule name."""
    return lambda w: plan_of(w).graph.get(
        stage, os.sep.join(value for key, value in w.items() if key not in NOT_OF_ITS_NAME)
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


def job_needs(stage):
    """The resources of a rule that makes artifacts of a stage. No edit of them runs the rule again."""
    return growing(lambda w: plan_of(w).job_needs(artifact(stage)(w)))


def verification_needs(stage):
    """The resources of a rule that verifies artifacts of a stage."""
    return growing(lambda w: plan_of(w).verification_needs(artifact(stage)(w)))


def growing(needs):
    """Resources by name. A job that is started again, for example as a cluster has ended it, is given more.

    None where nobody asks for them, neither a cluster nor a limit: they take a tenth of the time of a plan.
    """
    is_cluster = workflow.resource_settings.nodes is not None
    if not (is_cluster or set(RESOURCES).intersection(workflow.global_resources)):
        return {}
    return {name: lambda w, attempt, name=name: attempt * needs(w)[name] for name in RESOURCES}


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


def dropped(stage, path):
    """The artifact of a stage as an output, which need not stay, see config's `keep`."""
    if HOUSE.keep == "all":
        return path
    DROPPED.add(stage)
    return temp(path)


def every(stage):
    """Every artifact of a stage, of every song, or of every album or dataset that has it, with its sentinel."""
    return [
        PLACES.of_ours(file)
        for each in plans_to_build()
        if stage in each.stages
        for entry in each.graph.stage(stage)
        for file in (entry.path, entry.sentinel)
    ]


def everything():
    """Every file of every song, album and dataset; of songs that are soloed, the solo and its sentinel."""
    if HOUSE.soloed:
        return every("solo")
    return [
        PLACES.of_ours(file)
        for each in plans_to_build()
        for entry in to_build(each)
        for file in kept_of(entry)
    ]


def is_dropped(entry):
    """Whether the file of an artifact is removed once nothing of a run needs it any more."""
    return entry.stage in DROPPED


def kept_of(entry):
    """The files of an artifact that stay in the build."""
    return [file for file in entry.targets if not (is_dropped(entry) and file == entry.path)]


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
    """Write the index of all songs, albums and datasets, with what this run has read of them.

    Returns its path; None if there is no output root.
    """
    from stemwright.pages.index import Listed, write_index  # at the end of a run, and not at each start

    if not os.path.isdir(RESULTS):
        return None
    listed = [Listed(name) for name in SONGS if name not in asked.songs]
    listed += [Listed(name) for name in homes()["kept"] if os.path.isdir(os.path.join(RESULTS, name))]
    read = [("song", name, plan(name)) for name in asked.songs]
    read += [(*each, plan_collection(*each)) for each in asked.collections]
    for kind, name, each in read:
        artifacts = [entry.path for entry in to_build(each)]
        listed.append(Listed(name, each.title, artifacts, kind))
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
        lambda: find_earlier(HOUSE.against, {song: plan(song).graph.get("archive").path for song in SONGS})
    )


def delivered_files(archive):
    """The delivered files that are in an archive, by the names that they have there."""
    from stemwright.gates.archive import member_name  # not at each start

    return {member_name(file): file.path for file in archive.made_of("files")}


def compared():
    """The archives that are compared, by song."""
    return {song: plan(song).graph.get("archive") for song in earlier().deliveries or SONGS}


def known():
    """Every artifact of every song, album and dataset, with those that were made on request."""
    root = PLACES.root_of_storage()
    return [entry for each in plans() for entry in (*each.artifacts, *each.built_on_request(root))]


def claimed():
    """The path of each of them."""
    return [entry.path for entry in known()]


def hint_for(target):
    """What was probably meant by a target that nothing makes, as far as songs, albums and datasets can be read."""
    songs, collections = {}, {}
    for found, read, names in (
        (songs, plan, ((song,) for song in SONGS)),
        (collections, plan_collection, COLLECTIONS),
    ):
        for name in names:
            with suppress(StemwrightError):
                found[name] = read(*name)
    archives = {song: each.graph.get("archive").sentinel for (song,), each in songs.items()}
    known = [file for each in (*songs.values(), *collections.values()) for file in each.targets]
    return hint(target, RESULTS, archives, NAMED_TARGETS, known)


def homes():
    """The folders of this run's songs and albums, and of songs that only a table has and that are not in this run."""
    return {
        "homes": [*SONGS, *(home_of(*each) for each in COLLECTIONS)],
        "kept": sorted(set(HOUSE.rows).difference(SONGS)),
    }


def would_remove():
    """What prune would remove, for `snakemake -n prune`."""
    files = unclaimed_files(RESULTS, claimed(), **homes(), root=PLACES.root_of_storage())
    return "".join(f"\nwould remove {file}" for file in files) + f"\n{len(files)} files would be removed"


wildcard_constraints:
    song=one_of("song", SONGS),
    album=one_of("album", ALBUMS),
    dataset=one_of("dataset", DATASETS),
    stem="[A-Za-z0-9_-]+",
    file="[^/]+",
