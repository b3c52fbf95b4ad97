"""Rule process_stem: a stem through its effects, before fader and pan."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright import effects
from stemwright.audio import AudioFile, write_audio
from stemwright.job import canvas_of, job

with job(snakemake) as spec:
    canvas = canvas_of(spec)
    with AudioFile(snakemake.input.stem) as stem:
        processed = effects.chain([effects.make(entry) for entry in spec["effects"]], stem.blocks(), canvas)
        write_audio(
            snakemake.output[0], processed, rate=canvas.rate, channels=canvas.channels, frames=canvas.frames
        )
