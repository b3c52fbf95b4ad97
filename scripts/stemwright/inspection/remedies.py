"""Remedies as commands for a POSIX shell: each reads a file and writes a new one, by ffmpeg."""

from __future__ import annotations

import os
import shlex

from stemwright.inspection.sounds import Sound

_CODECS = {
    "PCM_16": "pcm_s16le",
    "PCM_24": "pcm_s24le",
    "PCM_32": "pcm_s32le",
    "FLOAT": "pcm_f32le",
    "DOUBLE": "pcm_f64le",
}
_BIG_ENDIAN = {"AIFF"}
_FORMAT_ARGUMENTS = {
    "FLAC": "-c:a flac",
    "MP3": "-c:a libmp3lame -b:a 320k",
    "OGG": "-c:a libvorbis -q:a 8",
    "MP4": "-c:a aac -b:a 320k",
    "AAC": "-c:a aac -b:a 320k",
}


def quoted(path: str) -> str:
    """A path as one word of a shell, on one line and printable: bash, ksh and zsh read $'…' where there is need."""
    if path.isprintable() and path.isascii():
        return shlex.quote(path)
    if path.isprintable():
        return "'" + path.replace("'", "'\"'\"'") + "'"
    kept = {ord("'"): "\\'", ord("\\"): "\\\\"}
    bytes_of = os.fsencode(path)
    return "$'" + "".join(kept.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in bytes_of) + "'"


def new_name(path: str, suffix: str, new_ending: str = "") -> str:
    """The name of a mended file, beside the other: `bass.wav` as `bass.fixed.wav`.

    Parameters
    ----------
    path, suffix : str
        The path of the other file, and what comes before the ending.
    new_ending : str
        Another ending, with its dot.

    Returns
    -------
    str
        The path.
    """
    base, old = os.path.splitext(path)
    return f"{base}.{suffix}{new_ending or old}"


def ffmpeg(sound: Sound, filters: str, output: str = "", options: str = "", rate: int = 0) -> str:
    """A command that filters a file and writes it in its own format, or with other options.

    Parameters
    ----------
    sound : Sound
        The file.
    filters : str
        ffmpeg's audio filters; none if empty.
    output : str
        The path of the new file; by default, beside the old one.
    options : str
        Codec and further options, instead of those of the file's own format.
    rate : int
        The sample rate of the new file in Hz, if it is another one.

    Returns
    -------
    str
        The command. 16-bit samples are dithered: that is where bits are lost audibly.
    """
    shown = shown_path(sound)
    output = output or new_name(shown, "fixed")
    if not options:
        codec = _CODECS.get(sound.subtype, "pcm_s24le")
        if sound.format in _BIG_ENDIAN:
            codec = codec.replace("le", "be")
        options = _FORMAT_ARGUMENTS.get(sound.format, f"-c:a {codec}")
        if "s16" in options:
            filters = ",".join(filter(None, (filters, "aresample=osf=s16:dither_method=triangular")))
    chain = f" -af {shlex.quote(filters)}" if filters else ""
    new_rate = f" -ar {rate}" if rate else ""
    return f"ffmpeg -i {quoted('file:' + shown)}{chain}{new_rate} {options} {quoted('file:' + output)}"


def shown_path(sound: Sound) -> str:
    """The path that a person pastes: where the file is, or for one in a zip, its name after unpacking."""
    return sound.shown or sound.name


def gain(sound: Sound, gain_db: float) -> str:
    """A plain gain."""
    return ffmpeg(sound, f"volume={gain_db:.2f}dB")


def limited(sound: Sound, gain_db: float, ceiling_db: float) -> str:
    """A gain into a limiter, oversampled four times, so that it limits true peaks.

    Parameters
    ----------
    sound : Sound
        The file.
    gain_db, ceiling_db : float
        The gain in dB, and the ceiling in dBTP, which is met with 0.15 dB to spare.

    Returns
    -------
    str
        The command.
    """
    limit = 10 ** ((ceiling_db - 0.15) / 20)
    rate = max(4 * sound.rate, 192_000)
    chain = f"volume={gain_db:.2f}dB,aresample={rate},alimiter=limit={limit:.5f}:level=disabled:attack=5:release=100"
    return ffmpeg(sound, f"{chain},aresample={sound.rate}")


def shifted(sound: Sound, late: int, frames: int) -> str:
    """Moved by whole frames to where it belongs.

    Parameters
    ----------
    sound : Sound
        The file.
    late, frames : int
        How late it is (negative if it is early), and the length wanted, in frames.

    Returns
    -------
    str
        The command.
    """
    move = f"atrim=start_sample={late},asetpts=N/SR/TB" if late > 0 else f"adelay={-late}S:all=1"
    return ffmpeg(sound, f"{move},apad=whole_len={frames},atrim=end_sample={frames}")


def padded(sound: Sound, frames: int) -> str:
    """With silence at its end, to a length."""
    return ffmpeg(sound, f"apad=whole_len={frames}")


def inverted(sound: Sound) -> str:
    """With its polarity inverted."""
    return ffmpeg(sound, "aeval=exprs=-val(ch):channel_layout=same")


def swapped(sound: Sound) -> str:
    """With left and right exchanged."""
    return ffmpeg(sound, "pan=stereo|c0=c1|c1=c0")


def resampled(sound: Sound, rate: int) -> str:
    """At another sample rate, by soxr."""
    return ffmpeg(sound, f"aresample={rate}:resampler=soxr:precision=28")


def renamed(old: str, new: str) -> str:
    """Another name."""
    return f"mv -n -- {quoted(old)} {quoted(new)}"
