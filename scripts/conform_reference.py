"""Rule conform_reference: convert the reference to the session's rate and channels, where it stands in the song."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import AudioFile, fit, write_audio
from stemwright.audio.placed_file import PlacedFile
from stemwright.sources._alignment import Align
from stemwright.workflow.job import job, print_to_screen

with job(snakemake) as params:
    rate, channels, most = params["session"]["rate"], params["session"]["channels"], params["most_frames"]
    # A truncated file is conformed as far as it can be read: its verification refuses it, with the figures.
    (path,) = snakemake.input.source
    placed = PlacedFile.from_dict(path, params["stands"])
    with AudioFile(path, lenient=True) as source:
        frames = min(placed.end(source.frames, source.rate, rate), most)
        if frames == most:
            used = (most - placed.begin) / rate - 1
            lengths = f"is {source.frames / source.rate:,.3f} s long, of which the song uses {used:,.3f} s"
            print_to_screen(f"{path}: {lengths}: the rest is not read")
        conformed = placed.stream(source, rate, channels)
        if align := params.get("align"):
            (guide,) = snakemake.input.guide
            found = Align(**align["keys"]).find(placed, guide, align["at"], align["frames"], rate)
            print(found.report)
            for warning in found.warnings:
                print(warning)
                print_to_screen(f"{snakemake.output[0]}: {warning}")
            conformed = found.shift.apply(conformed, channels)
        write_audio(
            snakemake.output[0],
            fit(conformed, frames, channels),
            rate=rate,
            channels=channels,
            frames=frames,
        )
