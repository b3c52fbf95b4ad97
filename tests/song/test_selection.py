"""What is heard in a version, against a list of all ways from stems to the mix."""

import random

import pytest
import yaml

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.routing import MIX, edges
from stemwright.song.selection import PRIME, flow_of, heard, named, ways_of
from stemwright.song.versions import Version

SENDS = {"hall": -6}
SONG = {
    "bpm": 120,
    "length": "1 bar",
    "stems": {
        "kick": {"output": "drums"},
        "snare": {"output": "drums", "sends": SENDS},
        "bass": {},
        "vocals": {"sends": SENDS},
        "old": {"mute": True, "sends": SENDS},
    },
    "buses": {"drums": {"output": "band"}, "band": {}, "hall": {"effects": [{"reverb": {}}]}},
}


def loaded(tmp_path, song):
    for stem in song["stems"].values():
        stem["source"] = {"tone": {"note": "A2"}}
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(song), encoding="utf-8")
    return load_song("x", load_house({"songs": ["x"]}, []), str(tmp_path / "x.yaml"))


@pytest.mark.parametrize(
    ("version", "whole", "part", "none"),
    [
        ({"without": ["vocals"]}, "kick snare bass drums band", "hall mix", "vocals"),
        ({"only": ["vocals"]}, "vocals", "hall mix", "kick snare bass drums band"),
        # A bus stands for all whose output it is, on all their ways: of the drums, no room is left.
        ({"without": ["drums"]}, "bass vocals", "hall mix", "kick snare drums band"),
        ({"only": ["band"]}, "kick snare drums band", "hall mix", "bass vocals"),
        ({"without": ["hall"]}, "kick snare bass vocals drums band", "mix", "hall"),
        ({"only": ["hall"]}, "hall", "mix", "kick snare bass vocals drums band"),
        ({}, "kick snare bass vocals drums band hall mix", "", ""),
    ],
)
def test_what_is_heard(tmp_path, version, whole, part, none):
    found = heard(loaded(tmp_path, SONG).routing, Version(**version))
    expected = {"whole": whole, "part": part, "none": none}
    for state, names in expected.items():
        assert {name for name in found if found[name] == state and name != "old"} == set(names.split())


def test_a_whole_bus_is_taken_as_it_is(tmp_path):
    """So an edit of what is left out is no reason to make it again. A version that is cut has no bus as it is."""
    song = loaded(tmp_path, SONG)
    effects = {bus: song.effects(bus) for bus in song.document.buses}

    def flow(version, cut):
        found = flow_of(song.routing, Version(**version), effects, cut)
        return list(found.starts), {name: sorted(step.feeds) for name, step in found.steps.items()}

    starts, steps = flow({"without": ["vocals"]}, False)
    assert starts == ["band", "bass", "snare"]  # what is muted is not among them
    assert set(steps) == {"hall", "mix"} and steps["mix"] == ["band", "bass", "hall"]
    assert flow({"only": ["hall"]}, False) == (["hall"], {"mix": ["hall"]})
    starts, steps = flow({"only": ["hall"]}, True)
    assert starts == ["snare", "vocals"] and list(steps) == ["hall", "mix"]
    # The hall hears all of the snare's bus, of which the mix hears a part.
    song.document.buses["drums"].sends["hall"] = song.document.stems["snare"].sends["hall"]
    routing = type(song.routing)(song.document, song.timeline)
    found = flow_of(routing, Version(only=["hall", "kick"]), effects, True)
    assert list(found.steps) == ["drums", "band", "drums:whole", "hall", "mix"]
    assert sorted(found.steps["drums:whole"].feeds) == ["kick", "snare"]
    assert sorted(found.steps["drums"].feeds) == ["kick"]


def ways(song, names):
    """Every way to the mix that touches one of some names."""
    following = {}
    for _, source, to in edges(song):
        following.setdefault(source, []).append(to)

    def on(way):
        if way[-1] == MIX:
            yield way
        else:
            for to in following.get(way[-1], ()):
                yield from on((*way, to))

    return {way for stem in song.stems for way in on((stem,)) if names & set(way)}


def test_complements_have_all_ways_and_none_twice(tmp_path):
    rng = random.Random(4)
    found = set()
    for _ in range(10):
        buses = [f"b{n}" for n in range(4)]
        nodes = {}
        for at, name in enumerate(["s0", "s1", "s2", *buses]):
            later = [*buses[max(0, at - 2) :], "mix"]
            output = rng.choice(later)
            sends = [bus for bus in later[:-1] if bus != output and rng.random() < 0.3]
            nodes[name] = {"output": output, "sends": dict.fromkeys(sends, -6)}
        fed = {to for keys in nodes.values() for to in (keys["output"], *keys["sends"])}
        stems = {name: nodes[name] for name in ("s0", "s1", "s2")}
        if not set(buses) <= fed or "mix" not in fed:
            continue
        song = loaded(
            tmp_path, {"bpm": 120, "length": "1 bar", "stems": stems, "buses": {b: nodes[b] for b in buses}}
        )
        document = song.document
        every = ways(document, set(nodes))
        kinds = [(key, rng.sample(sorted(nodes), rng.randint(1, 3))) for key in ("only", "without") * 4]
        versions = [Version(**{key: names}) for key, names in kinds]
        sides = []
        for version in versions:
            touched = ways(document, named(document, version))
            sides.append(touched if version.only else every - touched)
        for one, ours in zip(versions, sides, strict=True):
            for other, theirs in zip(versions, sides, strict=True):
                (first, whole), (second, _) = ways_of(song.routing, one), ways_of(song.routing, other)
                is_complement = ours | theirs == every and not ours & theirs
                assert ((first + second - whole) % PRIME == 0) == is_complement
                found.add(is_complement)
    assert found == {True, False}
