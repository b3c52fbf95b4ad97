"""The texts of a delivery for programs: manifest.json, SHA256SUMS and chapters.txt.

All are pure functions of plain data. They contain no time, host name or absolute path, so that the same song gives the
same bytes.

The manifest says from what the files came (`made_from`), so that someone else can build them again and compare:

- `song`, a digest of all that the song and the house rules ask of the jobs that made the files, with defaults filled
  in. An edit of a comment, of the order of keys, or of what no file was made by (a gate's limit, another song), is no
  other song.
- `inputs`, the sha256 and the name of each file that went in: recordings, samples, SoundFonts, MIDI files. Of each
  delivered file, `inputs` has the digests of those that it was made from.
- `versions`: Stemwright's, and those of the libraries that the sound went through.
- `commit`, if config's `commit` gives one. It is not asked of git: every commit is another one, so that either every
  archive would be packed again after a commit that changes nothing of its song, or a rebuild would not give the same
  bytes. The digests above change when, and only when, something changes that the files are made from.

There is no version of Python in it: all that are supported give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from stemwright.base.files import json_text

SCHEMA_VERSION = 1

MANIFEST, README, SUMS, CHAPTERS = "manifest.json", "README.txt", "SHA256SUMS", "chapters.txt"
VERIFY = "verify.py"
"""The members of a delivery that are not audio."""

_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[/\\]")


def manifest(
    *,
    song: str,
    title: str | None,
    artist: str | None,
    notes: str | None,
    timeline: Mapping,
    files: Sequence[Mapping],
    mix: Sequence[Mapping],
    handoff: Sequence[Mapping] = (),
    total: str,
    sum_files: Sequence[str],
    master: Mapping,
    made_from: Mapping,
    versions: Mapping[str, str],
    chapters: Sequence[tuple[float, str]] = (),
    has_tempo: bool = True,
) -> dict:
    """Describe what is delivered and how it was made.

    Parameters
    ----------
    song, title, artist : str or None
        The song's name, and its title and artist, if given.
    notes : str or None
        The song's notes to the client.
    timeline : mapping
        The content of timeline.json.
    files : sequence of mapping
        Each delivered file, in the archive's order: `file` (its name in the archive), `role` ("master", "mix" or
        "stem"), `stem` (its name, or None), `title` (for people), `bits` (of its integers, or None), `roundings` (how
        often its samples were rounded to 32-bit floats on their way, None if that is not all), `inputs` (the sha256 of
        each), `sentinel` (as read).
    handoff : sequence of mapping
        Each file for a DAW or a stage: `name` and `sha256`.
    mix : sequence of mapping
        Each stem and bus, by name: `stem`, `gain_db`, `pan` and `mute` (as written), `level` (what `gain_db` was found
        for, if it was), `output`, `sends` (by bus),
        `effects` (one-key maps), `source` (its kind; `bus`), `instruments` (those it plays, or its source's kind), and
        `is_part`: whether it is one of those that add up to `total`.
    total : str
        What the delivered stems add up to: `mix` or `master`.
    sum_files : sequence of str
        The name of that file: none if it is not delivered, two if it is split into channels.
    master : mapping
        `effects`, `gain_db` and `trim_db` (before and after the limiter), `limiter` and `target` (mappings or None),
        `integrated_lufs` and `true_peak_dbtp` (as measured, None if they cannot be).
    made_from : mapping
        `song`, `inputs` and perhaps `commit`, see above.
    versions : mapping
        Versions by library.
    chapters : sequence of (float, str)
        The start of each chapter in s, and its title.
    has_tempo : bool
        Whether the song has a tempo.

    Returns
    -------
    dict
        Plain data for JSON. A stem or bus of the mix has the `file` in which it is delivered, or None; the `gain_db`
        with which it enters the mix, 0 if it is delivered, since the file already includes fader and pan; the
        `fader_db`, `pan` and `mute` that were applied; and where it goes.
    """
    delivered = {entry["stem"]: entry["file"] for entry in files}
    stems = [
        {
            "stem": entry["stem"],
            "file": delivered.get(entry["stem"]),
            "gain_db": 0.0 if entry["stem"] in delivered else entry["gain_db"],
            "fader_db": entry["gain_db"],
            **({"level": entry["level"]} if "level" in entry else {}),
            "pan": entry["pan"],
            "mute": entry["mute"],
            "output": entry["output"],
            "sends": entry["sends"],
            "is_part": entry["is_part"],
            "source": entry["source"],
            "instruments": entry["instruments"],
            "effects": _portable(entry["effects"]),
        }
        for entry in mix
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "song": song,
        "title": title or song,
        "artist": artist,
        "notes": notes,
        "seconds": timeline["seconds"],
        "bars": _bars(timeline),
        "key": timeline["key"],
        **({"pickup": timeline["pickup"]} if "pickup" in timeline else {}),
        "tempo": [_without_frame(change) for change in timeline["tempo"]] if has_tempo else [],
        **({"holds": [_without_frame(hold) for hold in timeline["holds"]]} if "holds" in timeline else {}),
        "sections": [
            {key: section[key] for key in ("name", "start", "end", "key")} for section in timeline["sections"]
        ],
        **({"chapters": [{"seconds": at, "title": title} for at, title in chapters]} if chapters else {}),
        "files": [_file(entry) for entry in files],
        **({"handoff": [dict(entry) for entry in handoff]} if handoff else {}),
        "mix": {"stems": stems, "delivered_stems_give": total, "sum_files": list(sum_files)},
        "master": _portable(master),
        "made_from": dict(made_from),
        "versions": dict(sorted(versions.items())),
    }


def manifest_text(data: Mapping) -> str:
    """The manifest as JSON, in which what is not printable is escaped: names and titles may come from anywhere."""
    return "".join(
        char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in json_text(data)
    )


def chapters(marks: Sequence[tuple[float, str]]) -> str:
    """Chapters in the simple form that mp4chaps and Podlove read.

    Parameters
    ----------
    marks : sequence of (float, str)
        The start of each in s, and its title.

    Returns
    -------
    str
        A line for each, such as `00:01:02.500 Verse`.
    """
    lines = []
    for seconds, title in marks:
        minutes, rest = divmod(round(seconds * 1000), 60_000)
        lines.append(f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d} {title}\n")
    return "".join(lines)


def sha256sums(digests: Mapping[str, str]) -> str:
    """The text that `sha256sum -c` reads, for a mapping of file names to their sha256."""
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def audio_format(audio: Mapping) -> dict[str, Any]:
    """What a manifest says of the format of a file, from that in its sentinel; its length also in s."""
    form = {key: audio[key] for key in ("sample_rate", "channels", "subtype", "frames")}
    return {**form, "seconds": audio["frames"] / audio["sample_rate"]}


def _file(entry: Mapping) -> dict:
    audio = entry["sentinel"]["format"]
    return {
        "name": entry["file"],
        "role": entry["role"],
        "stem": entry["stem"],
        **({"version": entry["version"]} if entry.get("version") else {}),
        "title": entry["title"],
        "sha256": entry["sentinel"]["sha256"],
        **audio_format(audio),
        **_lowered(entry["sentinel"].get("checks", ())),
        **{key: entry[key] for key in ("bits", "roundings", "inputs")},
    }


def _lowered(checks: Sequence[Mapping]) -> dict[str, float]:
    """By how many dB a file was turned down, so that its codec does not lift it over its ceiling."""
    found = next((check["measured"] for check in checks if check["id"] == "conversion.gain"), 0)
    return {"turned_down_db": -found} if isinstance(found, int | float) and found < 0 else {}


def _without_frame(entry: Mapping) -> dict:
    """An entry of the timeline without its frame, which is of the sample rate inside the build."""
    return {key: value for key, value in entry.items() if key != "frame"}


def _bars(timeline: Mapping) -> float:
    """The song's length in bars, without its tail: to a thousandth, since the file's length is rounded to frames."""
    if "bars" in timeline:
        return timeline["bars"]
    last = next(beat for beat in reversed(timeline["beats"]) if beat["beat"] == 1)
    change = [change for change in timeline["tempo"] if change["bar"] <= last["bar"]][-1]
    quarter = 60 * timeline["sample_rate"] / Fraction(change["bpm"])
    end = timeline["frames"] - timeline.get("tail_frames", 0)
    rest = (end - last["frame"]) / (4 * Fraction(change["meter"]) * quarter)
    return round(float(last["bar"] - 1 + rest), 3)


def _portable(value: Any) -> Any:
    """The same plain data, with every absolute path in it shortened to its last component."""
    if isinstance(value, Mapping):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    if isinstance(value, str) and _ABSOLUTE.match(value):
        return re.split(r"[/\\]", value)[-1]
    return value
