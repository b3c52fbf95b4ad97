"""The documents that a user writes, as models: `config.yaml` (the house rules) and `songs/NAME.yaml`.

The models describe each file by itself; `stemwright.song.house` and `stemwright.song.load` read the files and check
a song as a whole. Only the main process imports these models (and pydantic); jobs get plain data.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal

from pydantic import BaseModel

from stemwright.effects.limiter import Limiter
from stemwright.music.timeline import (
    parse_beat,
    parse_bpm,
    parse_duration,
    parse_key,
    parse_time_signature,
)
from stemwright.song.cache_location import CacheLocation
from stemwright.song.changes import Change
from stemwright.song.delivery import Delivery, FurtherDelivery
from stemwright.song.entries import DatasetNames, EffectEntry, Gates, Name, StrictModel, WritesAnnotations
from stemwright.song.listed import ListedSongs
from stemwright.song.metadata import CommonMetadata, SongMetadata
from stemwright.song.new_song import NewArtist, NewAudio, NewKey, NewName, NewStyle, NewTempo, NewTitle
from stemwright.song.pathvars import Pathvars
from stemwright.song.recordings import Compare, Reference
from stemwright.song.shorthand import (
    BarOrPlace,
    LengthOrSection,
    OptionalKeys,
    PresetOrTarget,
    parse_commit,
    parse_length_or_reference,
    parse_length_or_remainder,
    parse_musical_length,
    parse_recording,
    parse_solo,
    parse_text_or_number,
)
from stemwright.song.strips import Bus, Stem
from stemwright.song.target import Target
from stemwright.song.versions import Version
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line, parse_text


class Session(StrictModel):
    """The format of every file of the build before delivery: 32-bit float WAV, with this rate and these channels."""

    sample_rate: Annotated[int, Field("Sample rate.", "Hz", ge=8_000, le=192_000)] = 48_000
    channels: Annotated[Literal[1, 2], Field("1 for mono, 2 for stereo.")] = 2
    pan_law: Annotated[
        Literal["balance", "-3 dB", "-4.5 dB", "-6 dB"],
        Field(
            "What a pan does. balance lowers only the far side, so that the centre is at 0 dB; the others lower both "
            "sides, in the centre by what their names say."
        ),
    ] = "balance"


class House(StrictModel):
    """`config.yaml`: the songs to build, and the house rules: the defaults of every song."""

    songs: ListedSongs
    albums: Annotated[
        list[Name], Field("The albums to build; each has a file albums/NAME.yaml, and songs of `songs`.")
    ] = []
    datasets: DatasetNames = []
    solo: Annotated[
        Any,
        Field(
            "Stems and buses to be heard alone: names, as a list or with commas between them. It is meant for the "
            "command line: `snakemake --config solo=bass,drums` builds solo/bass+drums.wav of each song that has "
            "them, and nothing that is delivered.",
            parse=parse_solo,
            types=("string", "array"),
        ),
    ] = ""
    file: Annotated[
        Any,
        Field(
            "The recording to measure. It is meant for the command line: `snakemake measure --config file=X`.",
            parse=parse_recording,
            types=("string", "number"),
        ),
    ] = ""
    against: Annotated[
        Any,
        Field(
            "What songs are compared with. It is meant for the command line: `snakemake diff --config "
            "against=old.zip`: a zip that was built before, the folder of an earlier build, or a commit of Git.",
            parse=parse_text_or_number,
            types=("string", "number"),
        ),
    ] = ""
    commit: Annotated[
        Any,
        Field(
            "The commit of these songs, which manifests are to name. It is meant for the command line: "
            "`snakemake --config commit=$(git rev-parse HEAD)`. Where it is another one, zips are packed again.",
            parse=parse_commit,
            types=("string",),
        ),
    ] = ""
    cache: CacheLocation = ""
    song: NewName = ""
    audio: NewAudio = ""
    style: NewStyle = ""
    title: NewTitle = ""
    artist: NewArtist = ""
    bpm: NewTempo = ""
    key: NewKey = ""
    report: Annotated[
        bool,
        Field(
            "Whether `snakemake` makes a page of each song, too. Without, it makes one that is asked for: "
            "`snakemake build/SONG/report/index.html`."
        ),
    ] = True
    keep: Annotated[
        Literal["all", "deliveries"],
        Field(
            "Which audio stays in the build. `deliveries`: stems, buses and mixes are removed as soon as nothing of a "
            "run needs them any more, and made again when something does; masters and what is delivered stay. It takes "
            "a third of the room, but after an edit all of a song is made again."
        ),
    ] = "all"
    annotations: WritesAnnotations = False
    session: Annotated[Session, Field("The format of files inside the build.")] = Session()
    gates: Annotated[Gates, Field("Limits of the gates.")] = Gates()
    delivery: Annotated[Delivery, Field("The format of delivered files.")] = Delivery()
    deliveries: Annotated[
        dict[Name, Annotated[FurtherDelivery, OptionalKeys(), Field("A delivery.")]],
        Field("Further deliveries of every song, by name."),
    ] = {}
    metadata: Annotated[
        CommonMetadata, Field("What delivered files of every song say, such as copyright.")
    ] = CommonMetadata()
    pathvars: Annotated[Pathvars, Field("The folders of the output, a setting of Snakemake's.")] = Pathvars()


class Section(StrictModel):
    """A section of the song: `- verse: 8 bars` is short for `- verse: {length: 8 bars}`.

    A length in seconds may end between two beats, as in a podcast, if nothing musical hangs on it: in it, and in later
    sections that then begin off the grid, there are no chords, nothing is played or placed in bars or beats, and no
    gate compares a recording with them or judges a written key.
    """

    length: Annotated[
        str,
        Field(
            "Its length (8 bars, 16 beats, 33/8, …), or remainder for the rest of the song.",
            parse=parse_length_or_remainder,
        ),
    ]
    title: (
        Annotated[
            str,
            Field(
                "What the listener reads, as the title of a chapter; by default its name.",
                parse=parse_line,
                min_length=1,
                max_length=200,
            ),
        ]
        | None
    ) = None
    key: Annotated[str, Field("Its key, if it differs from that of the song.", parse=parse_key)] | None = None
    chords: (
        Annotated[
            str,
            Field(
                "Its chords, one cell per bar: | G | Em7 | Am7 D7 | % |, as letters or as numerals of its key. Chords "
                "in one cell have equal lengths; / extends a chord, % repeats a bar, N.C. is no chord, |: :| is played "
                "twice. The chart is repeated to fill the section."
            ),
        ]
        | None
    ) = None
    transpose: Annotated[
        int,
        Field(
            "Transposes its key, degrees and chords up; notes given by name stay.", "semitones", ge=-24, le=24
        ),
    ] = 0


class Master(StrictModel):
    """The master chain: effects, then a gain (fixed, or found for a loudness target), then a limiter."""

    effects: Annotated[list[EffectEntry], Field("Effects on the whole mix, in order.")] = []
    gain_db: Annotated[
        float,
        Field("Gain before the limiter. With a target, the gain is computed instead.", "dB", ge=-60, le=60),
    ] = 0.0
    limiter: (
        Annotated[Limiter, Field("The true-peak limiter at the end of the chain; null for none.")] | None
    ) = Limiter()
    target: (
        Annotated[Target, PresetOrTarget(), Field("Loudness target: the name of a preset, or keys.")] | None
    ) = None
    dual_mono: Annotated[
        bool,
        Field(
            "Measure the loudness of a mono song or file as from two loudspeakers, 3.01 LU louder (ffmpeg: dualmono), "
            "not as one channel, as players do."
        ),
    ] = False


class Song(StrictModel):
    """`songs/NAME.yaml`: one song."""

    title: (
        Annotated[
            str,
            Field("Its title, for README and file names.", parse=parse_line, min_length=1, max_length=200),
        ]
        | None
    ) = None
    artist: Annotated[str, Field("Who made it.", parse=parse_line, min_length=1, max_length=200)] | None = (
        None
    )
    notes: (
        Annotated[
            str,
            Field(
                "Notes for the client; they are part of the README in the delivery.",
                parse=parse_text,
                min_length=1,
                max_length=10_000,
            ),
        ]
        | None
    ) = None
    metadata: Annotated[SongMetadata, Field("What delivered files say about the song.")] = SongMetadata()
    bpm: Annotated[
        Any,
        Field(
            "Tempo in beats per minute, quarter notes unless `beat` is set: a number, or a fraction such as 400/3. "
            "It may be left out if nothing in the song counts bars, beats or notes, as in a podcast.",
            parse=parse_bpm,
            types=("number", "string"),
        ),
    ] = None
    meter: Annotated[
        str,
        Field(
            "Time signature: 4/4, or additive as 3+2+2/8, whose groups are its beats.",
            parse=parse_time_signature,
        ),
    ] = "4/4"
    beat: (
        Annotated[
            str,
            Field(
                "The note that bpm counts: with `beat: 1/4.`, 96 in 6/8 is 96 dotted quarters a minute, and a bar has "
                "two beats, in positions and lengths too. By default bpm counts quarters, and beats are notes of the "
                "meter's denominator. Groups of an additive meter stay its beats.",
                parse=parse_beat,
            ),
        ]
        | None
    ) = None
    pickup: (
        Annotated[
            str,
            Field(
                "A pick-up (anacrusis): how long the song goes on before bar 1 (1 beat, 1/8). Its beats are the last "
                "of bar 0: bar 0 beat 4. Sections begin with the song: give the pick-up one of its own.",
                parse=parse_musical_length,
            ),
        ]
        | None
    ) = None
    changes: Annotated[
        list[Annotated[Change, BarOrPlace()]],
        Field("Changes of tempo or meter, ramps and fermatas, in order of their places."),
    ] = []
    swing: (
        Annotated[
            float,
            Field(
                "The swing of every source that has a key `swing` and does not set it; 0.5 is straight.",
                ge=0.5,
                le=0.75,
            ),
        ]
        | None
    ) = None
    key: Annotated[str, Field("Its key, such as G major.", parse=parse_key)] | None = None
    length: (
        Annotated[
            str,
            Field(
                "Its length; `reference` takes that of the reference. By default the sum of its sections; without "
                "sections, it is required.",
                parse=parse_length_or_reference,
            ),
        ]
        | None
    ) = None
    tail: (
        Annotated[
            str,
            Field(
                "How long its files go on after its end, so that reverbs, echoes and releases die away: 4 s, 2 bars. "
                "Nothing is played there.",
                parse=parse_duration,
            ),
        ]
        | None
    ) = None
    sections: Annotated[
        list[
            Annotated[
                dict[Name, Annotated[Section, LengthOrSection()]],
                Field("A section: its name and length.", min_length=1, max_length=1),
            ]
        ],
        Field(
            "Its sections in order, each with a name and a length. A name may be repeated: all sections of a "
            "name play the same."
        ),
    ] = []
    reference: Annotated[Reference, Field("A recording that the song is made to fit.")] | None = None
    compare: (
        Annotated[Compare, Field("A finished song whose sound mix and master are compared with.")] | None
    ) = None
    strict: Annotated[
        bool,
        Field(
            "Whether what is probably a mistake is an error: patterns and charts that do not fill their bars or their "
            "sections. Otherwise it is a warning."
        ),
    ] = False
    stems: Annotated[
        dict[Name, Annotated[Stem, Field("A stem.")]], Field("Its stems, by name.", min_length=1)
    ]
    buses: Annotated[
        dict[Name, Annotated[Bus, OptionalKeys(), Field("A bus.")]],
        Field("Its buses, by name: groups of stems, and returns of sends."),
    ] = {}
    master: Annotated[Master, Field("The master chain.")] = Master()
    versions: Annotated[
        dict[Name, Annotated[Version, OptionalKeys(), Field("A version.")]],
        Field(
            "What else is made of it, by name: instrumental, cut-downs, loops. Each has a mix, a master, and gates."
        ),
    ] = {}
    annotations: WritesAnnotations = False
    session: Annotated[Session, Field("The format inside the build, if it differs from the house rules.")] = (
        Session()
    )
    gates: Annotated[Gates, Field("Limits of the gates, if they differ from the house rules.")] = Gates()
    delivery: Annotated[
        Delivery, Field("The format of delivered files, if it differs from the house rules.")
    ] = Delivery()
    deliveries: Annotated[
        dict[Name, Annotated[FurtherDelivery, OptionalKeys(), Field("A delivery.")]],
        Field("Further deliveries, by name: each has its own files, format, names and archive."),
    ] = {}


@functools.cache
def json_schema(model: type[BaseModel]) -> dict:
    """The JSON Schema (2020-12) of a file, for completion and checks in editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}


def written_gates(gates: BaseModel) -> dict:
    """The gates that a document sets, by name: for each the keys that are written, or False if it is turned off."""
    return {kind: getattr(gates, kind) for kind in sorted(gates.model_fields_set)}
