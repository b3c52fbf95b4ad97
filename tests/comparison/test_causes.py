"""Changes of which the samples are known: each is found, with its bars and its amount."""

import numpy as np
import pytest
import soundfile as sf
from compared_sounds import BAR, BARS, RATE, SONG, hits, timeline, tones

from stemwright.comparison import Side, Track, compare


@pytest.fixture
def compared(tmp_path):
    """`compared(old, new)`: the comparison of one stem that was `old`; with more keywords, of more tracks."""

    def write(side, name, samples, subtype, rate):
        path = tmp_path / f"{side}-{name}.wav"
        sf.write(path, samples, rate, subtype)
        role = name if name in ("mix", "master") else "stem"
        return Track.of_file(role, name, str(path))

    def run(old, new, times=(SONG, SONG), subtypes=("FLOAT", "FLOAT"), rates=(RATE, RATE)):
        sides = []
        for at, tracks in enumerate((old, new)):
            tracks = tracks if isinstance(tracks, dict) else {"bass": tracks}
            files = [write(at, name, samples, subtypes[at], rates[at]) for name, samples in tracks.items()]
            sides.append(Side(files, times[at]))
        return compare(*sides)

    return run


def only(found):
    """The one change of the one track that changed."""
    (track,) = [track for track in found.tracks if track.changes]
    (change,) = track.changes
    return track, change


def bars_of(change):
    return [bar for where in change.where for bar in range(where.bars[0], where.bars[1] + 1)]


def test_a_gain_from_a_frame_on(compared):
    old = hits()
    new = old.copy()
    gain = 10 ** (1.5 / 20)
    new[4 * BAR :] *= gain
    track, change = only(compared(old, new))
    assert (change.kind, change.unit, bars_of(change)) == ("level", "dB", [5, 6, 7, 8])
    assert change.amount == pytest.approx(1.5, abs=0.001)
    assert change.words == "+1.5 dB in chorus"
    rms = np.sqrt(np.mean(old[4 * BAR :] ** 2))
    assert track.residual_dbfs == pytest.approx(20 * np.log10((gain - 1) * rms), abs=0.06)
    assert track.residual_db == pytest.approx(20 * np.log10(gain - 1), abs=0.06)


def test_later_from_a_bar_on(compared):
    old = hits()
    new = old.copy()
    new[2 * BAR :] = np.roll(old[2 * BAR :], 96, axis=0)
    _, change = only(compared(old, new))
    assert (change.kind, change.unit, bars_of(change)) == ("timing", "ms", [3, 4, 5, 6, 7, 8])
    assert change.amount == pytest.approx(12, abs=0.02)
    assert change.words == "12.0 ms later from bar 3"


def test_a_steady_sound_later(compared):
    """No onset tells it: noise at one level."""
    old = np.random.default_rng(4).normal(0, 0.1, (BARS * BAR, 2))
    _, change = only(compared(old, np.concatenate((np.zeros((40, 2)), old[:-40]))))
    assert (change.kind, change.words) == ("timing", "5.0 ms later")


def test_another_gain_in_each_section(compared):
    old = hits()
    new = np.concatenate((old[: 4 * BAR] * 1.5, old[4 * BAR :] * 0.5))
    (track,) = compared(old, new).tracks
    assert [change.words for change in track.changes] == ["+3.5 dB in verse", "-6.0 dB in chorus"]


def test_other_dither(compared):
    """The same sound, a step of 16 bits more or less."""
    old = np.round(hits() * 2**15) / 2**15
    steps = np.random.default_rng(2).integers(-2, 3, old.shape) / 2**15
    _, change = only(compared(old, old + steps, subtypes=("PCM_16", "PCM_16")))
    assert change.kind == "format" and change.words.startswith(
        "rounded or dithered otherwise, at most -81 dBFS"
    )


@pytest.mark.parametrize(
    "kind, matrix, amount",
    [
        ("level", np.eye(2) * 0.5, 20 * np.log10(0.5)),
        ("pan", np.diag([0.5, 1.0]), 20 * np.log10(2)),
        ("polarity", -np.eye(2), None),
        ("width", np.array([[0.75, 0.25], [0.25, 0.75]]), 20 * np.log10(0.5)),
        ("channels", np.array([[0.0, 1.0], [1.0, 0.0]]), None),
    ],
)
def test_gains_of_channels(compared, kind, matrix, amount):
    old = hits() * [1.0, 0.7]
    _, change = only(compared(old, old @ matrix.T))
    assert change.kind == kind and change.where[0].is_whole
    assert change.amount == (None if amount is None else pytest.approx(amount, abs=0.01))


@pytest.mark.parametrize("tail", [0.0, 0.2, 0.45])
def test_a_gain_of_all_that_sounds_needs_no_sections(compared, tail):
    """A stem that sounds in three of five sections, each time with a reverb of so many s that rings on after it."""
    names = [("intro", 1, 2), ("verse", 3, 3), ("groove", 4, 5), ("break", 6, 7), ("last", 8, 8)]
    old = hits()
    for bar in (2, 5, 6):
        old[bar * BAR : (bar + 1) * BAR] = 0
        rings = np.exp(-np.arange(BAR) / RATE / tail)[:, None] if tail else 0.0
        old[bar * BAR : (bar + 1) * BAR] += (
            0.02 * np.random.default_rng(bar).standard_normal((BAR, 2)) * rings
        )
    song = timeline(names)
    _, change = only(compared(old, old / 2, (song, song)))
    assert change.words == "-6.0 dB" and [where.is_whole for where in change.where] == [True]


def test_muted_in_a_section(compared):
    old = hits()
    new = old.copy()
    new[4 * BAR :] = 0
    _, change = only(compared(old, new))
    assert (change.kind, change.words) == ("mute", "muted in chorus")
    _, change = only(compared(new, old))
    assert (change.kind, bars_of(change)) == ("unmute", [5, 6, 7, 8])


def test_a_fade(compared):
    old = hits()
    curve = np.ones(len(old))
    curve[6 * BAR :] = np.linspace(1, 0, 2 * BAR)
    _, change = only(compared(old, old * curve[:, None]))
    assert (change.kind, bars_of(change)) == ("level", [7, 8])


def test_a_compressor(compared):
    old = hits() * np.repeat(np.resize([0.3, 1.0, 0.6, 0.8], 32), BAR // 4)[:, None]
    level = np.sqrt(np.convolve(np.mean(old**2, axis=1), np.ones(400) / 400, "same"))
    gain = np.minimum(1, (0.02 / np.maximum(level, 1e-6)) ** 0.6)
    _, change = only(compared(old, old * gain[:, None]))
    assert change.kind == "dynamics"


def test_a_filter(compared):
    """y[n] = (x[n] + x[n - 1]) / 2 has the gain |cos(pi f / rate)|."""
    old = hits()
    new = (old + np.roll(old, 1, axis=0)) / 2
    _, change = only(compared(old, new))
    assert (change.kind, change.unit) == ("tone", "dB")
    hertz = np.linspace(2_828, 4_000, 10_000)  # the octave about 4 kHz, as far as there is one
    power = np.mean(np.cos(np.pi * hertz / RATE) ** 2)
    assert change.amount == pytest.approx(10 * np.log10(power), abs=0.5)
    assert "4 kHz" in change.words


def test_a_curve(compared):
    old = hits()
    _, change = only(compared(old, np.tanh(6 * old) / 6))
    assert change.kind == "effect"


def test_an_echo(compared):
    old = hits()
    new = old.copy()
    new[1_500:] += 0.3 * old[:-1_500]
    _, change = only(compared(old, new))
    assert (change.kind, change.words) == ("ambience", "more reverb or echo")


def test_hits_that_came_and_went(compared):
    old = hits()
    new = old.copy()
    for bar in (4, 6):
        new[bar * BAR + BAR // 4 : bar * BAR + BAR // 2] = 0
    _, change = only(compared(old, new))
    assert (change.kind, bars_of(change)) == ("hits", [5, 7])
    assert change.words == "hits or notes removed in bars 5 and 7"
    _, change = only(compared(new, old))
    assert change.words == "hits or notes added in bars 5 and 7"


def test_other_notes(compared):
    old = tones([220, 262, 330, 294])
    new = old.copy()
    new[5 * BAR : 6 * BAR] = tones([247, 392], 1)
    _, change = only(compared(old, new))
    assert (change.kind, bars_of(change)) == ("notes", [6])


def test_transposed(compared):
    old, up = tones([220, 262, 330, 294]), tones(np.array([220, 262, 330, 294]) * 2 ** (3 / 12))
    new = np.concatenate((old[: 4 * BAR], up[4 * BAR :]))
    _, change = only(compared(old, new))
    assert (change.kind, change.amount, change.words) == ("pitch", 3, "+3 semitones in chorus")


def test_another_sound(compared):
    _, change = only(compared(hits(), hits(seed=1)))
    assert change.kind == "sound" and change.where[0].is_whole


def test_two_changes_of_one_track(compared):
    old = hits()
    new = old * 0.5
    new[6 * BAR + BAR // 4 : 6 * BAR + BAR // 2] = 0
    (track,) = compared(old, new).tracks
    level, removed = track.changes
    assert (level.kind, level.words) == ("level", "-6.0 dB")
    assert (removed.kind, bars_of(removed)) == ("hits", [7])


def test_without_a_timeline(compared):
    old = hits()
    new = old.copy()
    new[3 * RATE : 5 * RATE] *= 0.5
    _, change = only(compared(old, new, times=(None, None)))
    assert change.words == "-6.0 dB in 0:03–0:05"
    assert change.where[0].bars is None


def test_what_follows_and_the_summary(compared):
    parts = {"bass": hits(), "snare": hits(seed=1), "pad": tones([220, 330])}
    changed = {**parts, "bass": parts["bass"] * 10 ** (1.5 / 20)}
    tracks = [
        {**each, "mix": sum(each.values()), "master": 0.5 * sum(each.values())} for each in (parts, changed)
    ]
    found = compared(*tracks)
    assert found.summary == ["bass: +1.5 dB", "mix and master follow", "2 of 3 stems identical"]
    assert {track.name: track.follows for track in found.tracks}["master"] == ("bass",)


def test_without_the_mix_a_master_that_became_quieter_follows_its_stems(compared):
    parts = {"bass": hits(), "snare": hits(seed=1)}
    changed = {**parts, "bass": parts["bass"] / 4}
    found = compared(*({**each, "master": sum(each.values())} for each in (parts, changed)))
    assert found.summary == ["bass: -12.0 dB", "master follows", "1 of 2 stems identical"]


def test_the_master_alone(compared):
    mix = hits()
    old, new = {"bass": mix, "mix": mix, "master": mix}, {"bass": mix, "mix": mix, "master": 2 * mix}
    _, change = only(compared(old, new))
    assert change.kind == "master" and change.amount == pytest.approx(20 * np.log10(2), abs=0.001)


def test_added_removed_and_renamed(compared):
    a, b, c = hits(), hits(seed=1), hits(seed=2)
    found = compared({"bass": a, "snare": b}, {"low": a, "pad": c})
    told = {track.name: (track.status, track.old_name) for track in found.tracks}
    assert told == {"low": ("renamed", "bass"), "pad": ("added", ""), "snare": ("removed", "")}


def test_equal_bytes_and_equal_samples(compared, tmp_path):
    found = compared(hits(), hits())
    assert found.is_identical and found.tracks[0].proof == "bytes"
    sf.write(tmp_path / "tagged.wav", hits(), RATE, "FLOAT")
    with sf.SoundFile(tmp_path / "tagged.wav", "r+") as file:
        file.title = "Another title"
    other = Track.of_file("stem", "bass", str(tmp_path / "tagged.wav"))
    old = Track.of_file("stem", "bass", str(tmp_path / "0-bass.wav"))
    found = compare(Side([old], timeline()), Side([other], timeline()))
    assert old.sha256 != other.sha256
    assert (found.tracks[0].status, found.tracks[0].proof) == ("identical", "samples")


def test_another_format_of_the_same_sound(compared):
    found = compared(hits(), hits(), subtypes=("PCM_24", "PCM_16"))
    assert [change.kind for change in found.changes] == ["format"]
    assert found.tracks[0].status == "identical"
    assert found.summary[0] == "song: PCM_16 instead of PCM_24"


def test_lossy_files(compared, tmp_path):
    """Vorbis changes every sample. Another codec is told as that, and a gain of what was coded is a gain."""

    def coded(name, samples):
        path = tmp_path / f"{name}.ogg"
        sf.write(path, samples, RATE, format="OGG", subtype="VORBIS", compression_level=0.4)
        return Side([Track.of_file("stem", "bass", str(path))], SONG)

    sound = tones([110, 165, 220])
    sf.write(tmp_path / "bass.wav", sound, RATE, "PCM_24")
    lossless = Side([Track.of_file("stem", "bass", str(tmp_path / "bass.wav"))], SONG)
    assert only(compare(lossless, coded("old", sound)))[1].words == "coded otherwise"
    _, change = only(compare(coded("old", sound), coded("new", sound / 2)))
    assert (change.kind, change.words) == ("level", "-6.0 dB")
    sound[5 * BAR : 6 * BAR] = 0
    _, change = only(compare(lossless, coded("gap", sound)))
    assert change.kind != "format"


def test_tempo_and_structure(compared):
    slower = timeline(bpm="200", bar=9_600)
    found = compared(hits(), hits(bars=10)[: 8 * 9_600], times=(timeline(), slower))
    assert [change.words for change in found.changes] == ["200 instead of 240 bpm"]
    longer = timeline((("verse", 1, 4), ("solo", 5, 6), ("chorus", 7, 10)), bars=10)
    found = compared(hits(), hits(bars=10), times=(timeline(), longer))
    assert [change.words for change in found.changes] == ["solo inserted at bar 5"]
    assert found.tracks[0].follows == ("song",)


def test_another_length(compared):
    found = compared(hits(), hits()[:-4_000])
    assert [change.words for change in found.changes] == ["0.500 s shorter"]


def test_muted_at_another_tempo(compared):
    slower = timeline(bpm="200", bar=9_600)
    old, new = hits(), hits(bars=10)[: 8 * 9_600]
    old[: 4 * BAR] = new[4 * 9_600 :] = 0
    (track,) = compared(old, new, times=(timeline(), slower)).tracks
    assert [change.words for change in track.changes] == ["no longer muted in verse", "muted in chorus"]


def test_a_stem_at_another_tempo_and_level(compared):
    slower = timeline(bpm="200", bar=9_600)
    stretched = np.zeros((8 * 9_600, 2))
    for hit, burst in enumerate(hits().reshape(32, BAR // 4, 2)):
        stretched[hit * 2_400 : hit * 2_400 + BAR // 4] = burst
    stretched[4 * 9_600 :] *= 0.25
    found = compared(hits(), stretched, times=(timeline(), slower))
    assert found.summary[0] == "song: 200 instead of 240 bpm"
    (change,) = found.tracks[0].changes
    assert change.words == "about -13 dB in chorus"  # 0.25 is -12 dB; as many hits in more time are -0.8 dB
    assert found.tracks[0].follows == ("song",)


def test_another_target_beside_another_stem(compared):
    parts = [hits(), hits(seed=1), 0.5 * hits()]
    old, new = parts[0] + parts[1], parts[2] + parts[1]
    found = compared(
        {"bass": parts[0], "snare": parts[1], "mix": old, "master": old},
        {"bass": parts[2], "snare": parts[1], "mix": new, "master": new * 10 ** (-4 / 20)},
    )
    told = {track.name: track for track in found.tracks}
    assert told["mix"].follows == ("bass",) and not told["mix"].changes
    assert [change.kind for change in told["master"].changes] == ["master"]


def test_a_bus_that_differs_where_no_stem_does_has_its_own_change(tmp_path):
    def side(name, of_bass, of_bus):
        tracks = []
        for role, each, samples in (
            ("stem", "bass", hits() * of_bass),
            ("bus", "group", hits(seed=1) * of_bus),
        ):
            path = tmp_path / f"{name}-{each}.wav"
            sf.write(path, samples, RATE, "FLOAT")
            tracks.append(Track.of_file(role, each, str(path)))
        return Side(tracks, SONG)

    late = np.repeat([1.0, 0.5], 4 * BAR)[:, None]  # in the chorus alone
    bus = compare(side("a", 1, 1), side("b", late, 0.5)).tracks[1]
    assert bus.follows == () and [change.words for change in bus.changes] == ["-6.0 dB"]
    assert compare(side("c", 1, 1), side("d", late, late)).tracks[1].follows == ("bass",)


def test_what_comes_into_a_bus_may_be_known(tmp_path):
    def side(name, made_of, level):
        paths = {"bass": hits(), "other": level * hits(seed=1), "group": level * hits()}
        tracks = []
        for each, samples in paths.items():
            path = tmp_path / f"{name}-{each}.wav"
            sf.write(path, samples, RATE, "FLOAT")
            role, known = ("bus", made_of) if each == "group" else ("stem", None)
            track = Track.of_file(role, each, str(path))
            tracks.append(Track(role, each, str(path), track.sha256, made_of=known))
        return Side(tracks, timeline())

    assert compare(side("a", None, 1), side("b", None, 0.5)).tracks[2].follows == ("other",)
    (change,) = compare(side("a", ["bass"], 1), side("b", ["bass"], 0.5)).tracks[2].changes
    assert change.words == "-6.0 dB"
