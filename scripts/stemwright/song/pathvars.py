"""The folders of the output, as `config.yaml` has them."""

from __future__ import annotations

from typing import Annotated

from stemwright.song.entries import StrictModel
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_folder


class Pathvars(StrictModel):
    """Folders of the output."""

    results: Annotated[
        str, Field("The folder of everything that is built. No input may be in it.", parse=parse_folder)
    ] = "build"
    logs: Annotated[str, Field("One log per job.", parse=parse_folder)] = "logs"
    benchmarks: Annotated[str, Field("Run time and memory of each job.", parse=parse_folder)] = "benchmarks"
