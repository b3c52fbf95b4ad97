"""Compare: differences that were made are found, named and judged; what cannot be compared is said."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from scipy.signal import freqz

from stemwright.gates import Subject, make, verify

RATE = 44_100
BANDS = ("31.5", "63", "125", "250", "500", "1000", "2000", "4000", "8000", "16000")


def noise(seconds=2.0, gains_db=(0,) * 10, seed=1, rate=RATE):
    """Noise with an equal level in each octave, but for its gain there: shaped in the frequency domain."""
    rng = np.random.default_rng(seed)
    hertz = np.fft.rfftfreq(round(seconds * rate), 1 / rate)
    edges = 1_000 * 10 ** (0.3 * (np.arange(-5, 6) - 0.5))
    band = np.searchsorted(edges, hertz) - 1
    shape = np.zeros(len(hertz))
    inside = (band >= 0) & (band < 10)
    shape[inside] = 10 ** (np.array(gains_db)[band[inside]] / 20) / np.sqrt(hertz[inside])
    lines = shape * np.exp(2j * np.pi * rng.random((2, len(hertz))))
    samples = np.fft.irfft(lines, round(seconds * rate)).T
    return 0.1 * samples / np.sqrt(np.mean(samples**2))


def compared(tmp_path, samples, song, stage="master", options=None, rate=RATE, song_rate=RATE):
    sf.write(tmp_path / "a.wav", samples, rate, "FLOAT")
    sf.write(tmp_path / "song.flac", song, song_rate, "PCM_24")
    subject = Subject(str(tmp_path / "a.wav"), stage, inputs={"compare": [str(tmp_path / "song.flac")]})
    return {check.id: check for check in verify(subject, make({"compare": options or {}})).checks}


def test_a_song_is_like_itself(tmp_path):
    checks = compared(tmp_path, noise(), noise())
    assert [*checks] == [
        *(f"compare.{band}_hz" for band in BANDS),
        "compare.loudness",
        "compare.range",
        "compare.plr",
        "compare.width",
    ]
    assert all(abs(check.measured) <= 0.01 for check in checks.values() if check.measured is not None)
    skipped = {check.id: check.reason for check in checks.values() if check.status != "pass"}
    assert skipped == {"compare.loudness": "no limit is set", "compare.range": "one of them is under 60 s"}


@pytest.mark.parametrize(
    "gains, told, what",
    [
        ((0, 0, 0, 0, 0, 0, 0, -14, -14, -14), ("4000", "8000", "16000"), "darker from 4 kHz up"),
        ((0, 0, 0, 0, 0, 0, 0, 0, 12, 0), ("8000",), "brighter around 8 kHz"),
        ((9, 9, 9, 0, 0, 0, 0, 0, 0, 0), ("31.5", "63", "125"), "boomier up to 125 Hz"),
        ((0, 0, 0, 9, 9, 0, 0, 0, 0, 0), ("250", "500"), "muddier from 250 Hz to 500 Hz"),
    ],
)
def test_octaves_that_differ_are_told(tmp_path, gains, told, what):
    """Between octaves, the difference is exactly what was made; loudness shifts all of them by one number."""
    checks = compared(tmp_path, noise(gains_db=gains), noise(seed=2))
    found = np.array([checks[f"compare.{band}_hz"].measured for band in BANDS])
    assert found - found[5] == pytest.approx(np.array(gains) - gains[5], abs=0.6)  # other noise, and edges
    assert tuple(band for band in BANDS if checks[f"compare.{band}_hz"].status == "warn") == told
    remedies = [checks[f"compare.{band}_hz"].remedy for band in told]
    (whole,) = (text for text in remedies if not text.startswith("see "))
    assert what in whole and f"the master is {np.abs(found).max():.0f} dB" in whole
    assert ("turn down" in whole) == (max(gains) > 0)


def test_the_shift_by_loudness_is_that_of_k_weighting(tmp_path):
    """Two sines: what a louder one at 60 Hz adds to the loudness, by the filters of BS.1770-5 (tables 1 and 2)."""
    shelf = (
        [1.53512485958697, -2.69169619938640, 1.19839281085285],
        [1, -1.69065929318241, 0.73248077421585],
    )
    high_pass = ([1, -2, 1], [1, -1.99004745483398, 0.99007225036621])
    high, low = np.prod(
        [np.abs(freqz(b, a, [997, 60], fs=48_000)[1]) ** 2 for b, a in (shelf, high_pass)], axis=0
    )
    shift = 10 * np.log10((high + low) / (high + low / 100))
    time = np.arange(4 * RATE)[:, None] / RATE
    tone, bass = 0.1 * np.sin(2 * np.pi * 997 * time), 0.1 * np.sin(2 * np.pi * 60 * time)
    checks = compared(tmp_path, tone + bass, tone + bass / 10)
    assert checks["compare.63_hz"].measured == pytest.approx(20 - shift, abs=0.02)
    assert checks["compare.1000_hz"].measured == pytest.approx(-shift, abs=0.02)


@pytest.mark.parametrize("limit, status", [(5.0, "warn"), (5.1, "pass")])
def test_loudness(tmp_path, limit, status):
    quiet = compared(tmp_path, noise() * 10 ** (-5.05 / 20), noise(), options={"loudness_lu": limit})
    assert quiet["compare.loudness"].measured == pytest.approx(-5.05, abs=0.01)
    assert quiet["compare.loudness"].status == status
    assert all(abs(quiet[f"compare.{band}_hz"].measured) < 0.01 for band in BANDS)


@pytest.mark.parametrize("narrower, status", [(5.9, "pass"), (6.1, "warn")])
def test_width(tmp_path, narrower, status):
    song = noise()
    mid, side = song.mean(axis=1), (song[:, 0] - song[:, 1]) / 2 * 10 ** (-narrower / 20)
    check = compared(tmp_path, np.stack((mid + side, mid - side), axis=1), song)["compare.width"]
    assert (check.status, check.measured) == (status, pytest.approx(-narrower, abs=0.01))
    assert "narrower" in check.remedy
    mono = compared(tmp_path, song[:, :1], song)["compare.width"]
    assert (mono.status, mono.reason) == ("skip", "one of them is mono")


@pytest.mark.parametrize("stage, status", [("master", "warn"), ("mix", "skip")])
def test_dynamics(tmp_path, stage, status):
    """One click raises the peak by what it is above it; a quarter of the song is 12 dB softer."""
    song = noise(64.0, rate=8_000)
    song[: len(song) // 4] *= 10 ** (-3 / 20)
    changed = song.copy()
    changed[: len(song) // 4] *= 10 ** (-9 / 20)
    changed[1_000:1_010] += 1.5 * np.hanning(10)[:, None] * np.abs(song).max()
    checks = compared(tmp_path, changed, song, stage, {"plr_lu": 2.0}, 8_000, 8_000)
    assert checks["compare.range"].measured == pytest.approx(9.0, abs=0.3)
    assert checks["compare.range"].status == "warn" and "differ more" in checks["compare.range"].remedy
    assert checks["compare.plr"].status == status and checks["compare.plr"].measured > 2


def test_severity(tmp_path):
    options = {"severity": "error", "band_db": 3.0}
    checks = compared(tmp_path, noise(gains_db=(0,) * 9 + (-6,)), noise(), options=options)
    assert checks["compare.16000_hz"].status == "fail" and checks["compare.8000_hz"].status == "pass"


def test_another_rate_and_empty_octaves(tmp_path):
    checks = compared(tmp_path, noise(rate=24_000), noise(seed=2), rate=24_000)
    assert checks["compare.16000_hz"].status == "skip" and checks["compare.16000_hz"].reason
    assert all(abs(checks[f"compare.{band}_hz"].measured) < 2 for band in BANDS[:-1])
    song = noise()
    edges = np.hanning(len(song))[:, None]  # where it began at once, it would have all frequencies
    empty = noise(gains_db=(0,) * 8 + (-200, -200)) * edges
    assert compared(tmp_path, empty, empty)["compare.16000_hz"].status == "skip"
    assert compared(tmp_path, empty, song)["compare.16000_hz"].status == "warn"


def test_what_cannot_be_compared_is_said(tmp_path):
    (check,) = compared(tmp_path, noise(), noise() * 0, options={"severity": "error"}).values()
    assert (check.status, check.id) == ("fail", "compare") and check.reason.startswith(
        "the song compared with: "
    )
    (check,) = compared(tmp_path, noise() * np.nan, noise()).values()
    assert (check.status, check.reason) == ("warn", "cannot be measured: a sample is not finite")
    sf.write(tmp_path / "a.wav", noise(), RATE)
    (tmp_path / "song.flac").write_bytes(b"not audio")
    subject = Subject(str(tmp_path / "a.wav"), "mix", inputs={"compare": [str(tmp_path / "song.flac")]})
    (check,) = verify(subject, make({"compare": {}})).checks
    assert (check.status, check.id) == ("warn", "compare") and "song.flac" in check.reason
    (check,) = verify(Subject(str(tmp_path / "a.wav"), "mix"), make({"compare": {}})).checks
    assert (check.status, check.reason) == ("skip", "no song to compare with is named (compare.file)")
