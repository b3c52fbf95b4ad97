"""Rule conform_reference: convert the reference to the sample rate and channels of the session."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, as_channels, resample, resampled_frames, write_audio
from stemwright.workflow.job import job

with job(snakemake) as params:
    rate, channels = params["session"]["rate"], params["session"]["channels"]
    # A truncated file is conformed as far as it can be read: its verification refuses it, with the figures.
    (path,) = snakemake.input.source
    with AudioFile(path, lenient=True) as source:
        blocks = as_channels(source.blocks(), channels)
        write_audio(
            snakemake.output[0],
            resample(blocks, source.frames, channels, source.rate, rate),
            rate=rate,
            channels=channels,
            frames=resampled_frames(source.frames, source.rate, rate),
        )
