"""Rule deliver_file: a master, the mix, a stem or bus after its fader, or a printed stem, in the delivery's format."""

import sys
import zlib

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio.writer import whole_file
from stemwright.delivery.encoding import Sound, encode
from stemwright.delivery.metadata import write_metadata
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.sums import mix
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params)
    levels = read_levels(snakemake.input.get("levels", ()))
    faders = Faders.from_dict(params["faders"], context.channels, levels)
    sound = Sound(
        lambda: mix(snakemake.input.audio, [faders]),
        context.rate,
        context.channels,
        context.frames,
        params.get("is_loop", False),
    )
    path = snakemake.output[0]
    with whole_file(path) as part:
        seed = zlib.crc32(params["seed"].encode())  # equal dither of several stems would add up coherently
        lowered = encode(path, part, sound, params["encoding"], seed)
        cover = "".join(snakemake.input.get("cover", ()))
        write_metadata(part, params["encoding"]["container"], params["metadata"], cover)
    if lowered:
        print(
            f"turned down by {lowered:.2f} dB, so that its true peak is below the ceiling when it is decoded"
        )
