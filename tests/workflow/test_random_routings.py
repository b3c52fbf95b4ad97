"""Songs with routings drawn at random: what is delivered adds up to the mix or to the master, and every bus to its parts."""

import json

import numpy as np
import pytest
import soundfile as sf
from workdirs import Workdir

RATE = 8_000
LINEAR = [
    {"highpass": {"cutoff_hz": 90}},
    {
        "eq": {
            "bands": [
                {"peak": {"frequency_hz": 700, "gain_db": 4}},
                {"high_shelf": {"frequency_hz": 2_000, "gain_db": -5}},
            ]
        }
    },
    {"delay": {"delay_length": "1/8", "feedback": 0.4, "mix": 0.3}},
    {"delay": {"delay_seconds": 0.11, "feedback": 0.3, "ping_pong": True, "lowpass_hz": 2_500}},
    {"reverb": {"room_size": 0.6, "wet_level": 0.4, "dry_level": 0.3}},
    {"tremolo": {"length": "1/8", "depth": 0.5}},
    {"auto_pan": {"length": "1/2"}},
    {"width": {"width": 0.6}},
    {"polarity": {"channel": "left"}},
    {"gain": {"gain_db": [{"at": "bar 1", "value": -6}, {"at": "bar 2", "value": 3}]}},
]
DYNAMIC = [
    {"compressor": {"threshold_db": -24, "ratio": 4, "attack_ms": 3}},
    {"compressor": {"threshold_db": -30, "ratio": 2, "link": False}},
    {"limiter": {"ceiling_db": -12}},
    {"limiter": {"ceiling_db": -15, "true_peak": False}},
]
NONLINEAR = [{"saturation": {"drive_db": 8}}, {"distortion": {"drive_db": 6}}]


def drawn_fader(rng, low=-12.0):
    kind = rng.integers(4)
    if kind == 0:
        return [{"at": "bar 1", "value": low}, {"at": "b", "value": 0, "curve": "exponential"}]
    if kind == 1:
        return {"value": -8, "lfo": {"length": "1/4", "depth": 3}}
    return round(float(rng.uniform(low, 3)), 2)


def drawn_song(seed):
    """A song of three to six stems and one to four buses. All its draws follow from the seed."""
    rng = np.random.default_rng(seed)
    stems = [f"s{i}" for i in range(rng.integers(3, 7))]
    buses = [f"b{i}" for i in range(rng.integers(1, 5))]
    is_printed, is_mastered = bool(seed % 2), bool(seed // 2 % 2)

    def effects(count, kinds):
        return [kinds[rng.integers(len(kinds))] for _ in range(rng.integers(0, count + 1))]

    song = {
        "bpm": int(rng.integers(90, 180)),
        "sections": [{"a": "1 bar"}, {"b": "1 bar"}],
        "stems": {},
        "buses": {},
        "session": {
            "sample_rate": RATE,
            "pan_law": str(rng.choice(["balance", "-3 dB", "-4.5 dB", "-6 dB"])),
        },
        "master": {
            "effects": effects(2, LINEAR[:2] + DYNAMIC[:2]),
            "target": {"integrated_lufs": round(float(rng.uniform(-27, -8)), 1), "severity": "warn"},
        },
        "delivery": {
            "subtype": str(rng.choice(["FLOAT", "PCM_24", "PCM_16"])),
            "stems": {
                "buses": "printed" if is_printed else "separate",
                "through": "master" if is_mastered else "mix",
            },
        },
    }
    order = [*stems, *buses]  # a route goes only forwards in it, so that there is no circle
    for index, name in enumerate(order):
        ahead = [bus for bus in buses if order.index(bus) > index]
        in_bus = name in buses and is_printed
        strip = {
            "effects": effects(2, LINEAR + DYNAMIC + ([] if in_bus else NONLINEAR)),
            "gain_db": drawn_fader(rng),
            "pan": round(float(rng.uniform(-1, 1)), 2),
        }
        if index and rng.integers(3) == 0:
            strip["effects"].append(
                {"compressor": {"threshold_db": -30, "ratio": 6, "key": order[rng.integers(index)]}}
            )
        if ahead and rng.integers(2):
            strip["output"] = str(rng.choice(ahead))
        sends = [bus for bus in ahead if bus != strip.get("output") and rng.integers(2)]
        if sends:
            strip["sends"] = {
                bus: {"gain_db": drawn_fader(rng), "pre_fader": bool(rng.integers(2))} for bus in sends
            }
        if rng.integers(4) == 0:
            strip["mute"] = ["a"] if rng.integers(2) else [{"at": "bar 2 beat 2", "mute": True}]
        if name in stems:
            strip["source"] = {"audio": {"file": f"audio/{seed}-{name}.wav"}}
        song["stems" if name in stems else "buses"][name] = strip
    song["stems"]["s0"]["output"] = "mix"
    fed = {strip.get("output") for strip in [*song["stems"].values(), *song["buses"].values()]}
    for strip in [*song["stems"].values(), *song["buses"].values()]:
        fed |= set(strip.get("sends", {}))
    for bus in set(buses) - fed:  # what nothing goes to is a mistake
        song["stems"]["s0"].setdefault("sends", {})[bus] = -6
    return song


def write_sounds(path, seed, stems):
    """Bursts of noise, each stem its own."""
    rng = np.random.default_rng(1_000 + seed)
    (path / "audio").mkdir(exist_ok=True)
    for name in stems:
        envelope = np.exp(-(np.arange(3 * RATE) % int(rng.integers(900, 3_000))) / rng.uniform(200, 1_500))
        noise = rng.normal(0, 0.15, (3 * RATE, 2)) * envelope[:, None]
        sf.write(path / f"audio/{seed}-{name}.wav", noise, RATE, "FLOAT")


def built(tmp_path, code, seeds):
    work = Workdir(tmp_path, code)
    off = (
        "plr",
        "edges",
        "dropout",
        "click",
        "stereo",
        "mono_fold_down",
        "balance",
        "imports",
        "dc",
        "silence",
    )
    gates = {**dict.fromkeys(off, False), "clipping": {"severity": "warn"}, "true_peak": {"severity": "warn"}}
    work.write("config.yaml", {"songs": [f"r{seed}" for seed in seeds], "gates": gates})
    for seed in seeds:
        song = drawn_song(seed)
        work.write(f"songs/r{seed}.yaml", song)
        write_sounds(work.path, seed, song["stems"])
    work.snakemake()
    return work


def residuals(work):
    """(file, residual in dBFS, its bound) of every null test of a build."""
    for sentinel in sorted(work.path.glob("build/**/*.ok")):
        for check in json.loads(sentinel.read_text())["checks"]:
            if check["id"] == "null" and check["measured"] != "-inf":
                yield sentinel.stem, check["measured"], float(check["limit"].split()[1])


def adds_up(work, seed):
    """The sum of what is delivered against the mix or the master, read here and not by our gate."""
    song, home = drawn_song(seed), work / f"build/r{seed}"
    whole, _ = sf.read(home / ("{0}/{0}.wav".format(song["delivery"]["stems"]["through"])))
    files = [path for path in (home / "delivery").glob("*.wav") if not path.stem.endswith("_master")]
    total = sum(sf.read(path)[0] for path in files)
    step = {"FLOAT": 2.0**-22, "PCM_24": 2.0**-22, "PCM_16": 2.0**-14}[song["delivery"]["subtype"]]
    return np.abs(total - whole).max() / (step * len(files))


@pytest.mark.parametrize("seeds", [[3], pytest.param([*range(10, 17), 46], marks=pytest.mark.long)], ids=len)
def test_stems_and_returns_add_up(tmp_path, code, seeds):
    work = built(tmp_path, code, seeds)
    assert len(list(residuals(work))) > 2 * len(seeds)
    for seed in seeds:
        assert adds_up(work, seed) < 1
