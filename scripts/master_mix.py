"""Rule master_mix: process the mix with the master chain, to its target loudness and below its ceiling."""

import sys
from dataclasses import asdict

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.base.files import write_json
from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.mixing.dialogue import speech_windows
from stemwright.mixing.faders import read_paths
from stemwright.mixing.master import render_master
from stemwright.workflow.job import context_of, job

with job(snakemake) as params:
    context = context_of(params, snakemake.input)
    (mix,) = snakemake.input.mix
    speech = None
    if "dialogue" in params:
        faders = read_paths(params["dialogue"], context.channels, snakemake.input.get("levels", ()))
        speech = speech_windows(snakemake.input.dialogue, list(faders.values()))
    finished = render_master(
        mix,
        Chain.make(params["effects"]),
        context,
        gain_db=params["gain_db"],
        limiter=Limiter(**params["limiter"]) if params["limiter"] else None,
        target=params["target"],
        dual_mono=params["dual_mono"],
        speech=speech,
        is_loop="is_loop" in params,
        cores=snakemake.threads,
    )
    write_audio(
        snakemake.output.audio,
        finished.audio.blocks(),
        rate=context.rate,
        channels=context.channels,
        frames=context.frames,
    )
    settings = {
        "gain_db": finished.gain_db,
        "limiter": asdict(finished.limiter) if finished.limiter else None,
        "limited": finished.limited,
        "trim_db": finished.trim_db,
        "integrated_lufs": finished.integrated_lufs,
        "true_peak_dbtp": finished.true_peak_dbtp,
        "rms_dbfs": finished.rms_dbfs,
        **({"dialogue_lufs": finished.dialogue_lufs} if speech is not None else {}),
        "target": params["target"],
        "missed": finished.missed,
    }
    write_json(snakemake.output.settings, settings)
