"""Rule conform_reference: convert the reference to the session's sample rate and channels, as far as the song goes."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, as_channels, fit, resample, resampled_frames, write_audio
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    rate, channels = params["session"]["rate"], params["session"]["channels"]
    # A truncated file is conformed as far as it can be read: its verification refuses it, with the figures.
    (path,) = snakemake.input.source
    with AudioFile(path, lenient=True) as source:
        frames = min(resampled_frames(source.frames, source.rate, rate), params["most_frames"])
        if frames == params["most_frames"]:
            lengths = f"is {source.frames / source.rate:,.3f} s long, of which the song uses {frames / rate - 1:,.3f} s"
            print_to_screen(f"{path}: {lengths}: the rest is not read")
        conformed = resample(
            as_channels(source.finite_blocks(), channels), source.frames, channels, source.rate, rate
        )
        write_audio(
            snakemake.output[0],
            fit(conformed, frames, channels),
            rate=rate,
            channels=channels,
            frames=frames,
        )
