"""Pages of songs that were never built: any verdicts, any texts, any number of tracks, in the files that pages load."""

import base64
import json

import numpy as np

from stemwright.pages.render import render
from stemwright.pages.song import content

RATE = 8_000
PASSED = {"id": "finite", "measured": 0, "unit": "samples", "limit": "= 0", "status": "pass"}
LOUDNESS = {"id": "loudness", "measured": -14.0, "unit": "LUFS", "limit": "-14 ±0.5", "status": "pass"}


def record(*checks):
    """The sentinel of a file."""
    return {
        "sha256": "0123456789abcdef" * 4,
        "format": {"sample_rate": RATE},
        "checks": list(checks or [PASSED]),
    }


def timeline(seconds=8.0, bpm="120", sections=("verse", "chorus"), chords=("Am7", "F")):
    """A song in 4/4 of sections of equal length, each with these chords at its start and its middle."""
    frames = round(seconds * RATE)
    each = frames // max(1, len(sections))
    return {
        "sample_rate": RATE,
        "frames": frames,
        "seconds": seconds,
        "key": "A minor",
        "tempo": [{"bar": 1, "frame": 0, "bpm": bpm, "meter": "4/4"}],
        "sections": [
            {
                "name": name,
                "start_frame": n * each,
                "end_frame": (n + 1) * each,
                "start": {"bar": 1 + n},
                "key": "A minor",
                "chords": [
                    {"symbol": symbol, "frame": n * each + k * each // len(chords)}
                    for k, symbol in enumerate(chords)
                ],
            }
            for n, name in enumerate(sections)
        ],
        "beats": [
            {"bar": 1 + beat // 4, "beat": 1 + beat % 4, "frame": beat * RATE // 2}
            for beat in range(int(seconds * 2))
        ],
    }


def params(stems=("bass", "drums"), buses=(), **others):
    """What the job of a page is given: these strips, the mix and the master, one delivery of the master."""
    strips = [(kind, name) for kind, names in (("stem", stems), ("bus", buses)) for name in names]
    tracks = [
        {
            "id": f"{kind}-{name}",
            "kind": kind,
            "name": name,
            "has_effects": True,
            "is_direct": True,
            "buses": [],
        }
        for kind, name in strips
    ]
    tracks += [{"id": name, "kind": name, "name": ""} for name in ("mix", "master")]
    files = {
        "timeline.json": "timeline",
        **{f"stems/{name}.wav": "stem" for name in stems},
        "mix/mix.wav": "mix",
        "master/master.wav": "master",
        "delivery/tune_master.wav": "delivered",
        "tune.zip": "archive",
    }
    form = {"container": "WAV", "sample_format": "PCM_24", "sample_rate": 48_000, "channels": 2}
    return {
        "song": "tune",
        "title": "Tune",
        "artist": "Nobody",
        "titles": ["Verse", "Chorus"],
        "has_tempo": True,
        "target": {"integrated_lufs": -14, "below_lu": 0.5, "above_lu": 0.5},
        "artifacts": [{"file": file, "stage": stage, "version": ""} for file, stage in files.items()],
        "tracks": tracks,
        "deliveries": [
            {
                "name": "",
                "archive": "tune.zip",
                "files": [{"file": "delivery/tune_master.wav", "title": "Master", **form}],
            }
        ],
        **others,
    }


def records(given, **checks):
    """Sentinels of all artifacts of `params`; those of a stage have the checks that are named by it."""
    return {
        each["file"]: record(
            *checks.get(each["stage"], [LOUDNESS] if each["stage"] == "master" else [PASSED])
        )
        for each in given["artifacts"]
    }


SETTINGS = {"gain_db": 2.5, "limiter": {"ceiling_db": -1.0, "true_peak": True}}


def write_song_page(folder, given, placed=None, found=None):
    """The page of a song, with tracks in which something sounds in the first half."""
    placed = placed or timeline()
    folder.mkdir(parents=True, exist_ok=True)
    for track in given["tracks"]:
        write_drawn(folder, track, placed["seconds"])
    page = folder / "index.html"
    text = render("song.html", content(given, placed, found or records(given), SETTINGS))
    page.write_text(text, encoding="utf-8")
    (folder / "runs.js").write_text("stemwright.runs([]);\n")
    return page


def write_drawn(folder, track, seconds, columns=2_400, bands=64):
    """`tracks/ID.js` without a sound: what is drawn of a sine that rests in its second half."""
    sounds = np.arange(columns) < columns // 2
    whole = track["kind"] not in ("stem", "bus")
    steps = 1_200
    curve = [-14.0 if n < steps // 2 else None for n in range(steps)]
    view = {
        "sha256": "0" * 64,
        "columns": columns,
        "peaks": _base64(np.repeat(sounds[:, None] * np.int8([-64, 64]), 1, axis=1)),
        "rms": _base64(np.uint8(90 * sounds)),
        "spectrogram": {
            "columns": 600,
            "bands": bands,
            "low_hz": 40.0,
            "high_hz": 4_000.0,
            "floor_db": -96.0,
            "data": _base64(np.uint8(np.outer(np.arange(bands) == bands // 2, np.arange(600) < 300) * 200)),
        },
        "loudness": {"step_s": seconds / steps, "short_term": curve, "momentary": curve} if whole else None,
        "integrated_lufs": -14.0 if whole else None,
    }
    stages = [track["kind"]] if whole else [track["kind"], "processed"]
    views = [{**view, "stage": stage, "file": f"{stage}/{track['name'] or stage}.wav"} for stage in stages]
    drawn = {
        "id": track["id"],
        "rate": RATE,
        "frames": round(seconds * RATE),
        "seconds": seconds,
        "views": views,
    }
    (folder / "tracks").mkdir(exist_ok=True)
    (folder / f"tracks/{track['id']}.js").write_text(f"stemwright.track({json.dumps(drawn)});\n")


def _base64(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
