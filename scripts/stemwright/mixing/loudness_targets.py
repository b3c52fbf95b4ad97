"""Named loudness targets (presets): what broadcasters, shops and players require of a file.

A target has severity `error` if files that miss it are rejected by their recipient, and `warn` if a player only
normalises its playback to it. Where no tolerance is published, ours is 0.5 LU.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from stemwright.validation.problems import did_you_mean

TOLERANCE_LU = 0.5
"""Deviation allowed in both directions where a target has no published tolerance, in LU."""


@dataclass(frozen=True)
class LoudnessTarget:
    """A loudness target: integrated loudness of the whole file, or else limits of its RMS level, and further limits.

    The loudness may be `below_lu` under `integrated_lufs` to `above_lu` over it. `severity` says what a missed target
    does: `error` refuses the file, `warn` only reports it. `dialogue`: the loudness required is that of speech alone.
    `turns_up`: whether players also amplify files that are quieter. Head and tail are the room tone before and after
    all speech. `album_lufs`: the loudness of an album's loudest track, where that is not `integrated_lufs`.
    """

    about: str
    source: str
    severity: Literal["error", "warn"]
    integrated_lufs: float | None = None
    below_lu: float = TOLERANCE_LU
    above_lu: float = TOLERANCE_LU
    max_true_peak_dbtp: float | None = None
    max_short_term_lufs: float | None = None
    max_range_lu: float | None = None
    dialogue: bool = False
    turns_up: bool = True
    min_rms_dbfs: float | None = None
    max_rms_dbfs: float | None = None
    max_peak_dbfs: float | None = None
    max_noise_floor_dbfs: float | None = None
    min_head_s: float | None = None
    max_head_s: float | None = None
    min_tail_s: float | None = None
    max_tail_s: float | None = None
    album_lufs: float | None = None


LOUDNESS_TARGETS: dict[str, LoudnessTarget] = {
    "ebu-r128": LoudnessTarget(
        "Broadcast in Europe",
        "EBU R 128 (2020); live programmes may be 1 LU off: `tolerance_lu: 1`",
        "error",
        -23,
        0.2,
        0.2,
        max_true_peak_dbtp=-1,
    ),
    "ebu-r128-s1": LoudnessTarget(
        "Advertisements and other short programmes in Europe",
        "EBU R 128 s1",
        "error",
        -23,
        0.2,
        0.2,
        max_true_peak_dbtp=-1,
        max_short_term_lufs=-18,
    ),
    "atsc-a85": LoudnessTarget(
        "Broadcast in the USA", "ATSC A/85", "error", -24, 2, 2, max_true_peak_dbtp=-2
    ),
    "netflix": LoudnessTarget(
        "Netflix, near-field mix",
        "Netflix Sound Mix Specifications: loudness of dialogue",
        "error",
        -27,
        2,
        2,
        max_true_peak_dbtp=-2,
        dialogue=True,
    ),
    "spotify": LoudnessTarget(
        "Spotify, playback at normal volume", "Spotify for Artists", "warn", -14, max_true_peak_dbtp=-1
    ),
    "apple-music": LoudnessTarget(
        "Apple Music, playback with Sound Check", "as measured of players", "warn", -16, max_true_peak_dbtp=-1
    ),
    "apple-podcasts": LoudnessTarget(
        "Apple Podcasts", "Apple Podcasts audio requirements", "warn", -16, 1, 1, max_true_peak_dbtp=-1
    ),
    "youtube": LoudnessTarget(
        "YouTube, playback: only turned down", "as measured of players", "warn", -14, turns_up=False
    ),
    "tidal": LoudnessTarget("Tidal, playback", "as measured of players", "warn", -14),
    "amazon-music": LoudnessTarget(
        "Amazon Music, playback", "Amazon Music for Artists", "warn", -14, max_true_peak_dbtp=-2
    ),
    "alexa": LoudnessTarget(
        "Amazon Alexa: refused outside -19 to -9 LUFS",
        "Alexa Skills Kit, audio requirements",
        "error",
        -14,
        5,
        5,
        max_true_peak_dbtp=-2,
    ),
    "aes77": LoudnessTarget(
        "Streaming of music: a track at -16, the loudest of an album at up to -14",
        "AES77-2023",
        "warn",
        -16,
        TOLERANCE_LU,
        2,
        max_true_peak_dbtp=-1,
        album_lufs=-14,
    ),
    "game-home": LoudnessTarget(
        "Games at home", "Sony ASWG-R001", "warn", -24, 2, 2, max_true_peak_dbtp=-1, max_range_lu=20
    ),
    "game-portable": LoudnessTarget(
        "Games on the go", "Sony ASWG-R001", "warn", -18, 2, 2, max_true_peak_dbtp=-1, max_range_lu=20
    ),
    "acx": LoudnessTarget(
        "Audiobooks on ACX and Audible",
        "ACX audio submission requirements",
        "error",
        min_rms_dbfs=-23,
        max_rms_dbfs=-18,
        max_peak_dbfs=-3,
        max_noise_floor_dbfs=-60,
        min_head_s=0.5,
        max_head_s=1,
        min_tail_s=1,
        max_tail_s=5,
    ),
}


def parse_preset(text: object) -> str:
    """The name of a preset. Raises ValueError with the known names, or the most similar one."""
    if text not in LOUDNESS_TARGETS:
        raise ValueError(
            f"must be a preset such as ebu-r128 (is {text!r}){did_you_mean(text, list(LOUDNESS_TARGETS))}"
        )
    return str(text)


def limits(
    name: str | None, integrated_lufs: float | None, tolerance_lu: float | None, severity: str | None
) -> dict[str, Any]:
    """A target as plain data for the gates.

    Parameters
    ----------
    name
        The name of a preset, or None for a target of a loudness alone.
    integrated_lufs
        The loudness in LUFS, used if `name` is None.
    tolerance_lu, severity
        Override those of the preset, unless None.

    Returns
    -------
    dict
        `name` ("" without a preset) and the fields of `LoudnessTarget` that are not None, except `about` and `source`.
    """
    preset = LOUDNESS_TARGETS[name] if name else LoudnessTarget("", "", "error", integrated_lufs)
    plain = {field.name: getattr(preset, field.name) for field in fields(preset)}
    if tolerance_lu is not None:
        plain |= {"below_lu": tolerance_lu, "above_lu": tolerance_lu}
    plain |= {"name": name or "", "severity": severity or preset.severity}
    return {
        key: value for key, value in plain.items() if value is not None and key not in ("about", "source")
    }


def master_aim(target: dict[str, Any], has_dialogue: bool = False) -> dict[str, float]:
    """What the master chain aims at.

    Parameters
    ----------
    target : dict
        As made by `limits`.
    has_dialogue : bool
        Whether the song has stems that are marked as dialogue.

    Returns
    -------
    dict of str to float
        `dialogue_lufs` if the target is for dialogue and there is some, else `integrated_lufs`; or `rms_dbfs`, the
        middle of the target's RMS range.
    """
    if target["dialogue"] and has_dialogue:
        return {"dialogue_lufs": target["integrated_lufs"]}
    if "integrated_lufs" in target:
        return {"integrated_lufs": target["integrated_lufs"]}
    return {"rms_dbfs": (target["min_rms_dbfs"] + target["max_rms_dbfs"]) / 2}


def max_peak(target: dict[str, Any]) -> float | None:
    """The highest peak that a target allows, in dBTP or dBFS: a true-peak limiter limits sample peaks too."""
    return target.get("max_true_peak_dbtp", target.get("max_peak_dbfs"))
