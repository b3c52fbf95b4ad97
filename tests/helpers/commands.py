"""A command as a source, rendered."""

import numpy as np

from stemwright import sources
from stemwright.music.render_context import RenderContext


def rendered(argv, rate=8_000, channels=2, frames=12_345, files=None, **keys):
    context = RenderContext(
        rate, channels, frames, files={f"inputs.{name}": str(path) for name, path in (files or {}).items()}
    )
    source = sources.make({"command": {"argv": argv, "inputs": dict.fromkeys(files or {}, "input"), **keys}})
    return np.concatenate(list(sources.render(source, context, None)))
