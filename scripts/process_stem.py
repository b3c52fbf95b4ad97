"""Rule process_stem: a stem through its effects, before fader and pan."""

from stemwright import effects
from stemwright.audio import AudioFile, write_audio
from stemwright.workflow.job import context_of, job

with job(snakemake) as spec:
    context = context_of(spec)
    with AudioFile(snakemake.input.stem) as stem:
        processed = effects.chain([effects.make(entry) for entry in spec["effects"]], stem.blocks(), context)
        write_audio(
            snakemake.output[0],
            processed,
            rate=context.rate,
            channels=context.channels,
            frames=context.frames,
        )
