"""Rule mix_window: a stretch of the mix, marked as a preview."""

import sys

sys.path.insert(0, snakemake.scriptdir)  # our own library, not one that happens to be installed

from stemwright.audio import write_audio
from stemwright.delivery.metadata.wav import write_comment
from stemwright.mixing.faders import read_paths
from stemwright.mixing.sums import mix_stretch
from stemwright.workflow.job import job

with job(snakemake) as params:
    start, end = params["span"]
    faders = read_paths(params["faders"], params["channels"], snakemake.input.get("levels", ()))
    blocks = mix_stretch(snakemake.input.parts, params["begins"], list(faders.values()), (start, end))
    write_audio(
        snakemake.output[0], blocks, rate=params["rate"], channels=params["channels"], frames=end - start
    )
    write_comment(snakemake.output[0], params["comment"])
