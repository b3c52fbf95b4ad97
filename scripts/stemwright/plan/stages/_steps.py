"""Steps: the buses, the mix and the master on the way of a signal, for jobs that take it through all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from stemwright.effects import Chain
from stemwright.graph import Graph, Input
from stemwright.plan.stages._base import (
    chain_inputs,
    chain_params,
    paths_of,
    render_context,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX


def step_inputs(chains: Mapping[str, Chain], graph: Graph) -> dict[str, list[Input]]:
    """What the effects of all steps read, by role."""
    found: dict[str, list[Input]] = {"files": []}
    for chain in chains.values():
        for role, entries in chain_inputs(chain, graph).items():
            found.setdefault(role, []).extend(entries)
    return found


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
    known, steps = set(starts), []
    after_mix = False
    files: list[str] = []
    side_chains: list[str] = []
    for name, chain in chains.items():
        feeds = {MIX: {}} if after_mix else paths_of(song.routing.feeds(name))
        keys = chain_params(chain)
        files += (f"{name}.{role}" for role in keys["files"])
        side_chains += (f"{name}.{role}" for role in keys.get("side_chains", ()))
        heard = {source: path for source, path in feeds.items() if after_mix or (source, name) in live}
        steps.append(
            {
                "name": name,
                "feeds": {source: path for source, path in heard.items() if source in known},
                "effects": keys["effects"],
            }
        )
        known.add(name)
        after_mix = after_mix or name == MIX
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
