"""Rule find_level: the gain with which a stem or bus is as loud as the song asks for."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.base.files import write_json
from stemwright.mixing.faders import Faders, read_paths
from stemwright.mixing.levels import FoundLevel, found_gain, loudness, matched_gain
from stemwright.workflow.job import job

with job(snakemake) as params:
    name, level, channels = params["stem"], FoundLevel(**params["level"]), params["channels"]
    compared = read_paths(params["compared"], channels, snakemake.input.get("levels", ()))
    if level.match is not None:
        parts = dict(zip(compared, snakemake.input.parts, strict=True))
        gain_db = matched_gain(name, snakemake.input.mix[0], parts, compared)
    else:
        faders = Faders.from_dict(params["faders"], channels)
        other = loudness(snakemake.input.other[0], compared[level.like]) if level.like is not None else None
        gain_db = found_gain(name, level, snakemake.input.audio[0], faders, other)
    print(f"{name}: gain of {gain_db:+.2f} dB")
    write_json(snakemake.output[0], {"stem": name, "gain_db": gain_db})
