"""A song that plays the recordings in a folder: where they are, as they are, at the faders of a given mix."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from stemwright.audio import resampled_frames
from stemwright.base.printable import printable
from stemwright.gates.true_peak import TruePeak as TruePeakGate
from stemwright.measure import measure
from stemwright.measure.recording import examine
from stemwright.measure.true_peak import TruePeak
from stemwright.song.house import HouseRules
from stemwright.song.model import House
from stemwright.starting.balance import Balance, Fader, find_balance
from stemwright.starting.folder import Recordings, Take, read_folder, temporary_folder
from stemwright.starting.from_answers import bpm_text
from stemwright.starting.rendering import render
from stemwright.starting.timing import examine_sum, time_of
from stemwright.validation.names import find_control

_RATES = (8_000, 192_000)  # that sessions may have
_LOWEST_CEILING = -20.0
_SHOWN = 20  # of the files that are left out


def from_recordings(rules: HouseRules, head: Mapping[str, str]) -> tuple[str, list[str]]:
    """The YAML of a song that plays the recordings in the folder `audio`.

    Parameters
    ----------
    rules : HouseRules
        The house rules, with the answers.
    head : mapping of str to str
        As for `from_answers`.

    Returns
    -------
    text : str
        The song.
    told : list of str
        What was found, in lines for a person.

    Raises
    ------
    StemwrightError, OSError, ValueError
        If the folder cannot be used.
    """
    house = rules.house
    folder = folder_of(house)
    found = read_folder(os.path.expanduser(folder))
    rate, channels = _session(found)
    with temporary_folder() as temporary:
        whole = found.whole
        measured = (
            examine(whole.sound.path) if whole else examine_sum(found.stems, rate, temporary / "sum.wav")
        )
        timing = time_of(measured)
        balance = None
        if whole and found.stems:
            sounds = {name: take.sound for name, take in found.stems.items()}
            balance = find_balance(whole.sound, sounds, channels, temporary)
    remarks = [*_on_balance(found, balance), *timing.remarks]
    left_out = [f"{printable(name)}: {reason}" for name, reason in found.left_out]
    if len(left_out) > _SHOWN:
        left_out[_SHOWN:] = [f"and {len(left_out) - _SHOWN} more"]
    session = {"sample_rate": rate, "channels": channels, "pan_law": "balance"}
    own = house.session.model_dump()
    faders = balance.faders if balance else dict.fromkeys(found.stems, Fader())
    content = {
        **head,
        "folder": folder,
        "bpm": bpm_text(house.bpm) if house.bpm else timing.bpm,
        "meter": timing.meter,
        "key": house.key or timing.key,
        "length": _seconds(_frames(found, faders, rate), rate),
        "session": {key: value for key, value in session.items() if value != own[key]},
        "stems": [_stem(name, take, faders[name], folder, rate) for name, take in found.stems.items()],
        "needs_float": _needs_float(found, faders, house),
        "remarks": remarks,
        "left_out": left_out,
        **_master(found, rules),
    }
    facts = [f"{len(found.stems)} stem{'s' if len(found.stems) > 1 else ''}", content["length"]]
    facts += [f"{content['bpm']} BPM"] if content["bpm"] else []
    facts += [content["key"]] if content["key"] else []
    text = render("recordings.yaml.jinja", content)
    return text, [
        f"{printable(folder)}: {', '.join(facts)}",
        *remarks,
        *(f"not played: {each}" for each in left_out),
    ]


def folder_of(house: House) -> str:
    """The folder as paths in the song begin: from the working directory where it is below that.

    Raises ValueError if there is none, or if it cannot be used.
    """
    folder = str(house.audio)
    if find_control(folder):
        raise ValueError(f"{folder}: has a control character in its path: rename the folder")
    path = os.path.expanduser(folder)
    inside = os.path.relpath(os.path.realpath(path), os.path.realpath("."))
    results = os.path.realpath(house.pathvars.results)
    if os.path.commonpath([results, os.path.realpath(path)]) == results:
        raise ValueError(
            f"{folder}: is in {house.pathvars.results}, where files are built: copy the recordings to another folder"
        )
    if not os.path.isdir(path):
        what = "is a file, expected a folder" if os.path.exists(path) else "there is no such folder"
        raise ValueError(f"{folder}: {what}")
    if os.path.isabs(path) and not inside.startswith(os.pardir):
        folder = inside
    folder = os.path.normpath(folder)
    is_home = str(house.audio).startswith("~") and os.path.expanduser(folder) != folder
    return os.path.join(os.curdir, folder) if folder.startswith("~") and not is_home else folder


def _session(found: Recordings) -> tuple[int, int]:
    """The sample rate and the channels that all files are converted to: those of the mix, or of most stems."""
    sounds = [take.sound for take in found.stems.values()]
    counts = Counter(sound.rate for sound in sounds)
    most = max(counts, key=lambda rate: (counts[rate], rate))
    rate = found.whole.sound.rate if found.whole else most
    channels = found.whole.sound.channels if found.whole else max(sound.channels for sound in sounds)
    return min(max(rate, _RATES[0]), _RATES[1]), channels


def _frames(found: Recordings, faders: Mapping[str, Fader], rate: int) -> int:
    """The length of the song: until the last stem has ended."""
    return max(
        resampled_frames(take.sound.frames, take.sound.rate, rate) + faders[name].late
        for name, take in found.stems.items()
    )


def _needs_float(found: Recordings, faders: Mapping[str, Fader], house: House) -> bool:
    """Whether a stem would be clipped where it is delivered: by integers, which end at 0 dBFS."""
    is_integer = house.delivery.container == "WAV" and house.delivery.sample_format.startswith("PCM")
    return is_integer and any(take.peak + faders[name].gain_db >= 0 for name, take in found.stems.items())


def _stem(name: str, take: Take, fader: Fader, folder: str, rate: int) -> dict[str, Any]:
    sound = take.sound
    facts = [f"{sound.seconds:.3f} s", f"{sound.rate:,} Hz", "mono" if sound.channels == 1 else "stereo"]
    facts += [f"{take.integrated:.1f} LUFS"] if take.integrated is not None else []
    path = os.path.join(folder, sound.name)
    return {
        "name": name,
        "file": path if folder != os.curdir else sound.name,
        "facts": ", ".join([*facts, f"peak {take.peak:.1f} dBFS"]),
        "at": _seconds(fader.late, rate) if fader.late > 0 else "",
        "start": _seconds(-fader.late, rate) if fader.late < 0 else "",
        "fader": fader,
        "gain_db": f"{fader.gain_db:g}",
    }


def _seconds(frames: int, rate: int) -> str:
    """A length in frames as a length in YAML, which is rounded to the same frames."""
    return f"{float(Fraction(frames, rate)):.9f}".rstrip("0").rstrip(".") + " s"


def _on_balance(found: Recordings, balance: Balance | None) -> list[str]:
    """How well the stems add up to the given mix."""
    whole = found.whole
    if whole is None:
        return ["no mix was given: all faders are at 0 dB"]
    name = printable(whole.sound.name)
    if balance is None:
        return []
    if not balance.nearest:
        if all(fader == Fader() for fader in balance.faders.values()):
            return [f"at 0 dB, the stems add up to {name}: the difference is {_below(balance.left_db)}"]
        unity = f"at 0 dB it would be {_below(balance.unity_db)}"
        return [
            f"at these faders, the stems add up to {name}: the difference is {_below(balance.left_db)}; {unity}"
        ]
    best = ", ".join(f"{each} {_of_fader(fader)}" for each, fader in balance.nearest.items())
    return [
        f"the stems do not add up to {name}: all faders are at 0 dB, and the difference is {_below(balance.unity_db)}",
        f"at the best faders, it would be {_below(balance.left_db)}: {best}",
        *balance.reasons,
    ]


def _of_fader(fader: Fader) -> str:
    return "not heard" if fader.muted else f"{fader.gain_db:+.1f} dB{' inverted' if fader.inverted else ''}"


def _below(level: float) -> str:
    return "nothing" if level < -200 else f"{abs(level):.1f} dB {'above' if level > 0 else 'below'} it"


def _master(found: Recordings, rules: HouseRules) -> dict[str, Any]:
    """The ceiling of the limiter, and the loudness of a given master."""
    gates = rules.data.get("gates") or {}
    highest = min((gates.get("true_peak") or {}).get("max_dbtp", TruePeakGate.max_dbtp), 0)
    if not found.master:
        return {"ceiling": highest, "loudness": None, "master": ""}
    meter = TruePeak()
    measure(found.master.sound.path, [meter])
    peak, loudness = meter.true_peak, found.master.integrated
    return {
        "ceiling": highest if peak is None else min(highest, max(round(peak, 1), _LOWEST_CEILING)),
        "loudness": None if loudness is None else round(loudness, 1),
        "master": found.master.sound.name,
    }
