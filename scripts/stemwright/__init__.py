"""Stemwright: music from specs, with an incremental build and gates.

Everything here can be used and tested without Snakemake. The floors, lowest first; a module
imports only from its own floor and those below:

    spec        keys and their types, YAML with line numbers, problems that name a place
    timeline    musical time, exact, and its one rounding to frames
    harmony, parts      pitch: keys, chords and charts; what is played in a section
    audio       block streams in and out, strict reading, deterministic writing, conforming, filters
    measure     what audio is: levels, loudness, peaks, onsets, spectra
    effects, instruments, sources   one small file per kind
    presets             loudness targets by name
    mix, master         sums and finishing
    gates       limits, verdicts, what was made, sentinels, the ledger of refusals
    delivery    what leaves the house
    song        the whole document a user writes, put together from the floors above
    plan        a song as plain data for each job, and the job's fingerprint
"""

__version__ = "0.1.0"
