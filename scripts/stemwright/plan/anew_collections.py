"""What rules read of albums and datasets, worked out anew: imported only when something is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stemwright.plan.collection import AlbumPlan, CollectionPlan, DatasetPlan
from stemwright.plan.jobs import Plan
from stemwright.song.house import HouseRules
from stemwright.song.load_album import check_songs, load_album, read_album
from stemwright.song.load_dataset import load_dataset, read_dataset

__all__ = ["check_songs", "read_album"]


def collection_plan(
    kind: str, name: str, rules: HouseRules, file: str, results: str, songs: Mapping[str, Plan]
) -> CollectionPlan:
    """The plan of an album or a dataset.

    Parameters
    ----------
    kind, name : str
        `album` or `dataset`, and its name.
    rules : HouseRules
        The house rules.
    file : str
        The path of its YAML file.
    results : str
        The output root.
    songs : mapping of str to Plan
        The plans of its songs, by name.

    Returns
    -------
    CollectionPlan
    """
    loaded = {song: plan.song for song, plan in songs.items()}
    if kind == "album":
        return AlbumPlan(load_album(read_album(name, rules, file), loaded), results, songs)
    rows = {song: rules.songs.rows[song].values for song in songs if song in rules.songs.rows}
    return DatasetPlan(load_dataset(read_dataset(name, rules, file), loaded, rows), results, songs)


def collection_lines(plan: CollectionPlan) -> list[str]:
    """The plan of an album or a dataset as lines."""
    title = plan.song.document.title or plan.song.name
    return plan.lines({"title": title, "warnings": [], "doubts_of_table": [], "strips": [], "solo": []})


def songs_of_collection(
    kind: str, name: str, rules: HouseRules, file: str, known: Sequence[str]
) -> list[str]:
    """The songs of an album; of a dataset, those that are among the `known` ones, or all of these if it names none.

    Parameters
    ----------
    kind, name, rules, file
        As in `collection_plan`.
    known : sequence of str
        The songs of the run; none, if only the file is to be checked.

    Returns
    -------
    list of str
    """
    if kind == "album":
        return read_album(name, rules, file).songs
    dataset = read_dataset(name, rules, file)
    return dataset.songs(known) if known else []
