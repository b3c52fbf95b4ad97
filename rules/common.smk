# What the rules share: the house rules, the songs' plans, and the small words that rules are written in.
import os
from functools import cache

from stemwright.own_rules import check_own, in_words, makes, what_it_does
from stemwright.plan import Plan
from stemwright.reading import read_house, read_song
from stemwright.snakemake_patches import RULE_DIGEST, external_input, install
from stemwright.targets import Targets

# A job has one core. Left alone, NumPy would start a thread for each core there is, in every job.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

read_or_stop(lambda: install(workflow))

RESULTS = workflow.pathvars.apply("<results>")


OTHERS = list(workflow.rules)  # of a workflow that uses this one as a module
OWN = {}  # songs' own rules, with the files they stand in

HOUSE = read_or_stop(
    lambda: read_house(config, [] if workflow.modifier.skip_configfile else workflow.configfiles)
)
SONGS = HOUSE.house.songs


@cache
def plan(song):
    return Plan(read_song(song, HOUSE, f"songs/{song}.yaml", RESULTS, is_made), RESULTS)


def is_made(path):
    """Whether a job makes a file that a song is made from: by the song's own rules, or by another workflow's."""
    rules = [*OTHERS, *OWN]
    return any(makes(each, path, rules) for each in rules)


def given(path):
    """A file that a song is made from, as input: one that no job makes comes from elsewhere."""
    return path if is_made(path) else external_input(path)


def plans():
    return [plan(song) for song in SONGS]


def with_sentinels(paths):
    return [file for path in paths for file in (path, f"{path}.ok")]


def job_of(method, *names):
    """A rule's one param: what a method of the plan says for these wildcards."""
    return lambda w: getattr(plan(w.song), method)(*(w[name] for name in names))


def verification(kind, artifact):
    """The param of a verification rule for an artifact named with wildcards."""
    return lambda w: plan(w.song).verify_job(kind, artifact.replace("<results>", RESULTS).format(**w), w)


def verified(path):
    """An artifact's sentinel as input: needed, but its being new is no reason to run."""
    return ancient(f"{path}.ok")


def sentinels(paths):
    """The same for a function that gives artifacts."""
    return ancient(lambda w: [f"{path}.ok" for path in paths(w)])


def render_inputs(w):
    """What a stem is rendered from."""
    inputs = plan(w.song).render_inputs(w.stem)
    return inputs | {"files": [given(path) for path in inputs["files"]]}


wildcard_constraints:
    song="|".join(SONGS),
    stem="[A-Za-z0-9_-]+",
    file="[^/]+",
