"""What jobs are given of what a song plays: its scores, its notes as they sound, and its annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from stemwright.graph import Artifact, Input
from stemwright.music.harmony.harte import harte
from stemwright.plan.fingerprint import fingerprint, script
from stemwright.plan.stages._base import file_roles, source_files, without_paths
from stemwright.song.loaded import LoadedSong
from stemwright.sources import Source

NOTES_SCRIPT, ANNOTATIONS_SCRIPT = "write_notes", "write_annotations"

TABLES = ("beats.csv", "downbeats.csv", "sections.csv", "chords.lab", "keys.csv", "tempo.csv")
"""The tables beside the JAMS file of a song: what follows its name, and `_`."""


def score_params(song: LoadedSong, stem: str, name: str, score: Source) -> dict[str, Any]:
    """A score as plain data: its source, the sections that it sounds in, and the harmony that it plays.

    Parameters
    ----------
    song : LoadedSong
        The song.
    stem, name : str
        The stem, and the name of the track or the layer.
    score : Source
        What its notes depend on.

    Returns
    -------
    dict
    """
    ((kind, keys),) = score.entry().items()
    uses = [score.uses(section.name) for section in song.timeline.sections_or_all]
    harmony = [each.to_dict(used) for each, used in zip(song.harmony, uses, strict=True)]
    sections = song.document.stems[stem].sections
    return {
        "name": name,
        "source": {kind: without_paths(keys, score)},
        "files": file_roles(score),
        "harmony": harmony if any(uses) else [],
        "sections": sorted(sections) if sections else None,
    }


def score_tools(name: str, scores: Iterable[Source]) -> dict[str, Any]:
    """The tools of a job of that script that reads scores."""
    modules = {module for score in scores for module in (type(score).__module__, *score.modules())}
    return fingerprint([script(name)], sorted(modules))


def noted(song: LoadedSong) -> list[str]:
    """The stems that play notes, in order."""
    return [stem for stem in song.stems if song.source(stem).performances()]


def notes_inputs(song: LoadedSong, stem: str) -> dict[str, Sequence[Input]]:
    """What the job that writes the notes of a stem reads: the MIDI files that it plays from."""
    return {"files": [file for score in _performed(song, stem) for file in source_files(score)]}


def notes_params(song: LoadedSong, stem: str) -> dict[str, Any]:
    """What that job is given: the timeline, and what of the stem its notes depend on."""
    performances = [
        {**score_params(song, stem, layer, source), "seed": f"{stem}/{layer}" if layer else stem}
        for layer, source in song.source(stem).performances()
    ]
    return {"timeline": song.timeline.to_dict(), "performances": performances}


def notes_tools(song: LoadedSong, stem: str) -> dict[str, Any]:
    """The tools of that job."""
    return score_tools(NOTES_SCRIPT, _performed(song, stem))


def annotations_params(song: LoadedSong) -> dict[str, Any]:
    """What the job that writes the annotations of a song is given, besides the notes of its stems, in this order."""
    document = song.document
    stems = [
        {"name": stem, "instrument": ", ".join(song.instruments[stem]), "is_drums": _is_drums(song, stem)}
        for stem in noted(song)
    ]
    return {
        "timeline": song.timeline.to_dict(),
        "has_tempo": document.bpm is not None,
        "title": document.title or song.short_name,
        "artist": document.artist,
        "keys": [each.key for each in song.harmony],
        "chords": [
            [str(chord.start), str(chord.end), harte(chord, each.key)]
            for each in song.harmony
            for chord in each.chords
        ],
        "stems": stems,
    }


def annotation_files(folder: str, name: str) -> dict[str, str]:
    """The further files of the job that writes `NAME.jams` to a folder, by role."""
    tables = {f"{each.partition('.')[0]}_table": f"{folder}/{name}_{each}" for each in TABLES}
    return {"midi": f"{folder}/{name}.mid", **tables}


def annotations_tools() -> dict[str, Any]:
    """The tools of that job."""
    return fingerprint([script(ANNOTATIONS_SCRIPT)])


def annotations_inputs(notes: Sequence[Artifact]) -> dict[str, Sequence[Input]]:
    """What that job reads."""
    return {"notes": notes}


def _performed(song: LoadedSong, stem: str) -> Iterator[Source]:
    for _, source in song.source(stem).performances():
        yield source


def _is_drums(song: LoadedSong, stem: str) -> bool:
    """Whether all that a stem plays is drums."""
    return all("drums" in source.entry() for source in _performed(song, stem))
