"""What delivered files say about themselves: the song's `metadata`, and which of it a delivery writes."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from stemwright.delivery.metadata._languages import THREE_LETTERS
from stemwright.song.entries import Name, StrictModel
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line, parse_text

_ISRC = re.compile(r"[A-Z]{2}-?[A-Z0-9]{3}-?\d{2}-?\d{5}")
_TRACK = re.compile(r"([1-9]\d{0,3})(?:/([1-9]\d{0,3}))?")
_GENRE_CODE = re.compile(r"\((\d+|RX|CR)\)|(\d+|RX|CR)$")
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?")


def parse_isrc(text: object) -> str:
    """An ISRC (ISO 3901) without its hyphens. Raises ValueError."""
    if not isinstance(text, str) or not _ISRC.fullmatch(text):
        raise ValueError(f"must be an ISRC: CC-XXX-YY-NNNNN, such as GB-ABC-24-00017 (is {text!r:.80})")
    return text.replace("-", "")


def parse_track(value: object) -> str:
    """A track number, perhaps of how many: 3, 3/10. Raises ValueError."""
    match = _TRACK.fullmatch(str(value)) if isinstance(value, (str, int)) else None
    if not match or int(match[1]) > int(match[2] or match[1]):
        raise ValueError(f"must be the number of a track, alone or of how many: 3, 3/10 (is {value!r:.80})")
    return match[0]


def parse_date(value: object) -> str:
    """A year, a month or a day in ISO's form: 2024, 2024-05, 2024-05-31. Raises ValueError."""
    match = _DATE.fullmatch(str(value)) if isinstance(value, (str, int)) else None
    try:
        if match:
            date(*(int(part or 1) for part in match.groups()))
            return match[0]
    except ValueError:
        pass
    raise ValueError(f"must be a year or a date: 2024, 2024-05, 2024-05-31 (is {value!r:.80})")


def parse_language(text: object) -> str:
    """A language by ISO 639, as its code of three letters. Raises ValueError."""
    if isinstance(text, str) and (text in THREE_LETTERS or re.fullmatch("[a-z]{3}", text)):
        return THREE_LETTERS.get(text, text)
    raise ValueError(
        f"must be a code of ISO 639, such as en or eng; zxx where nothing is sung (is {text!r:.80})"
    )


def parse_upc(text: object) -> str:
    """A UPC or EAN (GS1): 12 or 13 digits, the last of which checks the others. Raises ValueError."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{12,13}", text):
        raise ValueError(f"must be a UPC or EAN: 12 or 13 digits, in quotes (is {text!r:.80})")
    digits = [int(digit) for digit in reversed(text)]
    check = -(sum(digits[2::2]) + 3 * sum(digits[1::2])) % 10
    if check != digits[0]:
        raise ValueError(f"must be a UPC or EAN: its last digit would be {check} (is {text!r})")
    return text


def parse_clock(text: object) -> int:
    """A time of day as microseconds since midnight: 10:00:00, 01:00:00.5. Raises ValueError."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"must be a time of day: HH:MM:SS or HH:MM:SS.mmm (is {text!r:.80})")
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + int((match[4] or "0").ljust(6, "0"))


def format_clock(text: str) -> str:
    """A valid time of day as HH:MM:SS."""
    seconds = parse_clock(text) // 1_000_000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def parse_genre(text: object) -> str:
    """A genre in words. Raises ValueError for a code of ID3, which every reader of an MP3 takes for another genre."""
    text = parse_line(text)
    if code := _GENRE_CODE.match(text):
        raise ValueError(
            f"must not begin with or be a code of ID3, which players read as another genre: write it in words "
            f"(is {text!r:.80}, has {code[0]!r})"
        )
    return text


def _line(help: str) -> Field:
    """The declaration of a key that is one line of text."""
    return Field(help, parse=parse_line, min_length=1, max_length=1_000)


class CommonMetadata(StrictModel):
    """What delivered files of all songs may say."""

    album: Annotated[str, _line("The album.")] | None = None
    albumartist: Annotated[str, _line("Whose album it is, if it is not the artist's.")] | None = None
    composer: Annotated[str, _line("Who wrote it.")] | None = None
    copyright: Annotated[str, _line("Whose it is: 2024 Harbour Records.")] | None = None
    date: (
        Annotated[
            Any,
            Field(
                "When it comes out: 2024, 2024-05 or 2024-05-31. Today's date is never taken.",
                parse=parse_date,
                types=("integer", "string"),
            ),
        ]
        | None
    ) = None
    genre: (
        Annotated[str, Field("Its genre, in words.", parse=parse_genre, min_length=1, max_length=1_000)]
        | None
    ) = None
    language: (
        Annotated[
            str,
            Field(
                "The language that is sung, as a code of ISO 639: en or eng; zxx for none.",
                parse=parse_language,
            ),
        ]
        | None
    ) = None
    comment: Annotated[str, Field("A comment.", parse=parse_text, min_length=1, max_length=10_000)] | None = (
        None
    )
    cover: (
        Annotated[
            str,
            Field(
                "Path of the cover, a JPEG or PNG of at most 10 MB. It is in all delivered files but stems.",
                min_length=1,
            ),
        ]
        | None
    ) = None
    originator: (
        Annotated[str, _line("Who made the file, for broadcasters (bext). By default the artist.")] | None
    ) = None
    starts_at: Annotated[
        str,
        Field(
            "The time of day at which files begin on a broadcaster's clock: 10:00:00 (OriginationTime and "
            "TimeReference of bext).",
            parse=parse_clock,
        ),
    ] = "00:00:00"


class SongMetadata(CommonMetadata):
    """What delivered files say about the song besides its title, artist, tempo and key."""

    track: (
        Annotated[
            Any,
            Field(
                "Its number on the album, alone or of how many: 3, 3/10. Of the master only.",
                parse=parse_track,
                types=("integer", "string"),
            ),
        ]
        | None
    ) = None
    isrc: (
        Annotated[
            str,
            Field(
                "The code of the recording: CC-XXX-YY-NNNNN. Of the master only: a stem is another recording.",
                parse=parse_isrc,
            ),
        ]
        | None
    ) = None
    upc: (
        Annotated[
            str, Field("The code of the album, a UPC or EAN, in quotes. Of the master only.", parse=parse_upc)
        ]
        | None
    ) = None
    loop: (
        Annotated[Name, Field("The section that a game repeats. By default the whole song without its tail.")]
        | None
    ) = None


class DeliveredMetadata(StrictModel):
    """What delivered files say about themselves, each container in its own way."""

    tags: (
        Annotated[
            bool,
            Field(
                "Title, artist, tempo, key, and `metadata` with its cover. By default if there is `metadata`."
            ),
        ]
        | None
    ) = None
    bext: Annotated[
        bool,
        Field(
            "In WAV, `bext` before the audio: who, when, the time of day, and the loudness (Broadcast Wave)."
        ),
    ] = False
    markers: Annotated[
        bool,
        Field(
            "Where sections begin, and their titles: cue points and regions in WAV, markers in AIFF, chapters in "
            "MP3, M4A, FLAC, Ogg and Opus."
        ),
    ] = False
    loops: Annotated[
        bool,
        Field(
            "The loop of `metadata.loop`, as games read it: `smpl` in WAV; LOOPSTART and LOOPLENGTH in FLAC, Ogg, Opus."
        ),
    ] = False
    ixml: Annotated[bool, Field("In WAV, iXML: the project, the tracks and the time of day.")] = False
