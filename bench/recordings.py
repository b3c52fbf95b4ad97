"""Recordings of known tempo, first beat and key, made with our own sources: python bench/recordings.py [COUNT [SEED]]

Songs at random (60 to 190 BPM; 4/4, 3/4, 6/8, 5/4, 7/8; straight and swung; with drums, a band, or without drums; with
and without a pick-up; begun up to two seconds late) are rendered, and measured as `scripts/measure_audio.py` does. It
prints a line for each, and how often the tempo, the first beat, the bar line and the key are right.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from stemwright.measure.chroma import same_scale
from stemwright.measure.recording import examine
from stemwright.music.render_context import RenderContext
from stemwright.song.house import load_house
from stemwright.song.load import load_song

RATE, SECONDS = 22_050, 24
STYLES = (
    "rock",
    "funk",
    "house",
    "halftime",
    "waltz",
    "six",
    "five",
    "seven",
    "jazz",
    "bossa",
    "band",
    "arpeggio",
)
METERS = {"waltz": "3/4", "six": "6/8", "five": "5/4", "seven": "7/8"}
TONICS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


def song(style, rng):
    """(the song as YAML data, its key, whether it has a pick-up, the quarters of its bars)."""
    mode = str(rng.choice(["major", "minor"]))
    key = f"{rng.choice(TONICS)} {mode}"
    bpm = float(np.round(rng.uniform(60, 190), 2))
    meter = METERS.get(style, "4/4")
    quarters = {"3/4": 3.0, "6/8": 3.0, "5/4": 5.0, "7/8": 3.5}.get(meter, 4.0)
    bars = max(8, round(SECONDS * bpm / 60 / quarters))
    loops = {
        "major": ["I V vi IV", "I vi ii V", "I IV I V"],
        "minor": ["i VI III VII", "i iv v i", "i VII VI V"],
    }
    loop = str(rng.choice(loops[mode])).split()
    chords = " ".join(f"| {chord}" for chord in loop) + " |"
    has_pickup = rng.random() < 0.3
    sections = [{"lead": "1 bar"}] if has_pickup else []
    bars = 4 * round(bars / 4)
    sections.append({"song": {"length": f"{bars} bars", "chords": chords}})
    stems = {}
    pattern = drums(style, rng, quarters)
    if pattern:
        patterns = {"song": pattern}
        steps = len(next(iter(pattern.values())))
        if has_pickup:
            per_beat = round(steps / quarters)
            tail = {4: "--x-" if rng.random() < 0.5 else "x-x-", 2: "xx", 3: "x-x"}.get(
                per_beat, "x" * per_beat
            )
            patterns["lead"] = {"snare": "-" * (steps - len(tail)) + tail}
        swing = float(rng.choice([0.5, 0.5, 0.58, 0.62])) if style in ("funk", "house") else 0.5
        step = "1/8t" if style == "jazz" else "1/16"
        stems["drums"] = {
            "drums": {
                "patterns": patterns,
                "step": step,
                "timing_ms": float(rng.choice([0, 4, 8])),
                **({"swing": swing} if swing > 0.5 else {}),
            }
        }
    if style not in ("house",) or rng.random() < 0.6:
        bass = {"waltz": "1 . .", "six": "1 . . 5 . .", "five": "1 . . 5 .", "seven": "1 . 1 . 5 . ."}.get(
            style, "1 . . 1 5 . 1 ."
        )
        length = {"waltz": "1/4", "five": "1/4"}.get(style, "1/8")
        stems["bass"] = {
            "play": {
                "instrument": {"preset": {"name": str(rng.choice(["mini-bass", "finger-bass"]))}},
                "parts": {"song": {"degrees": {"pattern": bass, "octave": 2, "step": length}}},
            }
        }
        comp = {
            "waltz": ("- x x", "1/4"),
            "six": ("x - x x - x", "1/8"),
            "five": ("x - - x -", "1/4"),
            "seven": ("x - x - x - -", "1/8"),
        }.get(style, (str(rng.choice(["x - - x - - x -", "- x - x - x - x", "x - - - x - - -"])), "1/8"))
        instrument = str(rng.choice(["dx-piano", "nylon", "prophet-pad", "tonewheel-organ"]))
        part = {"chords": {"rhythm": comp[0].replace(" ", ""), "step": comp[1]}}
        if style == "arpeggio":
            part, instrument = (
                {"arpeggio": {"step": "1/16" if bpm < 120 else "1/8"}},
                str(rng.choice(["nylon", "dx-piano"])),
            )
        stems["keys"] = {"play": {"instrument": {"preset": {"name": instrument}}, "parts": {"song": part}}}
    sounds = {name: {"source": source} for name, source in stems.items()}
    if has_pickup and not pattern:
        stems["bass"]["play"]["parts"]["lead"] = {
            "degrees": {"pattern": ". " * (round(quarters * 2) - 2) + "5 5", "octave": 2, "step": "1/8"}
        }
    data = {"title": "x", "bpm": bpm, "key": key, "meter": meter, "sections": sections, "stems": sounds}
    return data, key, has_pickup, quarters


def drums(style, rng, quarters):
    hats = str(rng.choice(["x-x-x-x-x-x-x-x-", "xoxoxoxoxoxoxoxo", "x---x---x---x---"]))
    if style == "rock":
        return {
            "kick": str(rng.choice(["x-------x-------", "x-----x-x-------", "x-x-----x-x-----"])),
            "snare": "----x-------x---",
            "hat": hats,
        }
    if style == "funk":
        return {"kick": "x--x--x---x--x--", "snare": "----x--o-o--x--o", "hat": "xoxoxoxoxoxoxoxo"}
    if style == "house":
        return {"kick": "x---x---x---x---", "clap": "----x-------x---", "open_hat": "--x---x---x---x-"}
    if style == "halftime":
        return {"kick": "x-----x---------", "snare": "--------x-------", "hat": hats}
    if style == "waltz":
        return {"kick": "x-----------", "hat": "x-x-x-x-x-x-", "snare": "----x---x---"}
    if style == "six":
        return {"kick": "x-----------", "snare": "------x-----", "hat": "x-x-x-x-x-x-"}
    if style == "five":
        return {
            "kick": "x---------x---------",
            "snare": "----x-----------x---",
            "hat": "x-x-x-x-x-x-x-x-x-x-",
        }
    if style == "seven":
        return {"kick": "x-------x-----", "snare": "----x-------x-", "hat": "x-x-x-x-x-x-x-"}
    if style == "jazz":
        return {"ride": "x--x-xx--x-x", "hat": "---x-----x--", "kick": "x-----------"}
    if style == "bossa":
        return {"kick": "x--xx--xx--xx--x", "rim": "x--x--x---x--x--", "hat": "x-x-x-x-x-x-x-x-"}
    return None


def render(data, folder):
    path = Path(folder, "song.yaml")
    path.write_text(json.dumps(data))
    loaded = load_song(
        "song",
        load_house({"songs": ["song"], "session": {"sample_rate": RATE, "channels": 1}}, []),
        str(path),
    )
    line, out = loaded.timeline, None
    for name in loaded.stems:
        source = loaded.source(name)
        harmony = [h.to_dict(("key", "chords")) for h in loaded.harmony]
        sound = np.concatenate(
            list(source.render(RenderContext(line.rate, 1, line.frames, name, line, {}, harmony)))
        )
        level = {"drums": 0.6, "bass": 0.35, "keys": 0.3}[name]
        sound = sound * level / max(1e-9, np.abs(sound).max())
        out = sound if out is None else out + sound[: len(out)]
    return out, line


def made(count, seed, folder):
    """Yield (path, style, bpm, first bar line in s, key, quarters of a bar, whether it has a pick-up)."""
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        style = STYLES[i % len(STYLES)]
        data, key, has_pickup, quarters = song(style, rng)
        sound, line = render(data, folder)
        bar_s = float(line.tempo.seconds(line.tempo.bar_line(2)))
        down = bar_s if has_pickup else 0.0
        late = float(rng.choice([0.0, rng.uniform(0.01, 2.0)]))
        if has_pickup:  # begin shortly before its first sound
            first = int(np.flatnonzero(np.abs(sound[:, 0]) > 1e-4)[0])
            sound, down = sound[first:], down - first / RATE
        sound = np.concatenate((np.zeros((round(late * RATE), 1)), sound)) if late else sound
        path = Path(folder, f"{i}.wav")
        sf.write(path, 0.7 * sound / np.abs(sound).max(), RATE, "PCM_16")
        yield path, style, data["bpm"], down + round(late * RATE) / RATE, key, quarters, has_pickup


def main():
    count, seed = [*map(int, sys.argv[1:]), *[36, 2][len(sys.argv) - 1 :]]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path, style, bpm, down, key, quarters, _ in made(count, seed, folder):
            found = examine(str(path))
            path.unlink()
            is_tempo = [abs(fold.bpm / bpm - 1) < 0.005 for fold in found.tempi]
            row = {"tempo": any(is_tempo[:1]), "tempo or first fold": any(is_tempo[:2])}
            off = bar_off = error = float("nan")
            if found.beats:
                error = found.beats.bpm - bpm if row["tempo"] else float("nan")
                off = (found.beats.first_beat - down) * bpm / 60
                off = (off - round(off)) * 60 / bpm  # from the nearest beat
                bar_off = (found.beats.downbeat - down) * bpm / 60
            row |= {"first beat": abs(off) <= 0.010, "bar line": abs(bar_off) * 60 / bpm <= 0.010}
            row["bar"] = bool(found.beats) and found.beats.quarters == quarters
            row["key"] = (
                bool(found.key) and same_scale(found.key, key) and found.key.split()[1] == key.split()[1]
            )
            rows.append(row)
            tempi = ", ".join(f"{fold.bpm:.2f}" for fold in found.tempi[:2])
            print(
                f"{style:9} {bpm:7} found {tempi:15} off {error:7.3f} BPM, {1000 * off:6.1f} ms,",
                f"{bar_off:5.2f} beats ({found.beats.sureness if found.beats else 0:.2f}), {key} found {found.key}",
                *(name for name, good in row.items() if not good and name != "tempo or first fold"),
            )
    for name in rows[0]:
        print(f"{name:20} {sum(row[name] for row in rows)} of {len(rows)}")


if __name__ == "__main__":
    main()
