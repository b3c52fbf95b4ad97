"""What gates need to know of a song besides limits: plain data, for the kinds and gates that use it only.

Whatever stands here is a reason to check again: so there is nothing of the faders in a stem's facts, no tempo
where time plays no part.
"""

from __future__ import annotations

from collections.abc import Collection

from stemwright.reading import ReadSong
from stemwright.song import Stem, plain
from stemwright.sources import Source
from stemwright.spec import registry

_RHYTHMIC = ("grid", "tempo")


def applies(song: ReadSong, gate: str, kind: str, stem: str | None) -> bool:
    """Whether a gate is for an artifact of a kind, and there is something to hold it against.

    Rhythm is for sources that write their onsets; for another stem, its own `gates` can name `grid` or `tempo`.
    """
    cls = registry.load("stemwright.gates", gate)
    if kind not in cls.kinds or (kind == "delivered" and stem is not None and not cls.stems_too):
        return False
    if gate in _RHYTHMIC and kind == "stem":
        return source_of(song, stem).rhythmic or gate in song.spec.stems[stem].gates.model_fields_set
    if gate == "reference_in_mix":
        return bool(_players(song))
    if gate == "section_key":
        return any(key for *_, key in _keys(song))
    return True


def timing(song: ReadSong, kind: str, stem: str | None, gates: Collection[str]) -> dict:
    """Facts of the gates of time and key, for an artifact of a kind; `stem` is whose it is, if any."""
    facts: dict = {}
    if any(gate in gates for gate in _RHYTHMIC):
        facts["grid"] = _grid(song, stem)
    if "click" in gates:
        facts["boundaries"] = [section.start_frame for section in song.timeline.sections[1:]]
    if "reference_in_mix" in gates:
        player = max(_players(song), key=lambda s: s.gain_db)
        spans = song.timeline.spans(player.sections) if player.sections else [(0, song.timeline.frames)]
        facts["reference"] = {"spans": spans, "gain_db": player.gain_db}
    if "section_key" in gates:
        facts["keys"] = _keys(song)
    return facts


def source_of(song: ReadSong, stem: str) -> Source:
    entry = song.spec.stems[stem].source
    (kind,) = entry.model_fields_set
    return getattr(entry, kind)


def _grid(song: ReadSong, stem: str | None) -> dict:
    timeline = song.timeline.facts()
    if stem is None or not source_of(song, stem).rhythmic:
        return {"timeline": {**timeline, "sections": []}}
    spec = song.spec.stems[stem]
    return {"timeline": timeline, "source": plain(spec.source), "seed": stem, "sections": spec.sections or []}


def _players(song: ReadSong) -> list[Stem]:
    """The stems that play the reference."""
    return [stem for stem in song.spec.stems.values() if "reference" in stem.source.model_fields_set]


def _keys(song: ReadSong) -> list[tuple[str, int, int, str | None]]:
    """(section, start and end in frames, key) of every section, or of the song if it has none."""
    sections, key = song.timeline.sections, song.spec.key
    whole = [("song", 0, song.timeline.frames, key)]
    return [(s.name, s.start_frame, s.end_frame, s.key or key) for s in sections] or whole
