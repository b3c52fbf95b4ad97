"""Steps: the buses, the mix and the master on the way of a signal, for jobs that take it through all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from stemwright.effects import Chain
from stemwright.graph import Graph, Input
from stemwright.mixing.faders import Faders
from stemwright.plan.stages._base import (
    chain_inputs,
    chain_params,
    level_inputs,
    paths_of,
    render_context,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX


def step_inputs(
    song: LoadedSong,
    chains: Mapping[str, Chain],
    starts: Collection[str],
    live: Collection[tuple[str, str]],
    graph: Graph,
) -> dict[str, list[Input]]:
    """What the effects and the faders of all steps read.

    Parameters
    ----------
    song, chains, starts, live
        As in `step_params`.
    graph : Graph
        The graph of the song.

    Returns
    -------
    dict of str to list
        The inputs by role.
    """
    faders = [path for feeds in _feeds(song, chains, starts, live).values() for path in feeds.values()]
    found: dict[str, list[Input]] = {"files": []}
    for entries in (*(chain_inputs(chain, graph) for chain in chains.values()), level_inputs(faders, graph)):
        for role, inputs in entries.items():
            found.setdefault(role, []).extend(inputs)
    return found


def _feeds(
    song: LoadedSong, chains: Mapping[str, Chain], starts: Collection[str], live: Collection[tuple[str, str]]
) -> dict[str, dict[str, Faders]]:
    """What comes into each step, through which faders; into what comes after the mix, the mix itself."""
    known, feeds = set(starts), dict[str, dict[str, Faders]]()
    after_mix = False
    for name in chains:
        if after_mix:
            feeds[name] = {MIX: Faders((), song.document.session.channels)}
        else:
            feeds[name] = {
                source: path
                for source, path in song.routing.feeds(name).items()
                if (source, name) in live and source in known
            }
        known.add(name)
        after_mix = after_mix or name == MIX
    return feeds


def step_params(
    song: LoadedSong, chains: Mapping[str, Chain], starts: Collection[str], live: Collection[tuple[str, str]]
) -> dict[str, Any]:
    """The steps as plain data.

    Parameters
    ----------
    song : LoadedSong
        The song.
    chains : mapping of str to Chain
        The effects of each step, in order: of buses, of the mix, which has none, and perhaps of what comes after it.
    starts : collection of str
        The stems or buses that come in.
    live : collection of (str, str)
        The ways that are open, as (source, destination).

    Returns
    -------
    dict
        `steps`, the roles of their files, and the render context.
    """
    steps = []
    files: list[str] = []
    side_chains: list[str] = []
    for name, feeds in _feeds(song, chains, starts, live).items():
        keys = chain_params(chains[name])
        files += (f"{name}.{role}" for role in keys["files"])
        side_chains += (f"{name}.{role}" for role in keys.get("side_chains", ()))
        steps.append({"name": name, "feeds": paths_of(feeds), "effects": keys["effects"]})
    return {
        "starts": sorted(starts),
        "steps": steps,
        "files": files,
        **({"side_chains": side_chains} if side_chains else {}),
        "context": render_context(song, any(chain.needs_timeline for chain in chains.values())),
    }


def all_effects(chains: Mapping[str, Chain]) -> Chain:
    """The effects of all steps, for their code and their libraries."""
    return Chain([effect for chain in chains.values() for effect in chain.effects])
