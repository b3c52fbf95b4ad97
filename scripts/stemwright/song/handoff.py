"""The hand-off of a song: the names of its files that are sound, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stemwright.delivery.handoff_names import CLICK, CUES, FOLDER, STAGE
from stemwright.music.count_in import count_in_bars
from stemwright.validation.names import fold

if TYPE_CHECKING:
    from stemwright.song.deliverables import Deliverable
    from stemwright.song.delivery import Delivery
    from stemwright.song.model import Song

_EXACT = ("AIFF", "FLAC", "WAV")
"""The containers whose samples are the same, and as many, in every player."""

_WITH_TEMPO = ("tempo_map", CLICK, "stage_pack")


def with_count_in(file: str, bars: int) -> str:
    """The name of a file that begins with a count-in: `song_click_count-in-2-bars.wav`."""
    name, _, ending = file.rpartition(".")
    return f"{name}_count-in-{bars}-bar{'s' if bars > 1 else ''}.{ending}" if bars else file


def live_files(name: str, delivery: Delivery, deliverables: Sequence[Deliverable]) -> dict[str, str]:
    """The files of a hand-off that are sound.

    Parameters
    ----------
    name : str
        The name of the song.
    delivery : Delivery
        How it is delivered.
    deliverables : sequence of Deliverable
        What is delivered.

    Returns
    -------
    dict of str to str
        By name, below the folder of the hand-off: `click`, `cues`, or the delivered file that is in it.
    """
    return dict(_live_files(name, delivery, deliverables))


def _live_files(
    name: str, delivery: Delivery, deliverables: Sequence[Deliverable]
) -> Iterator[tuple[str, str]]:
    bars, ending = count_in_bars(delivery.count_in), delivery.encoder.ending
    if CLICK in delivery.handoff:
        yield with_count_in(f"{name}_{CLICK}{ending}", bars), CLICK
    if "stage_pack" in delivery.handoff:
        for track in (CLICK, CUES):
            yield f"{STAGE}/{with_count_in(f'{name}_{track}{ending}', bars)}", track
        for each in deliverables:
            if each.stem:
                yield f"{STAGE}/{with_count_in(each.file, bars)}", each.file


def handoff_mistakes(
    name: str, song: Song, deliverables: Sequence[Deliverable]
) -> Iterator[tuple[tuple, str]]:
    """Find what of a hand-off cannot be.

    Parameters
    ----------
    name : str
        The name of the song.
    song : Song
        The song.
    deliverables : sequence of Deliverable
        What is delivered.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    delivery, key = song.delivery, ("delivery", "handoff")
    for other in song.deliveries:
        if fold(other) == FOLDER:
            yield ("deliveries", other), "is the name of the folder of delivery.handoff: choose another"
    for kind in delivery.handoff:
        if kind in _WITH_TEMPO and song.bpm is None:
            yield key, f"{kind} counts beats: give the song a bpm, or leave it out"
    wanted = [kind for kind in (CLICK, "stage_pack") if kind in delivery.handoff]
    if wanted and delivery.container not in _EXACT:
        yield (
            key,
            f"{' and '.join(wanted)} must begin at the same sample in every player: set delivery.container to "
            f"{', '.join(_EXACT)} (is {delivery.container}), or leave it out",
        )
    if "stage_pack" in wanted and not count_in_bars(delivery.count_in):
        yield ("delivery", "count_in"), f"must be at least 1 bar for stage_pack (is {delivery.count_in!r})"
    if "stage_pack" in wanted and not any(each.stem for each in deliverables):
        yield key, "stage_pack is made of delivered stems, and there are none: deliver stems, or leave it out"
    found: dict[str, str] = {}
    for file, what in _live_files(name, delivery, deliverables):
        if fold(file) in found:
            yield (
                ("delivery", "names", "stem"),
                f"gives {what}, and the stage pack has a {found[fold(file)]} track of that name; names must differ",
            )
        found[fold(file)] = what
