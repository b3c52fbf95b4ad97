"""What a window's name stands for, and what is said where it stands for nothing."""

import pytest
import yaml

from stemwright.base.errors import StemwrightError
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.windows import span_taken, spans_heard, window_of

RATE = 8_000
STEM = {"source": {"tone": {"frequency_hz": 200}}}


@pytest.fixture
def load(tmp_path):
    """A song at 60 BPM, 4/4, of three named sections: bars of 4 s."""

    def loaded(**keys):
        song = {
            "bpm": 60,
            "sections": [{"verse": "2 bars"}, {"chorus": "1 bar"}, {"verse": "1 bar"}, {"bar2-3": "1 bar"}],
            "stems": {"lead": STEM},
            **keys,
        }
        song = {key: value for key, value in song.items() if value is not None}
        file = tmp_path / "x.yaml"
        file.write_text(yaml.safe_dump(song, sort_keys=False))
        house = load_house({"songs": ["x"], "session": {"sample_rate": RATE}}, [])
        return load_song("x", house, str(file))

    return loaded


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("bar1-3", (0, 8)),
        ("bar2-6", (4, 20)),
        ("bar5-6", (16, 20)),
        ("verse", (0, 8)),
        ("verse-2", (12, 16)),
        ("chorus", (8, 12)),
        ("chorus-1", (8, 12)),
        ("bar2-3", (16, 20)),  # a section of this name
        ("0s-0.5s", (0, 0.5)),
        ("3.25s-20s", (3.25, 20)),
    ],
)
def test_names(load, name, seconds):
    window = window_of(load(), name)
    assert (window.start, window.end) == tuple(round(second * RATE) for second in seconds)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bar3-3", "the song has bars 1 to 5, so the longest window is bar1-6"),
        ("bar0-2", "so the longest window is bar1-6"),
        ("bar5-7", "so the longest window is bar1-6"),
        (
            "verse-3",
            "sections (verse-1, chorus, verse-2, bar2-3), bars (bar1-6; the last is bar 5), seconds (0s-",
        ),
        ("solo", "is not in the song; there are sections"),
        ("4s-4s", "up to the song's end at 20.000 s"),
        ("19s-20.001s", "up to the song's end at 20.000 s"),
        ("\x1b[31m../x", r"window \x1b[31m../x: is not in the song"),
        ("bar٣-٥", "is not in the song"),
    ],
)
def test_what_is_none(load, name, said):
    with pytest.raises(StemwrightError) as error:
        window_of(load(), name)
    assert said in str(error.value) and "\x1b" not in str(error.value)


def test_a_pick_up_is_bar_0_and_a_song_without_tempo_has_seconds(load):
    window = window_of(load(pickup="1 beat"), "bar0-2")
    assert (window.start, window.end) == (0, 5 * RATE)
    still = load(bpm=None, sections=None, length="9 s")
    assert window_of(still, "2s-9s").end == 9 * RATE
    with pytest.raises(
        StemwrightError, match=r"has no bpm, and so no bars; there are seconds \(0s-9\.000s\)"
    ):
        window_of(still, "bar1-2")


def test_what_sounds_into_a_window(load):
    """Of what goes through a bus or is a key, more is needed: as much as the effects after it reach."""
    song = load(
        stems={
            "lead": STEM,
            "voice": {**STEM, "output": "none", "sends": {"echo": 0}},
            "key": {**STEM, "output": "none", "sends": {"nowhere": 0}},
            "whole": {**STEM, "effects": [{"limiter": {}}]},
        },
        buses={
            "echo": {
                "effects": [
                    {"sample_delay": {"frames": 1_000}},
                    {"compressor": {"threshold_db": -9, "key": "key"}},
                ]
            },
            "nowhere": {"output": "none"},
        },
    )
    window = window_of(song, "bar3-4")
    heard = spans_heard(song, window)
    start = window.start
    # A release of 100 ms is settled after 18 time constants of 100 / 2 pi ms; begun at a multiple of 64 frames.
    settled = round(20.72 / 6.283 * 0.1 * RATE)
    assert heard["lead"] == heard["echo"] == heard["whole"] == (start, window.end)
    assert start - 1_000 - settled - 65 <= heard["voice"][0] <= start - 1_000 - settled + 1
    assert heard["key"] == heard["voice"] and "nowhere" not in heard
    assert song.reaches["whole"] is None
    assert heard["voice"][0] % 64 == 0


def test_no_more_is_needed_than_there_is(load):
    song = load(
        stems={"lead": {**STEM, "effects": [{"lowpass": {"cutoff_hz": 500, "zero_phase": True}}]}},
        buses={},
    )
    assert song.reaches["lead"].after > 100
    for start, end, expected in ((50, 5_000, 0), (150_000, song.timeline.frames - 50, song.timeline.frames)):
        assert expected in span_taken(song, "lead", (start, end))
