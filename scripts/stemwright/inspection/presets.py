"""The presets of loudness as a whole: the clause of each limit, the exact miss, and the command that mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stemwright.inspection import remedies
from stemwright.inspection.finding import Finding
from stemwright.inspection.sounds import Sound
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, LoudnessTarget

_LOUDNESS, _PEAK, _RANGE, _SHORT = "loudness", "true_peak", "loudness_range", "short_term"

CLAUSES: dict[str, dict[str, str]] = {
    "ebu-r128": {
        _LOUDNESS: "EBU R 128 (August 2020), recommendation: Target Level -23.0 LUFS; tolerance ±0.2 LU in QC",
        _PEAK: "EBU R 128 (August 2020), recommendation: Maximum Permitted True Peak Level -1 dBTP",
    },
    "ebu-r128-s1": {
        _LOUDNESS: "EBU R 128 s1 (Loudness Parameters for Short-form Content): Target Level -23.0 LUFS",
        _PEAK: "EBU R 128, recommendation: Maximum Permitted True Peak Level -1 dBTP",
        _SHORT: "EBU R 128 s1: Maximum Short-term Loudness -18 LUFS",
    },
    "atsc-a85": {
        _LOUDNESS: "ATSC A/85, recommended practice: Target Loudness -24 LKFS, ±2 dB",
        _PEAK: "ATSC A/85, recommended practice: true peak below -2 dBTP",
    },
    "netflix": {
        _LOUDNESS: "Netflix Sound Mix Specifications & Best Practices: -27 LKFS ±2 LU, dialogue-gated",
        _PEAK: "Netflix Sound Mix Specifications & Best Practices: peaks at most -2 dBTP",
    },
    "spotify": {
        _LOUDNESS: "Spotify for Artists, Loudness normalization: -14 LUFS at playback (no requirement)",
        _PEAK: "Spotify for Artists, Loudness normalization: true peak below -1 dBTP (a recommendation)",
    },
    "apple-music": {
        _LOUDNESS: "Apple Music Sound Check, as measured of players: -16 LUFS at playback (no requirement)",
        _PEAK: "Apple Digital Masters: headroom of 1 dB for encoding (a recommendation)",
    },
    "apple-podcasts": {
        _LOUDNESS: "Apple Podcasts for Creators, Audio requirements: -16 LKFS ±1 dB",
        _PEAK: "Apple Podcasts for Creators, Audio requirements: true peak at most -1 dBFS",
    },
    "youtube": {
        _LOUDNESS: "YouTube, as measured of players: -14 LUFS at playback, only turned down (no requirement)"
    },
    "tidal": {_LOUDNESS: "TIDAL, as measured of players: -14 LUFS at playback (no requirement)"},
    "amazon-music": {
        _LOUDNESS: "Amazon Music for Artists, mastering: -14 LUFS at playback (no requirement)",
        _PEAK: "Amazon Music for Artists, mastering: true peak at most -2 dBTP",
    },
    "alexa": {
        _LOUDNESS: "Alexa Skills Kit, audio requirements: -14 LUFS; refused outside -19 to -9",
        _PEAK: "Alexa Skills Kit, audio requirements: true peak at most -2 dBFS",
    },
    "aes77": {
        _LOUDNESS: "AES77-2023, music: a track at -16 LUFS, the loudest track of an album at up to -14",
        _PEAK: "AES77-2023: true peak at most -1 dBTP",
    },
    "game-home": {
        _LOUDNESS: "Sony ASWG-R001, home: -24 LUFS ±2",
        _PEAK: "Sony ASWG-R001: true peak at most -1 dBTP",
        _RANGE: "Sony ASWG-R001: Loudness Range up to 20 LU",
    },
    "game-portable": {
        _LOUDNESS: "Sony ASWG-R001, portable: -18 LUFS ±2",
        _PEAK: "Sony ASWG-R001: true peak at most -1 dBTP",
        _RANGE: "Sony ASWG-R001: Loudness Range up to 20 LU",
    },
    "acx": {
        "rms": "ACX audio submission requirements, each file: -23 dB to -18 dB RMS",
        "sample_peak": "ACX audio submission requirements, each file: peaks at most -3 dB",
        "noise_floor": "ACX audio submission requirements, each file: noise floor at most -60 dB RMS",
    },
}
"""The document and the place in it, by preset and check."""

_MARGIN_DB = 0.02  # levels are rounded to 0.01 dB, and so are gains


def with_remedies(preset: str, sound: Sound, findings: Sequence[Finding]) -> list[Finding]:
    """Add clauses, exact misses and commands to the findings of a file.

    Parameters
    ----------
    preset : str
        The name of the preset.
    sound : Sound
        The file.
    findings : sequence of Finding
        All findings of the file.

    Returns
    -------
    list of Finding
        The same, those of the preset's limits completed.
    """
    target, clauses = LOUDNESS_TARGETS[preset], CLAUSES[preset]
    found = {finding.check.id: finding.check.measured for finding in findings}
    peak = found.get("true_peak")
    done = []
    for finding in findings:
        check, clause = finding.check, clauses.get(finding.check.id, "")
        if not clause:
            done.append(finding)
            continue
        delta = _gain_db(check.id, check.measured, target) if check.status in ("warn", "fail") else 0.0
        if not delta or (check.id == _LOUDNESS and delta > 0 and not target.turns_up):
            done.append(replace(finding, clause=clause))
            continue
        reason, command = _remedy(
            sound, check.id, delta, target, found, peak if isinstance(peak, float) else None
        )
        text = "; ".join(filter(None, (check.reason, reason)))
        remedy = f"a gain of {delta:+.2f} dB" if "limiter" not in reason else "a limiter: see the command"
        done.append(Finding(replace(check, reason=text, remedy=remedy), finding.file, clause, command))
    return done


def _gain_db(name: str, measured: object, target: LoudnessTarget) -> float:
    """The gain that brings a level to where it belongs: the target, the range's nearer end, or under the ceiling."""
    if not isinstance(measured, int | float):
        return 0.0
    if name == _LOUDNESS and target.integrated_lufs is not None:
        return target.integrated_lufs - measured
    if name == "rms" and target.min_rms_dbfs is not None and target.max_rms_dbfs is not None:
        # Into the range, as far as its middle allows without need.
        low, high = target.min_rms_dbfs + 0.5, target.max_rms_dbfs - 0.5
        return min(max(measured, low), high) - measured
    ceilings: Mapping[str, float | None] = {
        _PEAK: target.max_true_peak_dbtp,
        "sample_peak": target.max_peak_dbfs,
        _SHORT: target.max_short_term_lufs,
    }
    ceiling = ceilings.get(name)
    return ceiling - _MARGIN_DB - measured if ceiling is not None else 0.0


def _remedy(
    sound: Sound, name: str, delta: float, target: LoudnessTarget, found: Mapping, true_peak: float | None
) -> tuple[str, str]:
    """(the miss in words, the command) for a level that needs a gain."""
    unit = "LU" if name in (_LOUDNESS, _SHORT) else "dB"
    miss = f"{abs(delta):.2f} {unit} too {'loud' if delta < 0 else 'quiet'}"
    ceiling = target.max_true_peak_dbtp if target.max_peak_dbfs is None else target.max_peak_dbfs
    peak = true_peak if true_peak is not None else found.get("sample_peak")
    if delta > 0 and ceiling is not None and isinstance(peak, int | float) and peak + delta > ceiling:
        over = peak + delta - ceiling
        reason = f"{miss}; a gain alone puts its peak at {peak + delta:.2f}, {over:.2f} dB over the ceiling: limiter"
        return reason, remedies.limited(sound, delta, ceiling)
    if name in (_PEAK, "sample_peak"):
        level = found.get(_LOUDNESS if target.integrated_lufs is not None else "rms")
        lowest = (
            target.integrated_lufs - target.below_lu
            if target.integrated_lufs is not None
            else target.min_rms_dbfs
        )
        if isinstance(level, int | float) and lowest is not None and ceiling is not None:
            wanted = _gain_db(_LOUDNESS if target.integrated_lufs is not None else "rms", level, target)
            if level + delta < lowest:
                reason = (
                    f"{-delta:.2f} dB over; a gain would make it too quiet ({level + delta:.2f}): limiter"
                )
                return reason, remedies.limited(sound, max(0.0, wanted), ceiling)
        return f"{-delta:.2f} dB over", remedies.gain(sound, delta)
    return miss, remedies.gain(sound, delta)
