"""Which file of a delivery is the mix, which the master, and which are stems: by options, names, and what sums."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from stemwright.base.errors import StemwrightError
from stemwright.inspection.sounds import Sound, padded_blocks
from stemwright.validation.names import fold

_MASTER = {"master", "mastered", "mastering", "mst"}
_MIX = {
    "mix",
    "mixdown",
    "premaster",
    "premastered",
    "fullmix",
    "2mix",
    "stereomix",
    "printmaster",
    "unmastered",
}
_VERSION = {
    "instrumental", "acapella", "acappella", "cappella", "karaoke", "tvmix", "tv", "clean", "explicit", "radio",
    "edit", "extended", "performance", "cutdown", "underscore", "sting", "loop",
}  # fmt: skip
_CUT = {"cutdown", "cut", "edit", "loop", "sting", "bumper", "short", "bed", "underscore"}
_SECONDS = re.compile(r"(?<![a-z0-9])(?:5|6|10|15|20|30|45|60|90|120) ?_?(?:s|sec|secs|seconds?)(?![a-z])")
_SHORTER = 0.9  # of the longest file
_EXTRA = {"click", "clicktrack", "metronome", "countin", "guide", "reference", "ref", "rough", "cue"}
_PART = {"stem", "stems", "submix"}
_ALIKE, _SUMS = 0.3, 0.3  # shares of a file's energy


@dataclass
class Roles:
    """What each sound of a delivery is."""

    mix: Sound | None = None
    master: Sound | None = None
    stems: list[Sound] = field(default_factory=list)
    versions: list[Sound] = field(default_factory=list)
    extras: list[Sound] = field(default_factory=list)

    def of(self, sound: Sound) -> str:
        """The role of a file: mix, master, stem, version or extra."""
        if sound is self.mix:
            return "mix"
        if sound is self.master:
            return "master"
        if sound in self.versions:
            return "version"
        return "extra" if sound in self.extras else "stem"


def find_roles(sounds: Sequence[Sound], given: Mapping[str, str]) -> Roles:
    """Find what each file is.

    Parameters
    ----------
    sounds : sequence of Sound
        The files.
    given : mapping of str to str
        Roles that are known, by name: from options, or a manifest: `mix`, `master`, `stem`, or another word.

    Returns
    -------
    Roles
        One mix and one master at most. Of several files with the name of a mix, the one that the stems come nearest to.
    """
    roles = Roles()
    found: dict[str, list[Sound]] = {role: [] for role in ("mix", "master", "stem", "version", "extra")}
    copies = _lossy_copies(sounds)
    title = set.intersection(*map(_words, sounds)) if len(sounds) > 2 else set()
    longest = max((sound.seconds for sound in sounds), default=0)
    for sound in sounds:
        role = given.get(sound.name) or ("extra" if sound in copies else _by_name(_words(sound) - title))
        is_short = sound.seconds < _SHORTER * longest
        if sound.name not in given and role == "stem" and is_short and _is_cut(sound):
            role = "version"
        found[role if role in found else "version"].append(sound)
    roles.stems, roles.versions, roles.extras = found["stem"], found["version"], found["extra"]
    explicit = {role: [s for s in found[role] if given.get(s.name) == role] for role in ("mix", "master")}
    for role in ("mix", "master"):
        candidates = explicit[role] or found[role]
        if candidates:
            setattr(roles, role, _nearest(candidates, roles.stems))
            roles.versions += [sound for sound in found[role] if sound is not getattr(roles, role)]
    if roles.mix is None and roles.master is None and len(roles.stems) > 2:
        _by_sums(roles)
    elif roles.mix is None and len(roles.stems) > 2 and not explicit["master"]:
        _mix_beside_master(roles)
    return roles


def _words(sound: Sound) -> set[str]:
    """The words of a file's name in lower case, and each with the next one: `pre-master` as `premaster`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", sound.stem)
    words = re.findall(r"[a-z]+|2mix", fold(spaced))
    return {*words, *(one + other for one, other in pairwise(words))}


def _is_cut(sound: Sound) -> bool:
    """Whether a name is that of a cut-down or a loop: `Song 30s`, `Song_Loop`, `Song sting`."""
    return bool(_words(sound) & _CUT) or bool(_SECONDS.search(fold(sound.stem)))


def _by_name(every: set[str]) -> str:
    """The role by the words of a name, without those that all files have: the title may be Night Mix."""
    is_whole = every & (_MIX | _MASTER) and not every & _PART
    if every & _VERSION and (
        is_whole or every & {"instrumental", "acapella", "acappella", "cappella", "karaoke"}
    ):
        return "version"
    if every & _EXTRA and not is_whole:
        return "extra"
    if every & _PART:
        return "stem"
    # "Premaster" and "pre master" are mixes; a "Mix Master" is a master.
    if "premaster" in every or "unmastered" in every:
        return "mix"
    if every & _MASTER:
        return "master"
    if every & _MIX:
        # "Drum mix" and "Vox Mix": the mix of something. A mix is named by the song before it or by nothing.
        return "stem" if every & _INSTRUMENTS else "mix"
    return "stem"


_INSTRUMENTS = {
    "drum", "drums", "kick", "snare", "perc", "percussion", "bass", "guitar", "guitars", "gtr", "keys", "piano",
    "synth", "synths", "strings", "brass", "horns", "vox", "vocal", "vocals", "bv", "bgv", "choir", "fx", "sfx",
    "dialogue", "music", "lead", "pad",
}  # fmt: skip


def _lossy_copies(sounds: Sequence[Sound]) -> list[Sound]:
    """Lossy files that stand beside a lossless one of the same name: the same sound once more."""
    lossless = {fold(sound.stem) for sound in sounds if not sound.is_lossy}
    return [sound for sound in sounds if sound.is_lossy and fold(sound.stem) in lossless]


def _nearest(candidates: Sequence[Sound], stems: Sequence[Sound]) -> Sound:
    if len(candidates) == 1 or not stems:
        return candidates[0]
    products = _products([*candidates, *stems])
    if products is None:
        return candidates[0]
    count = len(candidates)
    shares = [_unexplained(products, index, range(count, len(products))) for index in range(count)]
    return candidates[int(np.argmin(shares))]


def _by_sums(roles: Roles) -> None:
    """Take the stem that all others come nearest to for the mix; and if two do, without each other, for the master."""
    stems = roles.stems
    products = _products(stems)
    if products is None:
        return
    every = range(len(stems))
    alone = [(_unexplained(products, i, [j for j in every if j != i]), i, i) for i in every]
    pairs = [
        (_unexplained(products, i, [k for k in every if k not in (i, j)]), i, j)
        for i in every
        for j in every
        if i != j and len(stems) > 3 and _fitted(products, j, [k for k in every if k not in (i, j)]) < _ALIKE
    ]
    share, mix, master = min(alone + pairs)
    if share > _SUMS or products[mix, mix] <= 0:
        return
    roles.mix = stems[mix]
    if master != mix:
        roles.master = stems[master]
    roles.stems = [sound for sound in stems if sound is not roles.mix and sound is not roles.master]


def _mix_beside_master(roles: Roles) -> None:
    """Beside a master, take the stem that all others sum to for the mix."""
    products = _products(roles.stems)
    if products is None:
        return
    every = range(len(roles.stems))
    share, mix = min((_unexplained(products, i, [j for j in every if j != i]), i) for i in every)
    if share <= _SUMS**2:
        roles.mix = roles.stems[mix]
        roles.stems = [sound for sound in roles.stems if sound is not roles.mix]


def _products(sounds: Sequence[Sound]) -> np.ndarray | None:
    """Inner products of all files, in mono; None if they cannot be compared."""
    if len({sound.rate for sound in sounds}) > 1:
        return None
    products = np.zeros((len(sounds), len(sounds)))
    try:
        for blocks in padded_blocks(sounds, max(sound.frames for sound in sounds), 1):
            flat = np.stack([block[:, 0] for block in blocks])
            products += flat @ flat.T
    except StemwrightError:
        return None
    return products if np.isfinite(products).all() else None


def _unexplained(products: np.ndarray, whole: int, parts: Sequence[int]) -> float:
    """The share of a file's energy that is left without the sum of others at unity gain."""
    signs = np.zeros(len(products))
    signs[whole], signs[list(parts)] = 1, -1
    energy = products[whole, whole]
    return float(signs @ products @ signs / energy) if energy else 1.0


def _fitted(products: np.ndarray, whole: int, parts: Sequence[int]) -> float:
    """The share of a file's energy that is left without the sum of others at the best gain."""
    ones = np.zeros(len(products))
    ones[list(parts)] = 1
    energy, power, shared = products[whole, whole], ones @ products @ ones, ones @ products[whole]
    return float(1 - shared**2 / (power * energy)) if energy and power and shared > 0 else 1.0
