"""Notes as they sound: where swing, humanising, strums, rolls and bends have put them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from stemwright.music.controls import Controls


@dataclass(frozen=True, order=True)
class PlayedNote:
    """A note as it sounds in its stem.

    Attributes
    ----------
    frame, end : int
        Its first frame in the song, and the frame at which it is let go: what rings on after that is not part of it.
    pitch : float
        A MIDI note number (69 is A4, 440 Hz). Of a note that is bent or slides, the pitch that it has half of its time
        below, half above: that at which it rests.
    velocity : int
        1 to 127.
    layer : str
        The layer that plays it, of a stack; else empty.
    piece : str
        The piece of the kit, of a drum; else empty. Its pitch is the key of General MIDI.
    """

    frame: int
    end: int
    pitch: float
    velocity: int
    layer: str = ""
    piece: str = ""


def under_controls(pitch: float, controls: Controls | None, start: int, frames: int) -> tuple[float, int]:
    """What the controls of its channel make of a note.

    Parameters
    ----------
    pitch : float
        Its pitch without them, a MIDI note number.
    controls : Controls or None
        The controls, in frames of the song.
    start, frames : int
        The frame at which they see it begin, and the frames for which it is held.

    Returns
    -------
    pitch : float
        The pitch that it has half of its time below, half above, to a cent.
    frames : int
        The frames for which it is heard until it is let go, or cut off.
    """
    if controls is None:
        return pitch, frames
    during = controls.during(start, start + frames)
    frames = min([frames, *map(int, during.silences)])
    edges = [min(int(bend.at), frames) for bend in during.bends] + [frames]
    lasting = sorted(
        (bend.semitones, end - at) for bend, (at, end) in zip(during.bends, pairwise(edges), strict=True)
    )
    passed = 0
    for semitones, length in lasting:
        passed += length
        if 2 * passed >= frames:
            return round(pitch + semitones, 2), frames
    return pitch, frames
