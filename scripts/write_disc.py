"""Rule write_disc: the masters of an album as one file at the format of a compact disc."""

import sys
import zlib
from fractions import Fraction

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.audio.disc import CHANNELS, RATE, Source, disc_frames, disc_stream, layout
from stemwright.workflow.job import job

with job(snakemake) as params:
    sources = [Source(rate, frames, Fraction(gap)) for rate, frames, gap in params["sources"]]
    write_audio(
        snakemake.output[0],
        disc_stream(snakemake.input.audio, sources),
        rate=RATE,
        channels=CHANNELS,
        frames=disc_frames(layout(sources)),
        subtype="PCM_16",
        seed=zlib.crc32(params["seed"].encode()),
    )
