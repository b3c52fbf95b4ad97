"""Rule mix_version: some stems of a song, whole or in passages that are rendered anew."""

import sys
from contextlib import ExitStack
from dataclasses import replace

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright import sources
from stemwright.audio import AudioFile, Spool, fit, without_start, write_audio
from stemwright.effects import Chain
from stemwright.mixing.faders import read_levels
from stemwright.mixing.shares import read_steps, through
from stemwright.mixing.slices import put_together, without_end, wrapped
from stemwright.music.component import below
from stemwright.music.render_context import Slice
from stemwright.workflow.job import context_of, job


def rendered(stem, keys, context):
    """A stem after its effects, as in a slice of the song."""
    own = replace(context, seed=keys["seed"], harmony=keys.get("harmony", ()))
    source = sources.make(keys["source"])
    files = below(context.files, "stems", stem, "source")
    if "reference" in context.files:
        files["reference"] = context.files["reference"]
    # A source that looks for a place in the whole song (align) finds it as in the song.
    longer = replace(own, files=files, frames=max(own.frames, own.song_frames))
    sound = sources.render(source, longer, keys.get("sections"))
    files = below(context.files, "stems", stem, "effects")
    return Chain.make(keys["effects"]).process(sound, replace(own, files=files))


def sliced(part, params, steps, context):
    """What is heard of a slice, from its lead on and with its tail."""
    frames = part["end"] + params["tail_frames"]
    if not params["is_loop"]:
        frames = min(frames, context.frames)
    own = replace(
        context, frames=frames, slice=Slice(part["start"], part["end"], part["lead"], context.frames)
    )
    stems = {name: rendered(name, keys, own) for name, keys in params["stems"].items()}
    placed = [replace(step, context=replace(own, files=step.context.files)) for step in steps]
    heard = through(stems, placed)
    if part["end"] < context.frames or params["is_loop"]:
        heard = without_end(heard, frames, context.rate)
    return Spool(context.channels, without_start(heard, own.first_frame))


with job(snakemake) as params, ExitStack() as files:
    context = context_of(params, snakemake.input)
    levels = read_levels(snakemake.input.get("levels", ()))
    steps = read_steps(params["steps"], context, levels, snakemake.input.get("curves", ()))
    frames = params["frames"]
    if "slices" in params:
        pieces = [
            (part["at"] - part["lead"], sliced(part, params, steps, context)) for part in params["slices"]
        ]
        if params["is_loop"]:
            pieces = wrapped(pieces[0][1], params["slices"][0]["lead"], frames)
        mix = put_together(pieces, frames, context.channels)
    else:
        opened = [files.enter_context(AudioFile(path)) for path in snakemake.input.audio]
        starts = {name: file.blocks() for name, file in zip(params["starts"], opened, strict=True)}
        mix = fit(through(starts, steps), frames, context.channels)
    if "fade_frames" in params:
        mix = without_end(mix, frames, params["fade_frames"])
    write_audio(snakemake.output[0], mix, rate=context.rate, channels=context.channels, frames=frames)
