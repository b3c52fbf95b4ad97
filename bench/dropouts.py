"""Error rates of the drop-out gate on sets that it makes: python bench/dropouts.py [SEEDS] [FILE...]

Known-good: rests of many makes, which must pass. Known-bad: sound that runs, made here or read from FILE, with one
block of 1 to 500 ms of it replaced by zeros, at random or next to a zero crossing; it must be refused.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from stemwright.audio.fades import ramp
from stemwright.instruments.dsp.drum_kit import PIECES, hit
from stemwright.measure.dropouts import Dropouts

RATE = 48_000
T = np.arange(4 * RATE) / RATE


def noise(rng, frames, low=None, high=None):
    sound = rng.normal(0, 0.2, frames)
    for cut, kind in ((low, "high"), (high, "low")):
        sound = sosfilt(butter(2, cut, kind, fs=RATE, output="sos"), sound) if cut else sound
    return sound / np.std(sound) * 0.2


def wave(rng, hertz, frames, shape=None):
    turns = hertz * np.arange(frames) / RATE + 0
    shape = shape or rng.choice(["sine", "saw", "square", "organ"])
    return (
        0.4
        * {
            "sine": lambda: np.sin(2 * np.pi * turns),
            "saw": lambda: 2 * ((turns + 0.5) % 1) - 1,
            "square": lambda: np.where(turns % 1 < 0.5, 1.0, -1.0),
            "organ": lambda: sum(np.sin(2 * np.pi * n * turns) / n for n in (1, 2, 3, 4, 6)) / 2,
        }[shape]()
    )


def chords(rng, frames):
    return (
        sum(
            wave(rng, 55 * 2 ** (rng.integers(0, 40) / 12), frames, "organ") * rng.uniform(0.3, 1)
            for _ in range(4)
        )
        / 2
    )


def loop(events, rng):
    """(sound, step in s) placed one after another on a step, as a stem; some steps are left out."""
    out, (sounds, step) = np.zeros(len(T)), events
    for n, at in enumerate(np.arange(rng.integers(0, 2) * step, len(T) / RATE - step, step)):
        sound, start = sounds[n % len(sounds)], round(at * RATE)
        if n < 2 or rng.random() < 0.8:
            out[start : start + len(sound)] = sound[: len(T) - start]
    return out


def steps(rng):
    return 60 / rng.uniform(80, 170) / rng.choice([1, 2, 4])


def clicks(rng):
    """A metronome: whole or broken numbers of cycles, an accent."""
    ms = rng.choice([5, 10, 15, 20, 30, 50])
    hertz = rng.choice([440, 880, 1000, 1500, 2000, 3000])
    one, two = (
        wave(rng, f, round(ms / 1000 * RATE), rng.choice(["sine", "square"])) for f in (hertz, 2 * hertz)
    )
    return loop(([two, one, one, one], 60 / rng.uniform(60, 200)), rng)


def hats(rng):
    """Noise that is cut hard, half a step long or less."""
    step = steps(rng)
    frames = round(rng.uniform(0.15, 0.5) * step * RATE)
    decay = np.exp(-np.arange(frames) / RATE / rng.uniform(0.005, 0.5))
    return loop(([noise(rng, frames, 6_000) * decay for _ in range(3)], step), rng)


def long_hats(rng):
    """Noise that decays, cut hard shortly before the next hit."""
    step = steps(rng)
    frames = round(rng.uniform(0.5, 0.95) * step * RATE)
    decay = np.exp(-np.arange(frames) / RATE / rng.uniform(0.02, 0.06))
    return loop(([noise(rng, frames, 6_000) * decay * 2 for _ in range(3)], step), rng)


def faded_cuts(rng):
    """Any sound, stopped by fades of 5 ms, as our own sources stop at the end of a section."""
    sound, curve = (
        rng.choice([chords, lambda r, n: noise(r, n, 200)])(rng, len(T)),
        rng.choice(["cosine", "linear"]),
    )
    sound = sound * (1 + rng.choice([0, 20]) * (T % 1.0) ** 4)
    for at in np.cumsum(rng.uniform(0.2, 1.0, 3)):
        a, b, fade = round(at * RATE), round((at + 10 ** rng.uniform(-2.5, -0.5)) * RATE), round(0.005 * RATE)
        n = np.arange(len(T))
        sound = sound * np.maximum(ramp(a - 1 - n, fade, curve), ramp(n - b, rng.choice([0, fade]), curve))
    return sound


def crossings(rng):
    """A tone that stops and starts at zero crossings."""
    sound = wave(rng, 40 * 2 ** rng.uniform(0, 5), len(T), rng.choice(["sine", "organ"]))
    zeros = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0)) + 1
    for at in (0.7, 2.1):
        a, b = zeros[np.searchsorted(zeros, [at * RATE, (at + rng.uniform(0.03, 0.8)) * RATE])]
        sound[a:b] = 0
    return sound


def pulses(rng):
    """Waveforms that contain zeros of their own."""
    turns = 2 ** rng.uniform(5, 9) * T % 1
    width = rng.uniform(0.1, 0.9)
    kinds = [
        (turns < width) * 0.5,
        0.5 * (turns % 0.5 < width / 2) * np.sign(0.5 - turns),
        0.5 * np.maximum(np.sin(2 * np.pi * turns), 0),
        0.5 * (turns < width) * np.sin(2 * np.pi * turns / width),
    ]
    n = np.arange(len(T)) % RATE
    return kinds[rng.integers(4)] * ramp(0.6 * RATE - n, 240)


def kit(rng):
    """Our own kit, dry."""
    names = list(PIECES)
    sounds = [hit(str(rng.choice(names)), RATE, rng.uniform(0.4, 1)) for _ in range(4)]
    return loop((sounds, steps(rng)), rng)


def count_in(rng):
    """Four clicks, and then the music."""
    sound = chords(rng, len(T))
    sound[: 2 * RATE] = 0
    click = wave(rng, rng.choice([880, 1000, 1234]), round(0.02 * RATE), "sine")
    for at in range(0, 2 * RATE, RATE // 2):
        sound[at : at + len(click)] = click
    return sound


def some_cut(rng):
    """Our own kit, each hit faded, and a click or a hat that is cut hard."""
    step = steps(rng)
    names, frames = list(PIECES), round(rng.uniform(0.3, 0.8) * step * RATE)
    fade = ramp(np.arange(frames)[::-1], round(0.006 * RATE))
    sounds = []
    for _ in range(rng.integers(2, 8)):
        sound = hit(str(rng.choice(names)), RATE, rng.uniform(0.4, 1))[:frames]
        sounds.append(sound * fade[-len(sound) :])
    click = wave(
        rng, rng.choice([440, 880, 1000, 1234]), round(rng.choice([0.005, 0.02, 0.05]) * RATE), "sine"
    )
    cut = noise(rng, round(rng.uniform(0.15, 0.5) * step * RATE), 6_000)
    return loop(([*sounds, click if rng.random() < 0.5 else cut], step), rng)


def staccato_bass(rng):
    """Low notes with decays and releases, and rests between them."""
    step = 60 / rng.uniform(80, 150) / rng.choice([1, 2])
    high, shape = rng.uniform(200, 1_500), rng.choice(["sine", "saw", "square", "organ"])
    decay, release = rng.uniform(0.1, 0.6), round(rng.uniform(0.005, 0.04) * RATE)
    frames = round(rng.uniform(0.3, 0.8) * step * RATE) + release
    n, out = np.arange(frames), np.zeros(len(T))
    envelope = np.minimum(1, n / (0.003 * RATE)) * np.exp(-n / RATE / decay)
    envelope *= np.minimum(1, (frames - n) / release)
    for at in np.arange(0, 4 - step, step):
        sound = wave(rng, 440 * 2 ** ((rng.integers(28, 52) - 69) / 12), frames, shape)
        start = round(at * RATE)
        out[start : start + frames] += (
            envelope * sosfilt(butter(2, high, "low", fs=RATE, output="sos"), sound)
        )[: len(T) - start]
    return 0.8 * out / np.abs(out).max()


GOOD = (clicks, hats, long_hats, faded_cuts, crossings, pulses, kit, count_in, some_cut, staccato_bass)


def running(rng):
    kind = rng.integers(4)
    if kind == 0:
        return wave(rng, 40 * 2 ** rng.uniform(0, 6), len(T))
    if kind == 1:
        return noise(rng, len(T), *((None, None) if rng.random() < 0.5 else (100, 4_000)))
    if kind == 2:
        return chords(rng, len(T))
    drums = sum(kit(rng) for _ in range(2))
    return drums + 0.2 * noise(rng, len(T), None, 2_000)


def holed(rng, sound, at_crossing):
    """Zeros where the sound is loud enough on both sides, (None if there is no such place)."""
    for _ in range(50):
        frames = round(10 ** rng.uniform(0, 2.7) / 1000 * RATE) + 1
        a = int(rng.integers(RATE // 10, len(sound) - frames - RATE // 10))
        mono = sound if sound.ndim == 1 else sound[:, 0]
        if at_crossing:
            zeros = np.flatnonzero((mono[a:-1] < 0) != (mono[a + 1 :] < 0))
            a += int(zeros[0]) + 1 if len(zeros) else 0
        sides = sound[a - 1_920 : a], sound[a + frames : a + frames + 1_920]
        if all(len(s) == 1_920 and np.mean(s**2, axis=0).max() > 10**-2.9 for s in sides):
            sound = sound.copy()
            sound[a : a + frames] = 0
            return sound, frames
    return None


def found(sound):
    meter, sound = Dropouts(1, 40, -30), sound.astype(np.float32).astype(float)
    meter.start(RATE, 1 if sound.ndim == 1 else sound.shape[1])
    with np.errstate(all="ignore"):
        meter.feed(sound.reshape(len(sound), -1))
    return meter


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for make in GOOD:
        counts = [found(make(np.random.default_rng(seed))).count for seed in range(seeds)]
        alarms = np.flatnonzero(counts)
        print(f"{make.__name__:14} false alarms {len(alarms):4} of {seeds}  {alarms[:12].tolist()}")
    files = {path: sf.read(path, always_2d=True)[0] for path in sys.argv[2:]}
    for at_crossing in (False, True):
        for name in ["made here", "staccato bass", *files]:
            done, which = 0, []
            for seed in range(seeds):
                rng = np.random.default_rng([seed, at_crossing])
                if name in files:
                    start = int(rng.integers(0, max(1, len(files[name]) - 4 * RATE)))
                    sound = files[name][start : start + 4 * RATE]
                else:
                    sound = (staccato_bass if name == "staccato bass" else running)(rng)
                if bad := holed(rng, sound, at_crossing):
                    done += 1
                    if not found(bad[0]).count:
                        which.append((seed, round(bad[1] / 48, 1)))
            where = "at crossings" if at_crossing else "at random"
            print(f"{where:13} missed {len(which):4} of {done}  {which[:10]}  {name[-50:]}")


if __name__ == "__main__":
    main()
