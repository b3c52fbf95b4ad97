"""The gate preview: it passes what the job writes, silence and noise included, and refuses all else."""

import base64
import io
import json

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.mixing.faders import Fader, Faders
from stemwright.music.curve import Curve
from stemwright.pages.track import Source, write_track

RATE = 8_000
FADERS = Faders([Fader(Curve.of(-6.0), Curve.of(0.4))], 2)


def sound(kind, seconds=1.5):
    frames = round(seconds * RATE)
    time, rng = np.arange(frames) / RATE, np.random.default_rng(3)
    wave = {
        "tone": 0.5 * np.sin(2 * np.pi * 330 * time),
        "noise": rng.normal(0, 0.1, frames),
        "silence": np.zeros(frames),
        "quiet": rng.normal(0, 1e-5, frames),
        "click": (np.arange(frames) == 4_000) * 0.9,
    }[kind]
    return np.stack((wave, np.roll(wave, 3)), axis=1)


@pytest.fixture
def track(tmp_path):
    """`track(samples, faders)` is the subject of a track of these samples."""

    def written(samples, faders=FADERS):
        path, drawn = str(tmp_path / "a.wav"), str(tmp_path / "stem-a.js")
        sf.write(path, samples, RATE, "FLOAT")
        source = Source(path, "processed", "processed/a.wav", "0" * 64)
        write_track(drawn, str(tmp_path / "stem-a.audio.js"), "stem-a", [source], faders)
        way = {"faders": faders.to_dict()} if faders else {}
        return Subject(drawn, "preview", context={"track": {"id": "stem-a", **way}}, inputs={"heard": [path]})

    return written


def judged(subject):
    return {check.id: check for check in verify(subject, make({"preview": {}})).checks}


@pytest.mark.parametrize("kind", ["tone", "noise", "silence", "quiet", "click"])
def test_what_the_job_writes_passes(track, kind):
    checks = judged(track(sound(kind)))
    assert {check.status for check in checks.values()} == {"pass"}
    assert list(checks) == [f"preview.{name}" for name in ("format", "size", "level", "likeness", "peak")]


def test_so_do_wide_sounds_whose_phase_the_codec_does_not_keep(track):
    noise, other = np.diff(np.random.default_rng(5).normal(0, 0.03, (2, 12_001)), 4)  # high alone
    for right in (-noise, 0.3 * other - noise, other):
        checks = judged(track(np.stack((noise[:11_900], right[:11_900]), axis=1), None))
        assert {check.status for check in checks.values()} == {"pass"}, checks


def test_so_do_a_whole_and_the_shortest_sounds(track):
    for seconds in (1.0, 0.01, 1 / RATE):
        checks = judged(track(sound("tone", seconds), None))
        assert {check.status for check in checks.values()} == {"pass"}, checks


def drawn(subject, change):
    """Change the data of `ID.js`."""
    with open(subject.path) as file:
        text = file.read()
    data = json.loads(text.removeprefix("stemwright.track(").removesuffix(");\n"))
    change(data)
    with open(subject.path, "w") as file:
        file.write(f"stemwright.track({json.dumps(data)});\n")


def played(subject, change):
    """Change the samples of the only chunk of `ID.audio.js`."""
    path = subject.path.replace(".js", ".audio.js")
    with open(path) as file:
        head, chunk, end = file.read().splitlines()
    samples, rate = sf.read(io.BytesIO(base64.b64decode(chunk[1:-2])), always_2d=True)
    encoded = io.BytesIO()
    sf.write(encoded, change(samples), rate, "VORBIS", format="OGG")
    with open(path, "w") as file:
        file.write(f'{head}\n"{base64.b64encode(encoded.getvalue()).decode()}",\n{end}\n')


BAD_DRAWINGS = {
    "frames": lambda data: data.update(frames=data["frames"] + 1),
    "rate": lambda data: data.update(rate=44_100),
    "id": lambda data: data.update(id="stem-b"),
    "columns": lambda data: data["views"][0].update(columns=999),
    "rms": lambda data: data["views"][0].update(rms="AAAA"),
    "no base64": lambda data: data["views"][0].update(peaks="no base64"),
    "bands": lambda data: data["views"][0]["spectrogram"].update(bands=63),
    "no views": lambda data: data.pop("views"),
    "views": lambda data: data.update(views=[]),
    "a view": lambda data: data.update(views=[5]),
    "chunks": lambda data: data["audio"].update(chunks=2),
    "chunk frames": lambda data: data["audio"].update(chunk_frames=0),
    "audio rate": lambda data: data["audio"].update(rate=4_000),
    "audio frames": lambda data: data["audio"].update(frames=7),
    "peaks": lambda data: data["views"][0].update(
        peaks=base64.b64encode(bytes(2 * data["views"][0]["columns"])).decode()
    ),
}
BAD_SOUNDS = {
    "level": lambda samples: samples * 10 ** (1.2 / 20),
    "quieter": lambda samples: samples * 10 ** (-1.2 / 20),
    "sound": lambda samples: sound("noise")[: len(samples)],
    "silence": lambda samples: samples * 0,
    "late": lambda samples: np.roll(samples, 12, axis=0),  # half a period
    "polarity": lambda samples: -samples,
    "length": lambda samples: samples[1:],
}


@pytest.mark.parametrize("fault", BAD_DRAWINGS)
def test_other_drawings_are_refused(track, fault):
    subject = track(sound("tone"))
    drawn(subject, BAD_DRAWINGS[fault])
    assert "fail" in [check.status for check in judged(subject).values()]


@pytest.mark.parametrize("fault", BAD_SOUNDS)
def test_another_sound_is_refused(track, fault):
    subject = track(sound("tone"))
    played(subject, BAD_SOUNDS[fault])
    assert "fail" in [check.status for check in judged(subject).values()]


def test_sound_in_place_of_silence_is_refused(track):
    subject = track(sound("silence"))
    played(subject, lambda samples: samples + 0.01)
    assert judged(subject)["preview.level"].status == "fail"


@pytest.mark.parametrize("text", ["1", "stemwright.track(5);\n", "stemwright.track({);\n", "alert(1)"])
def test_what_is_no_track_is_refused(track, text):
    subject = track(sound("tone"))
    with open(subject.path, "w") as file:
        file.write(text)
    assert judged(subject)["preview.format"].status == "fail"


def test_audio_over_its_budget_is_refused(track):
    """0.6 MB a minute: 15,000 bytes of 1.5 s, and 10,000 for its head."""
    subject = track(sound("tone"))
    path = subject.path.replace(".js", ".audio.js")
    with open(path, "a") as file:
        file.write("x" * 30_000)
    for size in (25_001, 25_000):
        with open(path, "r+b") as file:
            file.truncate(size)
        checks = judged(subject)  # it is no track either way
        assert ("preview.size" in checks and checks["preview.size"].status == "fail") == (size > 25_000)


BAD_AUDIO = {
    "end": lambda text: text[:-4],
    "id": lambda text: text.replace("stem-a", "stem-b"),
    "ogg": lambda text: text.replace('"T2dn', '"U2dn', 1),
    "more code": lambda text: text + "alert(1)",
    "one more": lambda text: text.replace("\n]);", text.split("\n")[1] + "\n]);"),
    "size": lambda text: text.replace("]);", f'"{"A" * 40_000}",\n]);'),
    "nothing": lambda text: "",
}


@pytest.mark.parametrize("fault", BAD_AUDIO)
def test_audio_that_cannot_be_read_is_refused(track, fault):
    subject = track(sound("tone"))
    path = subject.path.replace(".js", ".audio.js")
    with open(path) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(BAD_AUDIO[fault](text))
    assert "fail" in [check.status for check in judged(subject).values()]
