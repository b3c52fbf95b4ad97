"""The model of the format of delivered files, and what of it cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from stemwright.audio import resampled_frames
from stemwright.audio.encoders import Encoder
from stemwright.delivery.formats import FORMATS
from stemwright.song.entries import StrictModel
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    Container: TypeAlias = str
else:
    Container = Literal[tuple(FORMATS)]

_SIDES = ("L", "R")


class DeliveryFormat(StrictModel):
    """The format of delivered files."""

    container: Annotated[
        Container,
        Field(
            "File format. AAC (by its own encoder) and ALAC are written by ffmpeg, which must be installed, to .m4a."
        ),
    ] = "WAV"
    subtype: (
        Annotated[
            Literal["PCM_16", "PCM_24", "PCM_32", "FLOAT", "FLOAT_24"],
            Field(
                "Sample format of a lossless file. 16 and 24 bits are dithered, except digital silence. "
                "FLOAT_24 is 32-bit float that holds only 24-bit values."
            ),
        ]
        | None
    ) = "PCM_24"
    bitrate_kbps: (
        Annotated[
            int,
            Field(
                "Bit rate of both channels together: constant in MP3; in OPUS and AAC what the encoder aims at.",
                "kbit/s",
                ge=1,
            ),
        ]
        | None
    ) = None
    quality: (
        Annotated[
            float,
            Field(
                "Quality of MP3 or OGG with a variable bit rate, 10 being the best: OGG has it as its -q, MP3 has "
                "-V(10 - quality), so 10 is V0 and 8 is V2.",
                ge=0,
                le=10,
            ),
        ]
        | None
    ) = None
    sample_rate: (
        Annotated[int, Field("Sample rate; by default that of the session.", "Hz", ge=8_000, le=192_000)]
        | None
    ) = None
    channels: (
        Annotated[
            Literal[1, 2, "split"],
            Field(
                "By default those of the session. 1: the mean of both, (L + R) / 2. 2: mono in both channels. "
                "split: a mono file for each channel, with .L or .R after its name."
            ),
        ]
        | None
    ) = None

    @property
    def encoder(self) -> type[Encoder]:
        """The encoder that writes it."""
        return FORMATS[self.container]

    @property
    def sample_format(self) -> str:
        """What is stored: the subtype, PCM_24 if none is given; of a lossy file its codec, such as VORBIS."""
        return self.encoder.codec if self.encoder.is_lossy() else self.subtype or "PCM_24"

    def channel_count(self, session_channels: int) -> int:
        """The channels of each file."""
        return 1 if self.channels == "split" else self.channels or session_channels

    @property
    def endings(self) -> dict[str, str]:
        """The endings of the files that one name stands for, with their dots, by side: "", or L and R of split mono."""
        ending = self.encoder.ending
        return {side: f".{side}{ending}" for side in _SIDES} if self.channels == "split" else {"": ending}

    def planned(
        self, session_rate: int, session_channels: int, frames: int, side: str = ""
    ) -> dict[str, Any]:
        """What gates expect of each file.

        Parameters
        ----------
        session_rate : int
            The sample rate of the session, in Hz.
        session_channels : int
            The channels of the session.
        frames : int
            The length of the song in frames of the session.
        side : str
            L or R if each channel is a file of its own.

        Returns
        -------
        dict
            As in `Artifact.format`.
        """
        encoder, rate = self.encoder, self.sample_rate or session_rate
        rates = {"bitrate_kbps": self.bitrate_kbps} if self.bitrate_kbps and encoder.is_constant else {}
        return {
            "sample_rate": rate,
            "channels": self.channel_count(session_channels),
            "subtype": encoder.codec or self.sample_format.replace("FLOAT_24", "FLOAT"),
            "sample_format": self.sample_format,
            "container": self.container,
            "frames": resampled_frames(frames, session_rate, rate),
            **rates,
            **({"side": side} if side else {}),
        }

    def encoding(self, side: str = "") -> dict[str, Any]:
        """What the job that writes a file is told about its format: plain data, and only what is not the default."""
        keys = {
            "bitrate_kbps": self.bitrate_kbps,
            "quality": self.quality,
            "sample_rate": self.sample_rate,
            "channels": side or self.channels,
        }
        given = {key: value for key, value in keys.items() if value is not None}
        stored = {} if self.encoder.is_lossy() else {"subtype": self.sample_format}
        return {"container": self.container, **stored, **given}


def format_mistakes(
    form: DeliveryFormat, session_rate: int, session_channels: int
) -> Iterator[tuple[tuple, str]]:
    """Find what of a format cannot be.

    Parameters
    ----------
    form : DeliveryFormat
        The format.
    session_rate, session_channels : int
        The sample rate of the session in Hz, and its channels.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key below those of the format, and a message.
    """
    name, encoder = form.container, form.encoder
    rate = form.sample_rate or session_rate
    if form.channels == "split" and session_channels == 1:
        yield ("channels",), "must be 1: the session is mono, which has nothing to split (is split)"
    if encoder.rates and rate not in encoder.rates:
        nearest = next((each for each in encoder.rates if each >= rate), encoder.rates[-1])
        found = "is" if form.sample_rate else "the session has"
        yield (
            ("sample_rate",),
            f"must be {_listed(encoder.rates)} for {name} ({found} {rate:,}): set it to {nearest}",
        )
        return
    if encoder.is_lossy():
        if form.subtype is not None and "subtype" in form.model_fields_set:
            yield (
                ("subtype",),
                f"{name} is lossy and has none: leave it out, or write null if the house rules or the profile set it "
                f"(is {form.subtype})",
            )
    elif form.sample_format not in encoder.subtypes:
        yield ("subtype",), f"must be {' or '.join(encoder.subtypes)} for {name} (is {form.sample_format})"
    yield from _size_mistakes(form, encoder.bitrates(rate, form.channel_count(session_channels)))


def _size_mistakes(form: DeliveryFormat, bitrates: Sequence[int]) -> Iterator[tuple[tuple, str]]:
    """What is wrong with the bit rate and the quality; `bitrates` are those that can be."""
    name, encoder = form.container, form.encoder
    ways = [f"bitrate_kbps ({_listed(bitrates)})"] if bitrates else []
    ways += ["quality (0 to 10)"] if encoder.has_quality else []
    remedy = f"set {' or '.join(ways)}" if ways else f"{name} is lossless"
    if form.quality is not None and not encoder.has_quality:
        yield ("quality",), f"{name} has none: leave it out, or write null; {remedy} (is {form.quality:g})"
    if form.bitrate_kbps is None:
        if ways and form.quality is None:
            yield ("container",), f"{name} needs a bit rate or a quality: {remedy}"
    elif not bitrates:
        yield (
            ("bitrate_kbps",),
            f"{name} has none: leave it out, or write null; {remedy} (is {form.bitrate_kbps})",
        )
    elif form.quality is not None and encoder.has_quality:
        yield (
            ("quality",),
            f"must not stand beside bitrate_kbps: {name} has one or the other; leave one out, or write null",
        )
    elif form.bitrate_kbps not in bitrates:
        yield ("bitrate_kbps",), f"must be {_listed(bitrates)} for {name} here (is {form.bitrate_kbps})"


def _listed(numbers: Sequence[int]) -> str:
    if isinstance(numbers, range):
        return f"{numbers[0]} to {numbers[-1]}"
    return f"{', '.join(map(str, numbers[:-1]))} or {numbers[-1]}"
