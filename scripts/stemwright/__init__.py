"""Stemwright: make for music. Songs as YAML become verified audio files, and only what is stale is built again.

The rooms, from the lowest to the highest. A module imports only from its own room and from rooms above it in this list
(`make lint` checks it); rooms in one line do not import each other.

    base                errors, whole files, decibels: what everything may import; what is kept between runs, and what
                        was looked at to make it
    validation          fields with type, range and unit; YAML with line numbers; problems that name a place
    music               what is played and when, without a sample: pitch, exact time, harmony, parts, MIDI files
    audio               samples in and out: strict readers, deterministic writers, streams of blocks, filters, fades
    measure, effects, instruments
                        meters, which have no opinion; effects and instruments, one file a kind
    mixing              sums through faders, the master, loudness targets
    sources             where a stem's sound comes from, one file a kind
    records             what stands beside an artifact: what was produced, its sentinel, its refusals
    delivery            the zip and the texts in it; what files say about themselves; files for a DAW
    song                which songs there are; the document that a user writes, loaded and checked as a whole
    graph               every file that a song is built into, and what each is made of
    gates               limits and verdicts, one file a gate
    inspection          a delivery that was not made here: roles, sums and the culprit, formats, names, presets
    comparison          two states of a song: what differs, in words, bars and stems
    starting            new songs: from a few answers, or from a folder of recordings
    pages               HTML for people: a song, what was refused, a comparison, all songs; previews of audio
    plan                stages, one file each; a song as params of jobs, and as it is kept for later runs; fingerprints
                        of code; what jobs take of a machine
    snakemake_patches   everything that reaches into Snakemake
    workflow            what only runs inside Snakemake: the frame around a job, requested targets, songs' own rules,
                        the screen and the summary of a run, the shared cache, earlier builds to compare with; and what
                        programs for people share

Only `snakemake_patches` and `workflow` import Snakemake. docs/architecture.md says how one stem flows through.
"""

__version__ = "0.1.0"
