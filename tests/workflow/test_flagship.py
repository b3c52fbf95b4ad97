"""The flagship answers its brief: every line of how such a delivery is judged, read from its zip alone.

The measurements are plain textbook ones, none of them ours. Only the recording that the client supplied is read besides.
"""

import hashlib
import json
import shutil
import struct
import zipfile
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf
from workdirs import ROOT, Workdir, once

pytestmark = pytest.mark.long

SONG = "praia-neon"
STEMS = ("Guitars", "Synths", "Bridge", "Bass")
RATE, BPM = 48_000, 140
BAR = 4 * 60 / BPM
BRIDGE, BACK = 48 * BAR, 64 * BAR  # 82.286 and 109.714 s
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@pytest.fixture(scope="module")
def built(tmp_path_factory, code):
    """A folder with the flagship alone, built from what is in the repository."""

    def build(folder):
        work = Workdir(folder, code)
        config = (ROOT / "config.yaml").read_text().replace("  - five-stems\n  - first-light\n", "")
        work.write("config.yaml", config)
        shutil.copytree(ROOT / "songs", work / "songs", ignore=shutil.ignore_patterns("drums.wav"))
        for name in ("scripts", "environment.yml"):  # which the rule of the drums names
            (work / name).symlink_to(code / name)
        work.snakemake()

    return Workdir(once(tmp_path_factory, "flagship", build), code)


@pytest.fixture(scope="module")
def archive(built):
    with zipfile.ZipFile(built / f"build/{SONG}/{SONG}.zip") as archive:
        yield archive


@pytest.fixture(scope="module")
def audio(archive):
    """The samples of each file by name of its stem or `Master`, float32, shape (frames, 2)."""
    names = [*STEMS, "Master"]
    return {name: sf.read(archive.open(f"{SONG}_{name}.wav"), dtype="float32")[0] for name in names}


@pytest.fixture(scope="module")
def mono(audio):
    return {name: samples.mean(axis=1) for name, samples in audio.items()}


@pytest.fixture(scope="module")
def manifest(archive):
    return json.loads(archive.read("manifest.json"))


@pytest.fixture(scope="module")
def supplied(built):
    """The client's drum recording, mono."""
    return sf.read(built / f"songs/{SONG}/drums.wav", dtype="float32")[0].mean(axis=1)


def seconds(samples, start, end):
    return samples[round(start * RATE) : round(end * RATE)]


def db(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-30)


def riff(data):
    """The chunks of a WAV file by name, in order: the bytes of the small ones, the size of the others."""
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE"
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    chunks, at = {}, 12
    while at < len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        chunks[name.decode()] = data[at + 8 : at + 8 + size] if size < 1_000 else size
        at += 8 + size + size % 2
    return chunks


# The reference: it behaves as the brief says


def test_the_drum_recording_is_like_a_clients(built, supplied):
    chunks = riff((built / f"songs/{SONG}/drums.wav").read_bytes())
    assert list(chunks) == ["fmt ", "LIST", "data"]
    assert struct.unpack("<HHI", chunks["fmt "][:8]) == (1, 2, RATE) and chunks["fmt "][14] == 24
    assert chunks["data"] == 6_582_858 * 6
    stereo = sf.read(built / f"songs/{SONG}/drums.wav")[0]
    assert abs(20 * np.log10(np.abs(stereo).max()) + 7) < 0.01
    assert not seconds(stereo, 0, 3.4).any()
    assert db(seconds(supplied, 3.5, 12)) < db(seconds(supplied, 14, 22)) - 25
    first = np.argmax(np.abs(supplied) > 0.5 * np.abs(supplied).max()) / RATE
    assert 0 <= first - (7 * BAR + 3 * BAR / 4) < 0.01  # the fourth beat of bar 8


# One zip, five WAVs at its top level, clearly named; none missing or corrupt


def test_one_zip_with_five_wavs_at_its_top_level(archive):
    names = archive.namelist()
    assert sorted(n for n in names if n.endswith(".wav")) == sorted(
        f"{SONG}_{name}.wav" for name in (*STEMS, "Master")
    )
    assert not any("/" in name for name in names)
    assert archive.testzip() is None
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert {*sums} == {*names} - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


@pytest.mark.parametrize("name", [*STEMS, "Master"])
def test_48_khz_float_of_24_bits_in_each_header(archive, audio, name):
    chunks = riff(archive.read(f"{SONG}_{name}.wav"))
    kind, channels, rate = struct.unpack("<HHI", chunks["fmt "][:8])
    assert (kind, channels, rate, chunks["fmt "][14]) == (3, 2, RATE, 32)  # IEEE float
    scaled = audio[name].astype(np.float64) * 2**23
    assert np.array_equal(scaled, np.rint(scaled))


def test_all_are_equally_long(audio):
    (frames,) = {len(samples) for samples in audio.values()}
    assert 2 * 60 + 14 <= frames / RATE <= 2 * 60 + 20
    assert abs(frames - 80 * BAR * RATE) <= 1


# Made to the reference, in time


def lag(whole, part):
    """Seconds by which `part` lies late in `whole`, within 2 s, by cross-correlation of what is above 4 kHz."""
    size = 1 << (2 * len(part)).bit_length()
    band = np.fft.rfftfreq(size, 1 / RATE) > 4_000
    a, b = (np.fft.rfft(samples, size) * band for samples in (whole, part))
    answer = np.fft.irfft(a * b.conj(), size)
    near = np.concatenate([answer[-2 * RATE :], answer[: 2 * RATE]])
    return (np.argmax(np.abs(near)) - 2 * RATE) / RATE


def test_the_drums_of_the_master_are_the_references(mono, supplied):
    head, tail = (
        lag(seconds(mono["Master"], start, start + 8), seconds(supplied, start, start + 8))
        for start in (13, 126)
    )
    assert abs(head) <= 0.010 and abs(tail) <= 0.010 and abs(tail - head) <= 0.010
    moved = np.roll(supplied, 1_000)
    assert lag(seconds(mono["Master"], 13, 21), seconds(moved, 13, 21)) < -0.010


def test_the_tempo(mono):
    """The strongest pulse of its attacks, over the whole song, among all tempos from 100 to 180."""
    hop = 480
    power = np.square(mono["Master"][: len(mono["Master"]) // hop * hop]).reshape(-1, hop).sum(axis=1)
    attacks = np.maximum(0, np.diff(np.log(power + 1e-4)))
    t = np.arange(1, len(power)) * hop / RATE
    tempos = np.arange(100, 180, 0.1)
    turns = np.exp(-2j * np.pi / 60 * np.outer(tempos, t))
    pulse = sum(np.abs(turns**n @ (attacks - attacks.mean())) for n in (1, 2, 4))
    assert abs(tempos[np.argmax(pulse)] - BPM) <= 1


# Keys, and the bridge


MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
"""The key profile of Krumhansl and Kessler (1982)."""


def chroma(samples, size):
    """How strong each pitch class is, from C, in windows of `size` frames."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    strength = np.abs(np.fft.rfft(windows * np.hanning(size).astype(np.float32), axis=1)).sum(axis=0)
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    heard = (hertz > 120) & (hertz < 1_500)
    return np.bincount(np.rint(69 + 12 * np.log2(hertz[heard] / 440)).astype(int) % 12, strength[heard], 12)


def major_key(samples):
    """The major key whose profile fits the pitch classes of a stretch best."""
    found = chroma(samples, 1 << 15)
    return NOTES[int(np.argmax([np.corrcoef(np.roll(MAJOR, tonic), found)[0, 1] for tonic in range(12)]))]


def in_a_flat(samples):
    """Whether more of a stretch is in A flat major alone (Ab, Bb, Db, Eb) than in G major alone (A, B, D, E, F#)."""
    found = chroma(samples, 1 << 14)
    return found[[8, 10, 1, 3]].sum() > found[[9, 11, 2, 4, 6]].sum()


def test_the_key_before_the_bridge_in_it_and_after_it(mono):
    music = mono["Master"]
    for start, end in pairwise((0, 16 * BAR, 32 * BAR, 47 * BAR)):
        assert major_key(seconds(music, start, end)) == "G"
    for start, end in pairwise((BRIDGE, BRIDGE + 8 * BAR, BACK)):
        assert major_key(seconds(music, start, end)) == "Ab"
    for start, end in pairwise((BACK, 72 * BAR, 80 * BAR)):
        assert major_key(seconds(music, start, end)) == "G"


def test_it_goes_up_and_comes_back_on_the_bar(mono):
    up = [bar for bar in range(1, 81) if in_a_flat(seconds(mono["Master"], (bar - 1) * BAR, bar * BAR))]
    assert up == [*range(49, 65)]


def test_the_bridge_stem_sounds_in_the_bridge_alone(mono, manifest):
    stem = mono["Bridge"]
    heard = np.flatnonzero(np.abs(stem) > 1e-3) / RATE
    assert abs(heard[0] - BRIDGE) < 0.05 and BACK - 1 < heard[-1] < BACK + 2  # the echo's last
    assert not seconds(stem, 0, BRIDGE - 0.01).any() and np.abs(seconds(stem, BACK + 10, 138)).max() < 1e-4
    (section,) = (s for s in manifest["sections"] if s["name"] == "bridge")
    assert (
        abs(section["start"]["seconds"] - 82.286) < 0.001 and abs(section["end"]["seconds"] - 109.714) < 0.001
    )


# Effects, notes, sums


def test_a_time_based_effect_is_heard_and_named(archive, mono):
    """After the bridge's last note is over, its echo goes on: a dotted eighth later again, and weaker."""
    notes = archive.read("README.txt").decode()
    assert "delay" in notes and "reverb" in notes and "echo" in notes
    echo = BAR * 3 / 16
    tail = [db(seconds(mono["Bridge"], BACK + 1.0 + n * echo, BACK + 1.0 + (n + 1) * echo)) for n in range(4)]
    assert tail[0] > -75 and all(3 < a - b < 20 for a, b in pairwise(tail))


def test_the_notes_name_what_the_brief_asks_for(archive, manifest):
    notes = archive.read("README.txt").decode()
    assert manifest["notes"].strip() in notes
    for word in ("Minimoog", "DX", "Prophet", "ARP 2600", "No vocals", "drum reference", "140 BPM"):
        assert word in manifest["notes"]


def test_the_stems_add_up_to_the_master_as_the_notes_say(audio, manifest, built):
    """The master minus its stems is the drum reference with one gain, which is lowered only where it is loudest."""
    reference = sf.read(built / f"songs/{SONG}/drums.wav", dtype="float64")[0]
    master, drums = audio["Master"], reference[: len(audio["Master"])]
    rest = master.astype(np.float64) - sum(audio[name].astype(np.float64) for name in STEMS)
    rounding = (len(STEMS) + 1) * 1.5 * 2**-23  # of each file: dither of one step, and half a step
    assert np.abs(seconds(rest, 0, 3.4)).max() <= rounding  # the silent head
    heard = np.abs(drums).min(axis=1) > 0.01
    gain = rest[heard] / drums[heard]
    assert np.abs(gain[:, 0] - gain[:, 1]).max() < 2 * rounding / 0.01
    change = 20 * np.log10(gain[:, 0]) - manifest["master"]["gain_db"]
    assert change.max() < 0.01 and change.min() > -4 and np.median(change) > -0.1
    (player,) = (s for s in manifest["mix"]["stems"] if s["source"] == "reference")
    assert (player["file"], player["gain_db"], player["effects"]) == (None, 0, [])


# The colour of its sound


SONGS_DB = np.array([-14.7, -4.2, -6.3, -7.0, -10.6, -14.7, -19.8, -20.5, -20.4])
"""The octaves from 31.5 Hz to 8 kHz of two released songs, relative to the whole: the mean of the powers.

Karissa Hobbs, Let's Go Fishin'; Kevin MacLeod, Vibe Ace (both CC BY, at 22.05 kHz, so 16 kHz is not known).
"""


@pytest.mark.parametrize("start, end", [(0, 80), (48, 64)], ids=["whole", "bridge"])
def test_its_octaves_are_like_those_of_released_songs(audio, start, end):
    music = seconds(audio["Master"], start * BAR, end * BAR)
    windows = np.lib.stride_tricks.sliding_window_view(music, 1 << 14, axis=0)[:: 1 << 13]
    power = (np.abs(np.fft.rfft(windows * np.hanning(1 << 14))) ** 2).sum(axis=(0, 1))
    hertz = np.fft.rfftfreq(1 << 14, 1 / RATE)
    edges = 1_000 * 10 ** (0.3 * np.arange(-5, 5) - 0.15)  # IEC 61260-1
    octaves = [power[(hertz >= low) & (hertz < high)].sum() for low, high in pairwise(edges)]
    assert np.abs(10 * np.log10(octaves / power.sum()) - SONGS_DB).max() < 3


# No clipping, no silence, no placeholder


@pytest.mark.parametrize("name", [*STEMS, "Master"])
def test_no_clipping(audio, name):
    assert np.abs(audio[name]).max() < 10 ** (-0.9 / 20)


@pytest.mark.parametrize("name", STEMS)
def test_no_silent_stem_and_no_placeholder(mono, name):
    """Much of it sounds, and no second of it is like the one before, as a test tone's would be."""
    stem = mono[name]
    if name == "Bridge":
        stem = seconds(stem, BRIDGE, BACK)
    level = [db(second) for second in stem[: len(stem) // RATE * RATE].reshape(-1, RATE)]
    assert np.mean(np.array(level) > -50) > 0.7 and max(level) > -30
    spectra = np.abs(np.fft.rfft(stem[: len(stem) // RATE * RATE].reshape(-1, RATE)))[:, 50:4_000]
    alike = [np.corrcoef(a, b)[0, 1] for a, b in pairwise(spectra) if a.any() and b.any()]
    assert np.median(alike) < 0.9


def test_every_gate_has_judged_and_none_warns(built):
    checks = {}
    for sentinel in (built / "build").rglob("*.ok"):
        for check in json.loads(sentinel.read_text())["checks"]:
            assert check["status"] in ("pass", "skip"), (sentinel, check)
            checks.setdefault(check["id"].split(".")[0], set()).add(check["status"])
    assert {name for name, statuses in checks.items() if "pass" not in statuses} <= {
        "momentary", "short_term", "loudness_range", "rms", "sample_peak", "noise_floor", "bandwidth",
    }  # fmt: skip
