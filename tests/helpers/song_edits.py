"""Random single edits of random short songs, each with what a comparison must say."""

import copy
from dataclasses import dataclass, field

import numpy as np
from random_songs import random_song


@dataclass
class Truth:
    """What was edited: which tracks, in which bars (all, if None), and the kinds that say it; or a status."""

    what: str
    tracks: tuple = ()
    bars: set | None = None
    kinds: tuple = ()
    statuses: dict = field(default_factory=dict)


def _bars(song):
    """The bars of each section's name."""
    found, at = {}, 1
    for entry in song["sections"]:
        ((name, keys),) = entry.items()
        count = int(keys["length"].split()[0])
        found.setdefault(name, set()).update(range(at, at + count))
        at += count
    return found


def _section(song, rng):
    """A section's name and its bars."""
    bars = _bars(song)
    name = str(rng.choice(list(bars)))
    return name, bars[name]


def _stem(song, rng, names=()):
    return str(rng.choice([name for name in song["stems"] if not names or name in names]))


def _steps_at(song, name, inside, outside):
    """Points of an automation that has one value in a section and another in the others."""
    order = [next(iter(entry)) for entry in song["sections"]]
    return [
        {"at": each, "value": inside if each == name else outside, "curve": "step"}
        for each in dict.fromkeys(order)
    ]


def _change_step(pattern, rng):
    steps = list(pattern)
    at = int(rng.integers(0, len(steps)))
    steps[at] = "-" if steps[at] != "-" else "x"
    return "".join(steps)


def gain(song, rng, samples):
    stem = _stem(song, rng)
    change = float(rng.choice([-6, -3, -1, -0.5, 0.5, 1.5, 3]))
    song["stems"][stem]["gain_db"] += change
    return Truth(f"{stem}: gain {change:+g} dB", (stem,), None, ("level",))


def gain_in_section(song, rng, samples):
    stem, (name, bars) = _stem(song, rng), _section(song, rng)
    before = song["stems"][stem]["gain_db"]
    change = float(rng.choice([-6, -3, 1.5, 3]))
    song["stems"][stem]["gain_db"] = _steps_at(song, name, before + change, before)
    return Truth(f"{stem}: gain {change:+g} dB in {name}", (stem,), bars, ("level",))


def fade(song, rng, samples):
    stem, count = _stem(song, rng, ("bass", "lead", "drums")), int(rng.integers(1, 4))
    song["stems"][stem].setdefault("effects", []).append({"fade": {"fade_out": f"{count} bars"}})
    last = max(max(each) for each in _bars(song).values())
    return Truth(
        f"{stem}: fade out over {count} bars", (stem,), set(range(last - count + 1, last + 1)), ("level",)
    )


def pan(song, rng, samples):
    stem = _stem(song, rng)
    value = float(rng.choice([-0.7, -0.5, 0.5, 0.7]))
    song["stems"][stem]["pan"] = value
    return Truth(f"{stem}: pan {value}", (stem,), None, ("pan",))


def mute(song, rng, samples):
    stem, (name, bars) = _stem(song, rng), _section(song, rng)
    song["stems"][stem]["mute"] = [name]
    return Truth(f"{stem}: mute in {name}", (stem,), bars, ("mute",))


def polarity(song, rng, samples):
    stem = _stem(song, rng)
    song["stems"][stem].setdefault("effects", []).append({"polarity": {}})
    return Truth(f"{stem}: polarity", (stem,), None, ("polarity",))


def swing(song, rng, samples):
    drums = song["stems"]["drums"]["source"]["drums"]
    before = drums["swing"]
    drums["swing"] = float(rng.choice([v for v in (0.5, 0.56, 0.6, 0.66) if v != before]))
    swung = [
        n for n, pieces in drums["patterns"].items() if any(set(p[1::2]) - {"-"} for p in pieces.values())
    ]
    bars = set().union(*(_bars(song)[name] for name in swung))
    return Truth(f"drums: swing {before} -> {drums['swing']}", ("drums",), bars, ("timing",))


def late(song, rng, samples):
    stem = _stem(song, rng)
    ms = float(rng.choice([2, 5, 12, 20]))
    song["stems"][stem].setdefault("effects", []).append({"sample_delay": {"ms": ms}})
    return Truth(f"{stem}: {ms} ms later", (stem,), None, ("timing",))


def drum_pattern(song, rng, samples):
    name, bars = _section(song, rng)
    patterns = song["stems"]["drums"]["source"]["drums"]["patterns"][name]
    piece = str(rng.choice(list(patterns)))
    patterns[piece] = _change_step(patterns[piece], rng)
    return Truth(f"drums: {piece} {patterns[piece]} in {name}", ("drums",), bars, ("hits",))


def note(song, rng, samples):
    stem, (name, bars) = _stem(song, rng, ("bass", "lead")), _section(song, rng)
    part = song["stems"][stem]["source"]["play"]["parts"][name]["degrees"]
    notes = part["pattern"].split()
    at = int(rng.integers(0, 8))
    was_rest = notes[at] == "."
    notes[at] = str(rng.choice([n for n in ("1", "2", "3", "4", "5", "6", "7") if n != notes[at]]))
    part["pattern"] = " ".join(notes)
    return Truth(
        f"{stem}: note {at + 1} is {notes[at]} in {name}",
        (stem,),
        bars,
        ("hits",) if was_rest else ("notes",),
    )


def transpose(song, rng, samples):
    stem, (name, bars) = _stem(song, rng, ("bass", "lead")), _section(song, rng)
    part = song["stems"][stem]["source"]["play"]["parts"][name]["degrees"]
    part["octave"] += int(rng.choice([-1, 1]))
    return Truth(f"{stem}: octave {part['octave']} in {name}", (stem,), bars, ("pitch", "notes"))


def transpose_section(song, rng, samples):
    name, bars = _section(song, rng)
    by = int(rng.choice([-3, -2, 2, 3, 5]))
    for entry in song["sections"]:
        if name in entry:
            entry[name]["transpose"] = by
    stems = tuple(n for n in ("bass", "lead", "pad") if n in song["stems"])
    return Truth(f"{name}: transposed by {by}", stems, bars, ("pitch",))


def instrument(song, rng, samples):
    stem = _stem(song, rng, ("bass", "lead", "pad"))
    preset = song["stems"][stem]["source"]["play"]["instrument"]["preset"]
    others = {
        "bass": ["mini-bass", "finger-bass", "fm-bass", "acid-bass"],
        "lead": ["saw-lead", "square-lead", "nylon", "dx-bell"],
        "pad": ["prophet-pad", "juno-strings", "dx-piano"],
    }
    preset["name"] = str(rng.choice([n for n in others[stem] if n != preset["name"]]))
    return Truth(f"{stem}: {preset['name']}", (stem,), None, ("sound",))


def lowpass(song, rng, samples):
    stem = _stem(song, rng, ("drums", "bass", "lead", "pad", "loop"))
    effects = song["stems"][stem].setdefault("effects", [])
    found = [effect["lowpass"] for effect in effects if "lowpass" in effect]
    hz = int(rng.choice([600, 1_000, 1_400]))
    if found:
        found[0]["cutoff_hz"] = hz
    else:
        effects.append({"lowpass": {"cutoff_hz": hz}})
    return Truth(f"{stem}: lowpass at {hz} Hz", (stem,), None, ("tone",))


def eq(song, rng, samples):
    stem = _stem(song, rng, ("drums", "bass", "lead", "pad", "loop"))
    hz, db = int(rng.choice([200, 500, 1_000])), float(rng.choice([-6, -4, 4, 6]))
    band = {"peak": {"frequency_hz": hz, "gain_db": db, "q": 1.0}}
    song["stems"][stem].setdefault("effects", []).append({"eq": {"bands": [band]}})
    return Truth(f"{stem}: eq {db:+g} dB at {hz} Hz", (stem,), None, ("tone",))


def compressor(song, rng, samples):
    stem = _stem(song, rng, ("drums", "loop", "bass"))
    effects = song["stems"][stem].setdefault("effects", [])
    found = [effect["compressor"] for effect in effects if "compressor" in effect]
    if found:
        found[0]["ratio"] = 8
    else:
        effects.append({"compressor": {"threshold_db": -32, "ratio": 4}})
    return Truth(f"{stem}: compressor", (stem,), None, ("dynamics",))


def echo(song, rng, samples):
    stem = _stem(song, rng, ("drums", "lead", "loop"))
    mix = float(rng.choice([0.15, 0.3, 0.45]))
    song["stems"][stem].setdefault("effects", []).append(
        {"delay": {"delay_length": str(rng.choice(["1/8", "1/8.", "1/4"])), "feedback": 0.3, "mix": mix}}
    )
    return Truth(f"{stem}: echo {mix}", (stem,), None, ("ambience",))


def reverb(song, rng, samples):
    stem = _stem(song, rng, ("drums", "lead", "pad", "bass", "loop"))
    wet = float(rng.choice([0.1, 0.2, 0.35]))
    song["stems"][stem].setdefault("effects", []).append({"reverb": {"wet_level": wet, "room_size": 0.6}})
    return Truth(f"{stem}: reverb {wet}", (stem,), None, ("ambience",))


def effect(song, rng, samples):
    stem = _stem(song, rng, ("drums", "lead", "bass", "loop"))
    chosen = [
        {"saturation": {"drive_db": 12}},
        {"bitcrush": {"bit_depth": 6}},
        {"chorus": {"rate_hz": 0.8}},
        {"tremolo": {"rate_hz": 5}},
        {"distortion": {"drive_db": 15}},
        {"phaser": {"rate_hz": 0.5}},
    ][int(rng.integers(0, 6))]
    song["stems"][stem].setdefault("effects", []).append(chosen)
    return Truth(f"{stem}: {chosen}", (stem,), None, ("effect",))


def no_effect(song, rng, samples):
    """An effect removed: the lowpass of the lead, or the compressor of the bass."""
    having = [n for n in ("lead", "bass") if song["stems"][n].get("effects")]
    if not having:
        song["stems"]["lead"]["effects"] = [{"lowpass": {"cutoff_hz": 2500}}]
        return Truth("lead: lowpass", ("lead",), None, ("tone",))
    stem = str(rng.choice(having))
    (kind,) = song["stems"][stem].pop("effects")[0]
    return Truth(f"{stem}: no {kind}", (stem,), None, ("tone",) if kind == "lowpass" else ("dynamics",))


def stem_added(song, rng, samples):
    song["stems"]["new"] = {"source": {"tone": {"note": "E3", "level_db": -12}}, "gain_db": -20}
    return Truth("new: added", statuses={"new": "added"})


def stem_removed(song, rng, samples):
    stem = _stem(song, rng)
    del song["stems"][stem]
    used = {
        place for keys in song["stems"].values() for place in (keys.get("output"), *keys.get("sends", {}))
    }
    for bus in set(song.get("buses", {})) - used:
        del song["buses"][bus]
    return Truth(f"{stem}: removed", statuses={stem: "removed"})


def stem_renamed(song, rng, samples):
    stem = _stem(song, rng, ("hum", "loop"))
    song["stems"]["other"] = song["stems"].pop(stem)
    return Truth(f"{stem}: renamed", statuses={"other": "renamed"})


def kit(song, rng, samples):
    drums = song["stems"]["drums"]["source"]["drums"]
    kit = drums["kit"]["drum_kit"]
    if kit.get("variation", 1) and rng.random() < 0.5:
        drums["seed"] = int(rng.integers(1, 1_000))
    else:
        kit["variation"] = 1 - min(1, kit.get("variation", 1))
    return Truth(f"drums: kit {kit}, seed {drums.get('seed')}", ("drums",), None, ("sound",))


def sample(song, rng, samples):
    audio = song["stems"]["loop"]["source"]["audio"]
    audio["file"] = str(rng.choice(samples[1:]))
    return Truth(f"loop: {audio['file'][-10:]}", ("loop",), None, ("sound",))


def target(song, rng, samples):
    lufs = float(rng.choice([-20, -18, -14]))
    song["master"]["target"]["integrated_lufs"] = lufs
    return Truth(f"master: {lufs} LUFS", ("master",), None, ("master",))


def bus_gain(song, rng, samples):
    bus = str(rng.choice(list(song["buses"])))
    song["buses"][bus]["gain_db"] += float(rng.choice([-3, 2]))
    return Truth(f"{bus}: gain", (bus,), None, ("level",))


def bus_eq(song, rng, samples):
    bus = str(rng.choice(list(song["buses"])))
    song["buses"][bus]["effects"].append({"eq": {"bands": [{"peak": {"frequency_hz": 500, "gain_db": 6}}]}})
    return Truth(f"{bus}: eq", (bus,), None, ("tone",))


def rate(song, rng, samples):
    song["session"]["sample_rate"] = 11_025
    return Truth("session at 11.025 kHz", (), None, ("format",))


def subtype(song, rng, samples):
    song["delivery"]["subtype"] = str(rng.choice(["PCM_16", "FLOAT"]))
    return Truth(f"delivery: {song['delivery']['subtype']}", (), None, ("format",))


def bpm(song, rng, samples):
    song["bpm"] += int(rng.choice([-8, -3, 2, 6]))
    return Truth(f"song: {song['bpm']} bpm", (), None, ("tempo",))


def section_inserted(song, rng, samples):
    at = int(rng.integers(0, len(song["sections"]) + 1))
    entry = copy.deepcopy(song["sections"][int(rng.integers(0, len(song["sections"])))])
    song["sections"].insert(at, entry)
    return Truth(f"song: {next(iter(entry))} inserted as section {at + 1}", (), None, ("structure",))


def section_removed(song, rng, samples):
    entry = song["sections"].pop(int(rng.integers(0, len(song["sections"]))))
    gone = next(iter(entry))
    if all(gone not in each for each in song["sections"]):
        for keys in song["stems"].values():
            ((kind, source),) = keys["source"].items()
            parts = source.get("patterns" if kind == "drums" else "parts")
            if parts:
                parts.pop(gone, None)
    return Truth(f"song: {gone} removed", (), None, ("structure",))


def section_lengthened(song, rng, samples):
    entry = song["sections"][int(rng.integers(0, len(song["sections"])))]
    ((name, keys),) = entry.items()
    keys["length"] = f"{int(keys['length'].split()[0]) + int(rng.choice([1, 2]))} bars"
    return Truth(f"song: a {name} of {keys['length']}", (), None, ("structure",))


EDITS = (
    gain, gain_in_section, fade, pan, mute, polarity, swing, late, drum_pattern, note, transpose,
    transpose_section, instrument, lowpass, eq, compressor, echo, reverb, effect, no_effect, stem_added,
    stem_removed, stem_renamed, kit, sample, target, bus_gain, bus_eq, rate, subtype, bpm, section_inserted,
    section_removed, section_lengthened,
)  # fmt: skip
NEEDS = {"stem_renamed": ("hum", "loop"), "sample": ("loop",), "bus_gain": (), "bus_eq": ()}


def random_edit(seed, samples):
    """(a song, the song after one random edit, what was edited)."""
    rng = np.random.default_rng([11, seed])
    while True:
        song, edit = random_song(rng, samples), EDITS[seed % len(EDITS)]
        if edit.__name__.startswith("bus") and "buses" not in song:
            continue
        if edit.__name__ in ("stem_renamed", "sample") and not set(NEEDS[edit.__name__]) & set(song["stems"]):
            continue
        edited = copy.deepcopy(song)
        truth = edit(edited, rng, samples)
        if edited != song:
            return song, edited, truth
