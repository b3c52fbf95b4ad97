"""A VST3 plug-in, run by pedalboard in a process of its own: it may hang or crash."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from stemwright.audio import AudioFile, Stream, copies, fit, write_audio
from stemwright.audio.programs import Supervisor
from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.effects._repeatable import Repeatable, same
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.problems import did_you_mean

_LONGEST_LATENCY_S = 60.0
_SCRIPTS = str(Path(__file__).parents[2])
_HOST = f"import sys; sys.path.insert(0, {_SCRIPTS!r}); from stemwright.effects import vst3; vst3.main()"
_REQUEST, _OUTPUT, _REFUSAL = "request.json", "output.wav", "refusal.txt"
_LARGEST_MB = 100_000  # of a file that it writes


def _parse_value(value: object) -> object:
    if not isinstance(value, (bool, int, float, str)) or value in (math.inf, -math.inf) or value != value:
        raise ValueError(f"must be a number, true, false or text (is {value!r})")
    return value


@dataclass(frozen=True)
class Vst3(Effect):
    """A VST3 plug-in, loaded by pedalboard, in 32-bit float; its latency is compensated. It is loaded in the job only:
    then parameters are checked, and a mistake lists those that there are. All files of its bundle count as its inputs,
    by content; Stemwright does not know of anything else that it reads, such as samples or a licence elsewhere.
    """

    example = "{file: plugins/Tape.vst3, parameters: {drive_db: 6.5, oversampling: 4x, bypass: false}}"

    file: Annotated[
        str,
        Field(
            "Path of the plug-in, a bundle (which is a folder) or a file, from the working directory; absolute and ~ "
            "work too.",
            min_length=1,
        ),
    ]
    plugin_name: Annotated[str, Field("Which plug-in, if the file holds several.", min_length=1)] | None = (
        None
    )
    preset: (
        Annotated[
            str, Field("Path of a preset (.vstpreset), loaded before parameters are set.", min_length=1)
        ]
        | None
    ) = None
    parameters: Annotated[
        dict[
            str,
            Annotated[
                Any,
                Field(
                    "A number, true, false or text.",
                    parse=_parse_value,
                    types=("number", "boolean", "string"),
                ),
            ],
        ],
        Field(
            "Values of parameters by name, as pedalboard spells them (drive_db), in the plug-in's own units or words."
        ),
    ] = field(default_factory=dict)
    repeatable: Repeatable = True
    timeout_s: Annotated[float, Field("Maximum run time, of both runs together.", "s", gt=0, le=86_400)] = (
        3_600.0
    )

    def input_files(self) -> list[tuple[tuple, str]]:
        files: list[tuple[tuple, str]] = [(("file", *name), path) for name, path in _files_of(self.file)]
        return files if self.preset is None else [*files, (("preset",), self.preset)]

    def is_only_here(self) -> bool:
        return True

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        with Supervisor() as supervisor:
            frames, channels = context.frames, context.channels
            whole = fit(blocks, frames, channels)
            write_audio(supervisor.given, whole, rate=context.rate, channels=channels, frames=frames)
            request = {
                "keys": self.entry()["vst3"],
                "rate": context.rate,
                "files": {role: os.path.abspath(path) for role, path in context.files.items()},
            }
            request_path, output, refusal = (
                os.path.join(supervisor.folder, name) for name in (_REQUEST, _OUTPUT, _REFUSAL)
            )
            with open(request_path, "w", encoding="utf-8") as file:
                json.dump(request, file)
            supervisor.run([sys.executable, "-c", _HOST], _LARGEST_MB, self.timeout_s, self._name(context))
            if os.path.exists(refusal):
                raise StemwrightError(Path(refusal).read_text(encoding="utf-8"))
            with AudioFile(output) as sound:
                yield from sound.blocks()

    def process_here(self, blocks: Stream, context: RenderContext) -> Stream:
        """Process a stream in this process, as the host does."""
        once = self._load(context)
        if not self.repeatable:
            return _pedalboard.run_plugin(once, blocks, context)
        first, second = copies(blocks)
        again = self._load(context)
        return same(
            self._name(context),
            _pedalboard.run_plugin(once, first, context),
            _pedalboard.run_plugin(again, second, context),
            context.rate,
        )

    def _load(self, context: RenderContext) -> Any:
        """The plug-in with its preset and its parameters. Raises StemwrightError if that cannot be."""
        import pedalboard

        name = self._name(context)
        try:
            plugin: Any = pedalboard.load_plugin(_path(context), plugin_name=self.plugin_name)
        except (ImportError, RuntimeError, ValueError) as error:
            raise StemwrightError(f"{name}: cannot be loaded: {_in_one_line(error)}") from None
        if self.plugin_name not in (None, plugin.name):
            raise StemwrightError(f"{name}: is not in the file, which holds {plugin.name!r}")
        if not plugin.is_effect:
            raise StemwrightError(f"{name}: is an instrument, expected an effect")
        if self.preset is not None:
            try:
                plugin.load_preset(context.files["preset"])
            except (RuntimeError, ValueError, OSError) as error:
                raise StemwrightError(
                    f"{name}: preset {context.files['preset']} cannot be loaded: {_in_one_line(error)}"
                ) from None
        known = plugin.parameters
        for key, value in self.parameters.items():
            if key not in known:
                raise StemwrightError(f"{name}: has no parameter {key!r}{did_you_mean(key, list(known))}")
            try:
                setattr(plugin, key, value)
            except (ValueError, TypeError) as error:
                raise StemwrightError(f"{name}: parameters.{key}: {_in_one_line(error)}") from None
        if plugin.reported_latency_samples > _LONGEST_LATENCY_S * context.rate:
            late = plugin.reported_latency_samples / context.rate
            raise StemwrightError(
                f"{name}: says that it is {late:,.0f} s late; at most {_LONGEST_LATENCY_S:g} s are compensated"
            )
        plugin.reset()  # on loading, pedalboard has rendered with it: its latency counted from there
        return plugin

    def _name(self, context: RenderContext) -> str:
        """The plug-in's name in a message."""
        return self.plugin_name or os.path.basename(_path(context))


def main() -> None:
    """The host: process `input.wav` in the working directory by the request there."""
    request = read_json(_REQUEST)
    effect = Vst3(**request["keys"])
    with AudioFile("input.wav") as file:
        rate, channels, frames = request["rate"], file.channels, file.frames
        context = RenderContext(rate, channels, frames, files=request["files"])
        try:
            processed = effect.process_here(file.blocks(), context)
            write_audio(_OUTPUT, processed, rate=rate, channels=channels, frames=frames)
        except StemwrightError as error:
            Path(_REFUSAL).write_text(str(error), encoding="utf-8")


def _files_of(path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """(the name in the bundle, path) of every file of a plug-in, sorted; ((), path) if it is a file or not there."""
    folder = os.path.expanduser(path)
    found = sorted(
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    )
    yield from (((name,), os.path.join(path, name)) for name in found)
    if not found:
        yield (), path


def _path(context: RenderContext) -> str:
    """The path of the plug-in, from those of its files: in a job, only these are known."""
    role, path = next(
        (role, path) for role, path in context.files.items() if role.partition(".")[0] == "file"
    )
    return path.removesuffix(role.removeprefix("file").removeprefix(".")).rstrip("/")


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
