"""What gates need to know of a song besides limits: plain data, for the kinds and gates that use it only.

Whatever stands here is a reason to check again: so there is nothing of the faders in a stem's facts, no tempo
where time plays no part.
"""

from __future__ import annotations

from collections.abc import Collection

from stemwright.mixing.faders import channel_gains
from stemwright.song.load import LoadedSong
from stemwright.song.model import Stem, plain
from stemwright.sources import Source
from stemwright.validation import registry

_RHYTHMIC = ("grid", "tempo")


def applies(song: LoadedSong, gate: str, kind: str, stem: str | None) -> bool:
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


def of(song: LoadedSong, kind: str, stem: str | None, gates: Collection[str]) -> dict:
    """The facts of an artifact of a kind; `stem` is whose it is, if any."""
    spec, facts = song.spec, {}
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
    if "null_test" in gates:
        facts["null"] = _null(song, kind, stem)
    if "duplicate" in gates:
        facts["duplicate"] = sorted(spec.stems)
    if "bandwidth" in gates and kind == "processed" and low_passed(song, stem):
        facts["bandwidth"] = {"effects": [plain(entry) for entry in spec.stems[stem].effects]}
    if spec.master.target and (kind == "master" or (kind == "delivered" and stem is None)):
        facts["target"] = spec.master.target.limits()
    if kind == "delivered":
        facts["integer"] = spec.delivery.subtype != "FLOAT"
    if kind == "archive":
        facts["archive"] = [
            song.files[None],
            *(song.files[s] for s in sorted(spec.stems) if song.delivered(s)),
        ]
    return facts


def source_of(song: LoadedSong, stem: str) -> Source:
    entry = song.spec.stems[stem].source
    (kind,) = entry.model_fields_set
    return getattr(entry, kind)


def _grid(song: LoadedSong, stem: str | None) -> dict:
    timeline = song.timeline.to_dict()
    if stem is None or not source_of(song, stem).rhythmic:
        return {"timeline": {**timeline, "sections": []}}
    spec = song.spec.stems[stem]
    return {"timeline": timeline, "source": plain(spec.source), "seed": stem, "sections": spec.sections or []}


def _players(song: LoadedSong) -> list[Stem]:
    """The stems that play the reference."""
    return [stem for stem in song.spec.stems.values() if "reference" in stem.source.model_fields_set]


def _keys(song: LoadedSong) -> list[tuple[str, int, int, str | None]]:
    """(section, start and end in frames, key as it sounds) of every section, or of the song if it has none."""
    spans = zip(song.timeline.sections_or_all, song.harmony, strict=True)
    return [(span.name or "song", span.start_frame, span.end_frame, harmony.key) for span, harmony in spans]


def low_passed(song: LoadedSong, stem: str) -> bool:
    return any("lowpass" in entry.model_fields_set for entry in song.spec.stems[stem].effects)


def gains(song: LoadedSong, stem: str) -> list[float]:
    """What a stem's fader and pan multiply each channel by."""
    spec: Stem = song.spec.stems[stem]
    return channel_gains(spec.gain_db, spec.pan, song.spec.session.channels)


def _null(song: LoadedSong, kind: str, stem: str | None) -> dict:
    """What adds up to what: the format of the whole, and gains and formats of its parts."""
    unity, subtype = [1.0] * song.spec.session.channels, song.spec.delivery.subtype
    if kind == "delivered":
        return {
            "subtype": subtype,
            "parts": [{"gains": gains(song, stem) if stem else unity, "subtype": "FLOAT"}],
        }
    parts = [
        {"gains": unity, "subtype": subtype}
        if kind == "archive" and song.delivered(name)
        else {"gains": gains(song, name), "subtype": "FLOAT"}
        for name in sorted(song.spec.stems)
    ]
    return {"subtype": "FLOAT", "parts": parts}
