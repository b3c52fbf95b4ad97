"""The jobs of the small song, by what they hang on."""

from tune import DELIVERED, STEMS

FINISH = [
    "mix",
    "verify the mix",
    "master",
    "verify the master",
    "deliver tune_master.wav",
    "verify tune_master.wav",
]
PACK = ["pack tune.zip", "verify tune.zip"]


def delivery_of(*stems):
    return [
        f"{verb} tune_{stem}.wav" for stem in stems if stem in DELIVERED for verb in ("deliver", "verify")
    ]


def processing_of(*stems):
    return [job for stem in stems for job in (f"process {stem}", f"verify {stem}, processed")]


def rendering_of(*stems):
    return [job for stem in stems for job in (f"render {stem}", f"verify {stem}")]


def from_stem(*stems):
    """All that runs when these stems are rendered anew."""
    return sorted([*rendering_of(*stems), *processing_of(*stems), *FINISH, *delivery_of(*stems), *PACK])


def from_processing(*stems):
    return sorted([*processing_of(*stems), *FINISH, *delivery_of(*stems), *PACK])


def seams_without(*stems):
    """The checks of clicks where sections meet, but for these stems."""
    return [f"verify {stem}, processed" for stem in STEMS if stem not in stems]


def next_run(workdir, *args):
    """The jobs of the next run; the dry run before it says the same, and the run after it finds nothing to do."""
    planned = workdir.snakemake("-n", *args).jobs
    run = workdir.snakemake(*args)
    assert run.jobs == planned
    assert workdir.snakemake(*args).jobs == []
    return run.jobs
