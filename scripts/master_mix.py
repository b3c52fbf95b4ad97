"""Rule master_mix: the mix through the master chain, to its loudness and under its ceiling."""

import sys
from dataclasses import asdict

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright import effects
from stemwright.audio import write_audio
from stemwright.effects.limiter import Limiter
from stemwright.files import write_json
from stemwright.job import canvas_of, job
from stemwright.master import finish

with job(snakemake) as spec:
    canvas = canvas_of(spec)
    finished = finish(
        snakemake.input.mix,
        [effects.make(entry) for entry in spec["effects"]],
        canvas,
        gain_db=spec["gain_db"],
        limiter=Limiter(**spec["limiter"]) if spec["limiter"] else None,
        target=spec["target"],
    )
    write_audio(
        snakemake.output.audio,
        finished.audio.blocks(),
        rate=canvas.rate,
        channels=canvas.channels,
        frames=canvas.frames,
    )
    settings = {
        "gain_db": finished.gain_db,
        "limiter": asdict(finished.limiter) if finished.limiter else None,
        "integrated_lufs": finished.integrated_lufs,
        "true_peak_dbtp": finished.true_peak_dbtp,
    }
    write_json(snakemake.output.settings, settings)
