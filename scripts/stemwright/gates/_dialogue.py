"""What gates of speech must know of a song: its dialogue stems, with their faders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stemwright.gates._base import GateContext, Subject
from stemwright.mixing.faders import Faders, read_paths

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


def dialogue_context(song: LoadedSong) -> GateContext:
    """`dialogue`: the names of the dialogue stems with their faders, and the channels; nothing without such stems."""
    faders = {name: song.routing.output(name).to_dict() for name in song.dialogue}
    channels = song.document.session.channels
    return {"dialogue": {"faders": faders, "channels": channels}} if faders else {}


def dialogue_inputs(song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
    """`dialogue`: the dialogue stems after their effects, in the order of the context; their found levels."""
    upstream = {entry.stem: entry for entry in artifact.upstream("processed")}
    stems = [upstream[name] for name in song.dialogue if name in upstream]
    levels = [entry for entry in artifact.upstream("level") if entry.stem in song.dialogue]
    found: dict[str, Sequence[Input]] = {"dialogue": stems} if stems else {}
    return found | ({"dialogue_levels": levels} if levels else {})


def dialogue_faders(subject: Subject) -> dict[str, Faders]:
    """The fader of each dialogue stem, by name."""
    dialogue: Mapping[str, Any] = subject.context["dialogue"]
    levels = subject.inputs.get("dialogue_levels", ())
    return read_paths(dialogue["faders"], dialogue["channels"], levels)
