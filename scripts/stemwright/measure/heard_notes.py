"""Whether written notes are heard: of each, a partial rises at its onset, at its pitch.

Spectra are taken of the sound at about 11 kHz, before each onset and while its note sounds. Of the odd partials of a
note, those count that no other note has which sounds then or rings on. A partial is heard if a peak at it stands out
from what is around it, and has risen from what was there before. Even partials do not count: they are those of the note
an octave above. Partials half-way between those of a note are those of the note an octave below.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from stemwright.audio import mean_of_channels
from stemwright.measure._base import Meter

_RATE = 11_000
_SIZES = (512, 1024, 2048, 4096)
_WHILE_S = 0.5  # a note is looked at for so long at most
_AFTER_S = 0.15  # and for so long after its end
_RINGS_S = 0.3  # other notes ring on for so long
_ODD = 1, 3, 5, 7  # the partials of a note that count
_BETWEEN = 0.5, 1.5, 2.5, 3.5, 4.5  # those half-way between its own
_HIGH = 2.0  # a partial half-way above this one is not an organ's 16' or 5 1/3'
_OTHERS = 10  # how many partials of other notes may mask it
_SEMITONE = 2 ** (1 / 12) - 1
# How far away, in semitones and at least in bins, is still the partial; may be another's; is around it.
_NEAR, _APART, _AROUND = 0.35, 0.7, 3.0
_NEAR_BINS, _APART_BINS, _AROUND_BINS = 0.6, 4.0, 8.0
_HEARD_DB = 8.0  # a partial stands out and rises by so much
_FAINT = 1e-4  # of the power of the loudest partial
_BELOW, _FAR_BELOW = 0.3, 8.0  # the power of what is half-way, over that of the note's own partials
_RISE_SIZE, _RISE_HOP, _RISE_S = 512, 128, 0.35
_RISEN = 0.01  # of the power of its maximum
_LOBE = 4  # the bins that a partial is wide in the spectrum of a Hann window
_SEEN_AT = 0.27  # of a Hann window, the part of it whose sum is a tenth of the whole
_EPSILON = 1e-16


class Heard(NamedTuple):
    """What is heard of a note.

    `db`: how far the clearest of its partials stands out and has risen; None if fewer than two can be judged, since
    other notes mask them or they sounded before, or if it is too short for its pitch. `is_low`: whether the note an
    octave below is heard. `late_s`: how much later than written it rises, below 0 if earlier, 0 if it is not heard.
    `power`: the mean square of the sound while it is held.
    """

    db: float | None = None
    is_low: bool = False
    late_s: float = 0.0
    power: float = 0.0

    @property
    def is_heard(self) -> bool:
        """Whether one of its partials rises at its onset."""
        return self.db is not None and self.db >= _HEARD_DB


class _Partial(NamedTuple):
    """A partial: how far it stands out and rises in dB, its power, whether it stood out before its onset, its place."""

    db: float
    power: float
    was_there: bool
    hertz: float
    number: float


@dataclass
class HeardNotes(Meter):
    """What is heard of each note: `heard`, in the order of `notes`, and whether all samples were `finite`.

    A note is its first frame, the number of frames for which it is held, and its MIDI pitch. They are in ascending
    order of their first frames. Memory does not grow with the length of the file.
    """

    notes: tuple[tuple[int, int, float], ...]

    def start(self, rate: int, channels: int) -> None:
        import soxr

        self.finite = True
        self._rate = rate / max(1, rate // _RATE)
        self._resampler = soxr.ResampleStream(rate, self._rate, 1, dtype="float64", quality="HQ")
        table = np.array(self.notes, dtype=float).reshape(-1, 3)
        self._starts, self._ends = table[:, 0] / rate, (table[:, 0] + table[:, 1]) / rate
        self._longest = (self._ends - self._starts).max(initial=0.0)
        self._hertz = 440 * 2 ** ((table[:, 2] - 69) / 12)
        self._sound, self._at = np.zeros(max(_SIZES)), -max(_SIZES)  # at the lower rate, from this frame on
        self._last: tuple[tuple[int, int, int, int], np.ndarray] | None = None
        self._found: list[Heard] = []

    def feed(self, block: np.ndarray) -> None:
        mono = mean_of_channels(block)
        self.finite = self.finite and bool(np.isfinite(mono.sum()))
        if self.finite:
            self._take(self._resampler.resample_chunk(np.ascontiguousarray(mono)))

    @cached_property
    def heard(self) -> list[Heard]:
        """What is heard of each note."""
        self._take(self._resampler.resample_chunk(np.zeros(0), last=True))
        self._take(np.zeros(round(2 * _WHILE_S * self._rate) + 2 * max(_SIZES)))
        return self._found

    def _take(self, sound: np.ndarray) -> None:
        """Look at every note of which all sound is known now, and forget what no later note needs."""
        self._sound = np.concatenate((self._sound, sound))
        known = (self._at + len(self._sound) - max(_SIZES)) / self._rate - _WHILE_S
        while len(self._found) < len(self._starts) and self._starts[len(self._found)] < known:
            self._found.append(self._look_at(len(self._found)))
        ahead = self._starts[len(self._found) :]
        needed = int(min(ahead[0] if len(ahead) else known, known) * self._rate) - 2 * max(_SIZES)
        if needed > self._at:
            self._sound, self._at = self._sound[needed - self._at :], needed

    def _look_at(self, index: int) -> Heard:
        start, hertz = self._starts[index], self._hertz[index]
        held_s = self._ends[index] - start
        # As long as the note, for the finest frequencies; the last spectrum before it and those from its onset on.
        size = max((n for n in _SIZES if n <= held_s * self._rate), default=min(_SIZES))
        hop = size // 4
        count = max(3, int((min(held_s + _AFTER_S, _WHILE_S) * self._rate - size) / hop) + 1)
        first = round(start * self._rate)
        held = self._sound[first - self._at :][: max(1, int(min(held_s, _WHILE_S) * self._rate))]
        power = float(np.mean(held**2))
        if hertz < _LOBE * self._rate / size:
            return Heard(power=power)
        spectra = self._spectra(first - size, hop, 4 + count, size)
        spectra = np.delete(spectra, (1, 2, 3), axis=0)  # these are before the onset in part
        others = self._partials_of_others(index)
        own = [p for n in _ODD if (p := self._partial(n, hertz, size, spectra, others))]
        rising = [partial for partial in own if not partial.was_there]
        clear = [partial for partial in rising if partial.db >= _HEARD_DB]
        overtones = sum(partial.number > 1 for partial in clear)
        is_masked = not clear and all(partial.number > 1 for partial in rising)  # a sine has no overtones
        if len(rising) < 2 or is_masked or overtones == len(clear) == sum(p.number > 1 for p in rising) == 1:
            return Heard(power=power)
        clearest = max(rising, key=lambda partial: partial.db)
        if not clear or overtones == len(clear) == 1:
            # One overtone alone is another note's: the third partial is that of the note a fifth above.
            return Heard(min(clearest.db, 0.0), power=power)
        others = np.append(others, hertz * np.arange(1, _OTHERS + 1))
        halves = (self._partial(n, hertz, size, spectra, others) for n in _BETWEEN)
        between = [partial for partial in halves if partial and partial.db >= _HEARD_DB]
        share = sum(p.power for p in between) / sum(p.power for p in own)
        is_rich = any(partial.number > _HIGH for partial in between)
        is_low = share > (_BELOW if is_rich else _FAR_BELOW)
        return Heard(clearest.db, is_low, self._lateness(first, clearest.hertz), power)

    def _partials_of_others(self, index: int) -> np.ndarray:
        """The frequencies in Hz of the partials of all other notes that sound with a note, or rang on just before."""
        start, end = self._starts[index], min(self._ends[index], self._starts[index] + _WHILE_S)
        low, high = np.searchsorted(self._starts, (start - self._longest - _RINGS_S, end))
        sounding = self._ends[low:high] + _RINGS_S > start
        sounding[index - low] = False
        return np.outer(self._hertz[low:high][sounding], np.arange(1, _OTHERS + 1)).ravel()

    def _spectra(self, first: int, hop: int, count: int, size: int) -> np.ndarray:
        """Power spectra, shape (count, size / 2 + 1), of windows that begin at frame `first` of the file and later."""
        wanted = first, hop, count, size
        if self._last is None or self._last[0] != wanted:  # those of a chord are taken once
            low = first - self._at
            part = self._sound[max(low, 0) : low + size + hop * (count - 1)]
            part = np.pad(part, (max(-low, 0), 0))
            windows = np.lib.stride_tricks.sliding_window_view(part, size)[::hop]
            power = np.abs(np.fft.rfft(windows * np.hanning(size + 1)[:-1])) ** 2 / size**2
            self._last = wanted, power
        return self._last[1]

    def _partial(
        self, number: float, note_hz: float, size: int, spectra: np.ndarray, others: np.ndarray
    ) -> _Partial | None:
        """A partial of a note; None if it is too high to be looked at, or another note has it.

        Parameters
        ----------
        number : float
            Its number, 1 for the fundamental.
        note_hz : float
            The frequency of the note.
        size : int
            The number of samples of a spectrum.
        spectra : np.ndarray
            Power spectra, shape (n, size / 2 + 1): the first before the onset of the note.
        others : np.ndarray
            The partials of other notes, in Hz.

        Returns
        -------
        _Partial or None
        """
        hertz, bin_hz = number * note_hz, self._rate / size
        apart, near, around = (
            max(semitones * _SEMITONE * hertz / bin_hz, bins)
            for semitones, bins in ((_APART, _APART_BINS), (_NEAR, _NEAR_BINS), (_AROUND, _AROUND_BINS))
        )
        if hertz > 0.45 * self._rate or (len(others) and np.abs(others - hertz).min() < apart * bin_hz):
            return None
        middle = hertz / bin_hz
        low, high = max(1, int(np.ceil(middle - near))), max(1, int(middle + near))
        course = spectra[:, low : high + 1].max(axis=1)
        is_peak = course >= np.maximum(spectra[:, low - 1], spectra[:, high + 1])
        floors = np.median(spectra[:, max(1, int(middle - around)) : int(middle + around) + 2], axis=1)
        is_peak &= course >= _FAINT * spectra.max()  # else it may be a side lobe of a louder one
        stands_db = 10 * np.log10(np.where(is_peak, (course + _EPSILON) / (floors + _EPSILON), 1.0))
        loudest = np.argsort(course[1:])[-2:] + 1
        power = course[loudest].mean()
        rises_db = 10 * np.log10((power + _EPSILON) / (course[0] + _EPSILON))
        was_there = rises_db < _HEARD_DB <= stands_db[0]
        return _Partial(min(stands_db[loudest].mean(), rises_db), power, bool(was_there), hertz, number)

    def _lateness(self, onset: int, hertz: float) -> float:
        """How many s after a frame a partial reaches a tenth of its amplitude."""
        before = _RISE_SIZE // _RISE_HOP + 4
        count = before + int(_RISE_S * self._rate / _RISE_HOP)
        spectra = self._spectra(onset - before * _RISE_HOP, _RISE_HOP, count, _RISE_SIZE)
        middle = round(hertz * _RISE_SIZE / self._rate)
        course = spectra[:, max(1, middle - 1) : middle + 2].max(axis=1)
        course = course - course[:4].mean()
        reached = int(np.argmax(course >= _RISEN * course.max())) - before
        return (reached * _RISE_HOP + (1 - _SEEN_AT) * _RISE_SIZE) / self._rate
