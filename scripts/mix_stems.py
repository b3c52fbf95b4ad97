"""Rule mix_stems: the processed stems through their faders and pans, added up."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.job import canvas_of, job
from stemwright.levels import channel_gains
from stemwright.mix import mix

with job(snakemake) as spec:
    canvas = canvas_of(spec)
    gains = [channel_gains(**fader, channels=canvas.channels) for fader in spec["stems"].values()]
    blocks = mix(snakemake.input.stems, gains)
    write_audio(snakemake.output[0], blocks, rate=canvas.rate, channels=canvas.channels, frames=canvas.frames)
