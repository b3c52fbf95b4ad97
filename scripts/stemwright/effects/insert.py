"""Any program that reads a WAV file and writes one, as an effect: hosts of LV2 and LADSPA plug-ins, sox, a script."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import AudioFile, Stream, fit, write_audio
from stemwright.audio.programs import Program, Supervisor, argument
from stemwright.base.errors import StemwrightError
from stemwright.effects._base import Effect
from stemwright.effects._repeatable import Repeatable, same
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_PLACEHOLDERS = ("input", "output", "rate", "channels", "seconds")


@dataclass(frozen=True)
class Insert(Program, Effect):
    """A program that reads `{input}`, a WAV of 32-bit float, and writes `{output}`, at the same sample rate and with as
    many channels. What is shorter is continued with silence, what is longer is cut; the log says so. The program runs
    in a folder that holds only its input, without a shell; its output goes to the log. It is run again when its
    arguments or the contents of its inputs change. Stemwright does not know of anything else that it reads: list all
    such files, scripts too, under `inputs`.

    A LADSPA plug-in: `argv: [ffmpeg, -i, "{input}", -af, "ladspa=amp_1181:amp:c=c0=-6", -c:a, pcm_f32le, "{output}"]`;
    ffmpeg's filter `lv2` runs LV2 plug-ins. So does `lv2apply` (Debian: lilv-utils), if they have as many channels as
    the session: `[lv2apply, -i, "{input}", -o, "{output}", -c, gain, "-6", "http://plugin.org.uk/swh-plugins/amp"]`.
    Neither makes up for the latency of a plug-in: see `latency_samples`.
    """

    example = '{argv: [sox, "{input}", "{output}", bass, "+4"]}'
    placeholders = _PLACEHOLDERS
    needed = ("input", "output")

    argv: Annotated[
        list[Annotated[str, argument(*_PLACEHOLDERS)]],
        Field(
            "The program and its arguments. {input} is the path of the sound, {output} the path to write to, "
            "{input:NAME} that of another input; {rate} (Hz), {channels} and {seconds} are those of the sound. "
            "A program without a / is searched for in PATH.",
            min_length=1,
        ),
    ]
    latency_samples: Annotated[
        int,
        Field(
            "How much later its output is than its input: cut from its start.", "frames", ge=0, le=1_000_000
        ),
    ] = 0
    repeatable: Repeatable = True

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        with ExitStack() as stack:
            supervisor = stack.enter_context(Supervisor())
            self._write(blocks, supervisor, context)
            if not self.repeatable:
                yield from self._run(supervisor, context)
                return
            again = stack.enter_context(Supervisor())
            shutil.copyfile(supervisor.given, again.given)  # a program may change its input
            yield from same(
                self.argv[0], self._run(supervisor, context), self._run(again, context), context.rate
            )

    def _write(self, blocks: Stream, supervisor: Supervisor, context: RenderContext) -> None:
        """Write what the program is to read: the sound, and silence for what it is late."""
        frames, channels = context.frames + self.latency_samples, context.channels
        try:
            write_audio(
                supervisor.given,
                fit(blocks, frames, channels),
                rate=context.rate,
                channels=channels,
                frames=frames,
            )
        except StemwrightError as error:
            raise StemwrightError(
                str(error).replace(f"{supervisor.folder}/", f"{self.argv[0]}: its ")
            ) from None

    def _run(self, supervisor: Supervisor, context: RenderContext) -> Stream:
        """What the program gives, without its latency, as long as the sound."""
        frames = context.frames + self.latency_samples
        with self.run(supervisor, context, frames) as output, AudioFile(output) as file:
            if (file.rate, file.channels) != (context.rate, context.channels):
                raise StemwrightError(
                    f"output.wav: has {_format(file.rate, file.channels)}; expected those of its input, "
                    f"{_format(context.rate, context.channels)}: tell it by {{rate}} and {{channels}}"
                )
            if difference := file.frames - frames:
                what = "longer than its input: cut" if difference > 0 else "shorter: continued with silence"
                print(f"output.wav: is {abs(difference):,} frames {what}")
            given = file.blocks(self.latency_samples) if file.frames > self.latency_samples else ()
            yield from fit(given, context.frames, context.channels)


def _format(rate: int, channels: int) -> str:
    return f"{rate:,} Hz and {channels} {'channel' if channels == 1 else 'channels'}"
