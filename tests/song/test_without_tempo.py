"""Songs without bpm: in seconds only."""

import warnings

import pytest
import soundfile as sf

from stemwright.song.without_tempo import is_musical

PODCAST = """
length: 20 s
key: C major
tail: 1.5 s
sections: [intro: 3.21 s, talk: 0:12.7, end: remainder]
stems:
  voice:
    source: {tone: {note: A2}}
    effects: [{fade: {fade_in: 0.5 s, fade_out: 1 s}}]
    gain_db: [{at: 0 s, value: 0}, {at: talk + 1 s, value: -3}]
"""


def test_a_podcast_needs_no_bpm(read):
    song = read(PODCAST)
    assert [s.start_frame for s in song.timeline.sections] == [
        0,
        154_080,
        763_680,
    ]  # 3.21 and 15.91 s at 48 kHz
    assert song.document.bpm is None


def test_a_mixer_strip_with_nested_effects_is_read_without_a_word(read, recwarn):
    strip = "    effects: [{eq: {bands: [{notch: {frequency_hz: 50}}]}}, {fade: {fade_in: 0.5 s, fade_out: 1 s}}]\n"
    read(PODCAST.replace("    effects: [{fade: {fade_in: 0.5 s, fade_out: 1 s}}]\n", strip))
    assert not recwarn.list


@pytest.mark.parametrize(
    "text, counts",
    [("8 bars", True), ("1/8.", True), ("2.5 s", False), ("1:22", False), ("bar 9 beat 2", True), ("bar 1", False),
     ("talk", False), ("talk + 2 beats", True), ("talk + 2 s", False), ("bar 1 + 1 beat", True), ("A2", False)],
)  # fmt: skip
def test_what_counts_bars_beats_or_notes(text, counts):
    assert is_musical(text) is counts


def test_lists_of_edits_are_no_reason_for_a_warning(read, tmp_path):
    """Pydantic warns when it writes a stem as data whose entries it did not make itself."""
    sf.write(tmp_path / "a.wav", [0.1] * 16_000, 8_000)
    song = "length: 1 s\nstems:\n  a: {source: {audio: {file: a.wav, edits: [{cut: {start: 0.1 s, end: 1 s}}]}}}\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(song).document.bpm is None
