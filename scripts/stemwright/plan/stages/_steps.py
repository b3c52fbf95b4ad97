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
from stemwright.song.selection import Flow, FlowStep


def flow_through(
    song: LoadedSong, chains: Mapping[str, Chain], starts: Collection[str], live: Collection[tuple[str, str]]
) -> Flow:
    """How stems or buses come through buses to the mix, and to what comes after it.

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
    Flow
    """
    known, steps = set(starts), dict[str, FlowStep]()
    after_mix = False
    for name, effects in chains.items():
        if after_mix:
            feeds = {MIX: Faders((), song.document.session.channels)}
        else:
            feeds = {
                source: path
                for source, path in song.routing.feeds(name).items()
                if (source, name) in live and source in known
            }
        steps[name] = FlowStep(name, feeds, effects)
        known.add(name)
        after_mix = after_mix or name == MIX
    return Flow(sorted(starts), steps)


def step_inputs(flow: Flow, graph: Graph) -> dict[str, list[Input]]:
    """What the effects and the faders of all steps read, by role."""
    faders = [path for step in flow.steps.values() for path in step.feeds.values()]
    found: dict[str, list[Input]] = {"files": []}
    chains = (chain_inputs(step.effects, graph) for step in flow.steps.values())
    for entries in (*chains, level_inputs(faders, graph)):
        for role, inputs in entries.items():
            found.setdefault(role, []).extend(inputs)
    return found


def step_params(song: LoadedSong, flow: Flow) -> dict[str, Any]:
    """The steps as plain data: `starts`, `steps`, the roles of their files, and the render context."""
    steps = []
    files: list[str] = []
    side_chains: list[str] = []
    for name, step in flow.steps.items():
        keys = chain_params(step.effects)
        files += (f"{name}.{role}" for role in keys["files"])
        side_chains += (f"{name}.{role}" for role in keys.get("side_chains", ()))
        steps.append({"name": name, "feeds": paths_of(step.feeds), "effects": keys["effects"]})
    return {
        "starts": flow.starts,
        "steps": steps,
        "files": files,
        **({"side_chains": side_chains} if side_chains else {}),
        "context": render_context(song, all_effects(flow).needs_timeline),
    }


def curve_inputs(flow: Flow, graph: Graph) -> list[Input]:
    """The gain curves of the steps that have some, in their order."""
    strips = [step.strip for step in flow.steps.values() if step.strip in graph.names("gains")]
    return [graph.get("gains", strip) for strip in strips]


def all_effects(flow: Flow) -> Chain:
    """The effects of all steps, for their code and their libraries."""
    return Chain([effect for step in flow.steps.values() for effect in step.effects.effects])
