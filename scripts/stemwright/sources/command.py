"""Any program that writes an audio file: Csound, SuperCollider, Faust, sox, a script."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from stemwright.audio import Stream
from stemwright.audio.programs import Program, Supervisor, argument
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source
from stemwright.sources.audio import Audio
from stemwright.validation.fields import Field

_PLACEHOLDERS = ("output", "rate", "channels", "seconds")


@dataclass(frozen=True)
class Command(Program, Source):
    """The audio file that a program writes to `{output}`, in any format and sample rate that `audio` reads; it starts
    with the song. The program runs in an empty folder, without a shell; its output goes to the job's log. It is run
    again when its arguments or the contents of its inputs change. Stemwright does not know of anything else that it
    reads: list all such files, scripts too, under `inputs`. The same inputs must give the same sound: use fixed seeds.
    """

    example = """
    argv: [sox, -R, "{input:hum}", -r, "{rate}", "{output}", trim, "0", "{seconds}", lowpass, "800"]
    inputs: {hum: loops/shaker.wav}"""
    made_whole = True
    placeholders = _PLACEHOLDERS
    needed = ("output",)

    argv: Annotated[
        list[Annotated[str, argument(*_PLACEHOLDERS)]],
        Field(
            "The program and its arguments. {output} is the path to write to, {input:NAME} that of an input; "
            "{rate} (Hz), {channels} and {seconds} are the song's. A program without a / is searched for in PATH.",
            min_length=1,
        ),
    ]

    def render(self, context: RenderContext) -> Stream:
        with Supervisor() as supervisor, self.run(supervisor, context, context.frames) as output:
            yield from Audio("output.wav").render(replace(context, files={"file": output}))
