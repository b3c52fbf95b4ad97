"""Rule write_live: a click or cue track, or a delivered file behind the silence of a count-in."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from itertools import chain

from stemwright.audio import AudioFile, fit, write_audio
from stemwright.delivery.beeps import beeps
from stemwright.delivery.live import beeps_of
from stemwright.music.timeline import Timeline
from stemwright.workflow.job import job

with job(snakemake) as params:
    form = params["format"]
    rate, channels, frames = form["sample_rate"], form["channels"], form["frames"]
    if "silence" in params:
        (path,) = snakemake.input.audio
        blocks = chain(fit((), params["silence"], channels), AudioFile(path).blocks())
    else:
        found = beeps_of(params["beeps"], Timeline.from_dict(params["timeline"]), params["bars"], rate)
        blocks = beeps(found, rate, channels, frames)
    write_audio(
        snakemake.output[0],
        blocks,
        rate=rate,
        channels=channels,
        frames=frames,
        subtype=form["sample_format"],
        container=form["container"],
        seed=None,  # what is delivered has been dithered
    )
