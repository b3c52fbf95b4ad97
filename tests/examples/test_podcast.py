"""The podcast in examples/, judged from its delivered files by ffmpeg, scipy and numpy."""

import json
import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
import yaml
from scipy.signal import butter, sosfilt

pytestmark = pytest.mark.long

RATE, LENGTH_S = 44_100, 12
TALK_S, CUT_S = 2, (4.5, 6.0)  # where the recordings begin in the song; what is cut out of them
SPOKEN = [(2.3, 4.1), (4.4, 6.2), (6.7, 8.1), (8.4, 9.9)]  # in the song, s: after the cut, 1.5 s earlier


@pytest.fixture(scope="module")
def podcast(example, needs):
    needs("ffmpeg")
    return example("podcast")


def recorded(podcast, name):
    """A recording as it would lie in the song, had nothing been done but the cut."""
    audio, _ = sf.read(podcast / f"songs/podcast/{name}.wav")
    start, end = (round(second * RATE) for second in CUT_S)
    out = np.zeros(LENGTH_S * RATE)
    kept = np.concatenate([audio[:start], audio[end:]])
    out[TALK_S * RATE :][: len(kept)] = kept
    return out


def level(audio, start, end):
    """RMS in dBFS between two times, s."""
    return 10 * np.log10(np.mean(audio[round(start * RATE) : round(end * RATE)] ** 2))


def ffmpeg(podcast, name, audio_filter, file=None):
    file = file or podcast / f"build/podcast/delivery/podcast_{name}.wav"
    command = ["ffmpeg", "-hide_banner", "-i", file, "-af", audio_filter, "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def loudness(podcast, name):
    """Integrated loudness in LUFS, and true peak in dBTP."""
    said = ffmpeg(podcast, name, "ebur128=peak=true").rpartition("Summary:")[2]
    return float(re.search(r"I: +(\S+) LUFS", said)[1]), float(re.search(r"Peak: +(\S+) dBFS", said)[1])


def test_the_master_is_what_apple_asks_for(podcast):
    integrated, peak = loudness(podcast, "master")
    assert integrated == pytest.approx(-16, abs=1)
    assert peak <= -1
    assert len(podcast.delivered("master")) == LENGTH_S * RATE
    stems = sum(podcast.delivered(name) for name in ("anna", "ben", "music"))
    assert (
        np.max(np.abs(stems - podcast.delivered("master"))) <= 6 * 2**-23
    )  # four files, each rounded and dithered: 1.5 steps


def test_the_mp3_says_what_it_is_and_sounds_as_the_master(podcast):
    file = podcast / "build/podcast/delivery/podcast/podcast_master.mp3"
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_format",
        "-show_streams",
        "-show_chapters",
        "-of",
        "json",
        file,
    ]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    chapters = [(float(each["start_time"]), each["tags"]["title"]) for each in found["chapters"]]
    assert chapters == [(0, "Welcome"), (2, "What we hear"), (10, "outro")]
    tags = {key: found["format"]["tags"][key] for key in ("title", "artist", "album", "track", "genre")}
    assert list(tags.values()) == ["Two Voices", "Anna and Ben", "Two Voices", "1", "Podcast"]
    assert found["streams"][0]["bit_rate"] == "128000"
    said = ffmpeg(podcast, "master", "ebur128=peak=true", file).rpartition("Summary:")[2]
    assert float(re.search(r"I: +(\S+) LUFS", said)[1]) == pytest.approx(-16, abs=1)
    assert float(re.search(r"Peak: +(\S+) dBFS", said)[1]) <= -1
    decoded, master = sf.read(file)[0], podcast.delivered("master")
    assert len(decoded) == LENGTH_S * RATE
    assert np.std(decoded - master) < 0.1 * np.std(master)  # not a frame late


def test_both_voices_are_as_loud(podcast):
    (anna, _), (ben, _) = loudness(podcast, "anna"), loudness(podcast, "ben")
    assert anna == pytest.approx(ben, abs=1.5)


def test_music_makes_room_for_whoever_speaks(podcast):
    music, before = podcast.delivered("music"), sf.read(podcast / "songs/podcast/music.wav")[0]

    def gain(start, end):
        return level(music, start, end) - level(before, start, end)

    alone = gain(0.5, 1.9)
    assert all(gain(start + 0.1, end) <= alone - 9 for start, end in SPOKEN)
    assert gain(10.8, 10.95) == pytest.approx(alone, abs=1)


def test_there_is_no_dead_air(podcast):
    assert "silence_start" not in ffmpeg(podcast, "master", "silencedetect=noise=-50dB:duration=0.5")


@pytest.mark.parametrize("name", ["anna", "ben"])
def test_the_false_start_is_gone_and_all_else_is_in_place(podcast, name):
    before, after = recorded(podcast, name), podcast.delivered(name)[:, 0]
    spoken = [(start, end) for start, end in SPOKEN if level(before, start, end) > -40]
    assert len(spoken) == 2
    for start, end in SPOKEN:
        assert (level(after, start, end) > -40) == ((start, end) in spoken)
    part = slice(2 * RATE, 11 * RATE)
    lags = np.fft.irfft(np.fft.rfft(after[part], 2**20) * np.conj(np.fft.rfft(before[part], 2**20)))
    assert abs((np.argmax(np.abs(lags)) + 2**19) % 2**20 - 2**19) <= 0.001 * RATE


def test_hum_and_room_noise_are_down_and_sibilants_softer(podcast):
    before, after = recorded(podcast, "anna"), podcast.delivered("anna")[:, 0]
    make_up = level(after, 2.3, 4.1) - level(before, 2.3, 4.1)  # what is judged is the distance to the speech
    window = np.hanning(round(1.4 * RATE))  # Ben speaks
    start = round(4.5 * RATE)
    for frequency in (50, 100, 150, 200):
        wave = window * np.exp(-2j * np.pi * frequency * np.arange(len(window)) / RATE)
        was, left = (abs(np.sum(wave * audio[start : start + len(window)])) for audio in (before, after))
        assert 20 * np.log10(left / was) - make_up <= -10
    highest = butter(8, 5500, "highpass", fs=RATE, output="sos")
    assert level(after, 4.6, 6) - level(before, 4.6, 6) - make_up <= -10
    sharp = [level(sosfilt(highest, audio), 2.5, 2.58) for audio in (before, after)]  # the second syllable's
    assert sharp[1] - sharp[0] - make_up <= -3


def test_the_click_is_gone(podcast):
    """Against the prediction from both neighbours, a click stands out from all that is around it."""

    def stands_out(audio):
        part = audio[round(4.95 * RATE) : round(5.05 * RATE)]
        curve = np.abs(np.diff(part, 2))
        return 20 * np.log10(np.max(curve) / np.percentile(curve, 99))

    assert stands_out(recorded(podcast, "ben")) > 30
    assert stands_out(podcast.delivered("ben")[:, 0]) < 20


def test_without_the_processing_gates_warn(copied, needs):
    needs("ffmpeg")
    rough = copied("podcast")
    song = yaml.safe_load((rough / "songs/podcast.yaml").read_text(encoding="utf-8"))
    del song["stems"]["music"]
    for voice in song["stems"].values():
        del voice["effects"], voice["gain_db"]
    rough.write("songs/podcast.yaml", song)
    said = rough.snakemake("build/podcast/mix/mix.wav.ok").text
    warned = re.findall(r"warning: build/podcast/(\S+): (\S+)", said)
    assert {
        ("processed/anna.wav", "hum"),
        ("processed/ben.wav", "click.elsewhere"),
        ("mix/mix.wav", "voices"),
    } <= set(warned), said
    assert ("processed/ben.wav", "hum") not in warned
