"""The whole of what a user writes: `config.yaml` (the house rules) and `songs/*.yaml`.

These models are for the main process only (pydantic); jobs get plain data. `read_house` and
`read_song` answer with everything valid or raise SpecError with everything that is wrong.
"""

from __future__ import annotations

import functools
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

from stemwright.effects.limiter import Limiter
from stemwright.mixing import loudness_targets
from stemwright.mixing.faders import Pan
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, parse_preset
from stemwright.music.timeline import parse_bpm, parse_duration, parse_key, parse_time_signature
from stemwright.music.timeline.timeline import REMAINDER
from stemwright.validation import registry
from stemwright.validation.choice import check_single_kind
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_folder, parse_line, parse_name, parse_text
from stemwright.validation.templates import parse_template


class StrictModel(BaseModel):
    """Base of every part of a spec: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Entry:
    """Lets the keys of a kind be left empty; or, for a gate, be switched off with `false`.

    Of a gate, only the keys that were written are kept, so that a stem overrides its song key by key.
    """

    def __init__(self, can_be_off: bool = False):
        self.can_be_off = can_be_off

    def __get_pydantic_core_schema__(self, source, handler):
        from pydantic_core import core_schema

        def check(value, inner):
            if not self.can_be_off:
                return inner({} if value is None else value)
            if value is False:
                return False
            written = {} if value in (None, True) else value
            if not isinstance(written, dict):
                raise ValueError(f"must be keys and values, or false to turn it off (is {value!r})")
            gate = inner(written)
            return {key: getattr(gate, key) for key in written}

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema, handler):
        inner = handler(schema)
        empty = [] if handler.resolve_ref_schema(inner).get("required") else [{"type": "null"}]
        return {"anyOf": [inner, *([{"type": "boolean"}] if self.can_be_off else []), *empty]}


def _entries(package: str, title: str, doc: str, can_be_off: bool = False) -> type[BaseModel]:
    """A model with one optional field for each kind of a package."""
    fields = {
        kind: (Annotated[registry.load(package, kind), _Entry(can_be_off)], None)
        for kind in registry.kinds(package)
    }
    return create_model(title, __base__=StrictModel, __doc__=doc, **fields)


def _one(entry: BaseModel) -> BaseModel:
    check_single_kind(entry.model_fields_set)
    return entry


class _OneKey:
    """Exactly one of a model's keys, as in `- compressor: {ratio: 3}`."""

    def __get_pydantic_core_schema__(self, source, handler):
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(_one, handler(source))

    def __get_pydantic_json_schema__(self, schema, handler):
        reference = handler(schema)
        handler.resolve_ref_schema(reference).update(minProperties=1, maxProperties=1)
        return reference


EffectEntry = Annotated[
    _entries("stemwright.effects", "Effect", "One effect: its kind, and its keys."), _OneKey()
]
SourceEntry = Annotated[
    _entries("stemwright.sources", "Source", "Where a stem's sound comes from: a kind, and its keys."),
    _OneKey(),
]
Gates = _entries("stemwright.gates", "Gates", "Limits of the gates; false turns one off.", can_be_off=True)

Name = Annotated[str, Field("A name: letters, digits, - and _.", parse=parse_name)]


class Session(StrictModel):
    """The format of every file inside the build: 32-bit float WAV at this rate."""

    sample_rate: Annotated[int, Field("Sample rate.", "Hz", ge=8_000, le=192_000)] = 48_000
    channels: Annotated[Literal[1, 2], Field("1 for mono, 2 for stereo.")] = 2


class FileNames(StrictModel):
    """Names of delivered files, without ending; {song}, {title}, {artist}, {stem} and {bpm} are filled in."""

    master: Annotated[str, Field("Name of the master.", parse=parse_template)] = "{song}_master"
    stem: Annotated[str, Field("Name of each stem.", parse=parse_template)] = "{song}_{stem}"


class Delivery(StrictModel):
    """How the files that leave the house are written and named."""

    container: Annotated[Literal["WAV", "FLAC"], Field("File format.")] = "WAV"
    subtype: Annotated[
        Literal["PCM_16", "PCM_24", "FLOAT", "FLOAT_24"],
        Field(
            "Sample format; integers are dithered, but for digital silence. "
            "FLOAT_24 is 32-bit float holding exactly 24-bit values."
        ),
    ] = "PCM_24"
    names: Annotated[FileNames, Field("How files are named.")] = FileNames()


class Pathvars(StrictModel):
    """Folders that the output goes to."""

    results: Annotated[
        str, Field("Where everything is built; no input may be in it.", parse=parse_folder)
    ] = "build"
    logs: Annotated[str, Field("One log a job.", parse=parse_folder)] = "logs"
    benchmarks: Annotated[str, Field("Time and memory of each job.", parse=parse_folder)] = "benchmarks"


class House(StrictModel):
    """`config.yaml`: which songs to build, and the rules that every song starts from."""

    songs: Annotated[list[Name], Field("The songs to build: each is a file songs/NAME.yaml.", min_length=1)]
    session: Annotated[Session, Field("The format inside the build.")] = Session()
    gates: Annotated[Gates, Field("Limits of the gates.")] = Gates()
    delivery: Annotated[Delivery, Field("The format outside.")] = Delivery()
    pathvars: Annotated[Pathvars, Field("Snakemake's: where the output goes.")] = Pathvars()


class Reference(StrictModel):
    """A recording the song is made to: verified and conformed before any stem is made."""

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]


class Change(StrictModel):
    """A change of tempo or meter at a bar line."""

    bar: Annotated[int, Field("The bar from whose start it holds.", ge=2, le=1_000_000)]
    bpm: Annotated[Any, Field("Quarter notes a minute.", parse=parse_bpm, types=("number", "string"))] = None
    meter: Annotated[str, Field("Time signature.", parse=parse_time_signature)] | None = None


def _length_or_remainder(text: object) -> None:
    if text != REMAINDER:
        parse_duration(text)


def _length_or_reference(text: object) -> None:
    if text != "reference":
        parse_duration(text)


class Section(StrictModel):
    """A section of the song: `- verse: 8 bars` is short for `- verse: {length: 8 bars}`."""

    length: Annotated[
        str,
        Field(
            "Its length (8 bars, 16 beats, 33/8, …), or remainder for all that is left.",
            parse=_length_or_remainder,
        ),
    ]
    key: Annotated[str, Field("Its key, where it is not the song's.", parse=parse_key)] | None = None
    chords: (
        Annotated[
            str,
            Field(
                "Its chords, a bar a cell: | G | Em7 | Am7 D7 | % |. In letters, or in numerals of its key; those in "
                "a cell last equally long, / holds on, % repeats a bar, N.C. is none; repeated to fill the section."
            ),
        ]
        | None
    ) = None
    transpose: Annotated[
        int,
        Field("Moves its key, degrees and chords up, but no note given by name.", "semitones", ge=-24, le=24),
    ] = 0


class _SectionEntry:
    """Takes a length alone for a section of that length."""

    def __get_pydantic_core_schema__(self, source, handler):
        from pydantic_core import core_schema

        def check(value, inner):
            if isinstance(value, dict):
                return inner(value)
            _length_or_remainder(value)
            return inner({"length": value})

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema, handler):
        return {"anyOf": [handler(schema), {"type": "string", "description": "Its length."}]}


class Stem(StrictModel):
    """One stem: a source, its effects, its place in the mix."""

    source: Annotated[SourceEntry, Field("Where its sound comes from: one kind and its keys.")]
    effects: Annotated[list[EffectEntry], Field("Its effects, in order.")] = []
    sections: Annotated[list[Name], Field("The only sections it sounds in.", min_length=1)] | None = None
    gain_db: Annotated[float, Field("Its fader.", "dB", ge=-96, le=24)] = 0.0
    pan: Pan = 0.0
    deliver: (
        Annotated[
            bool, Field("Whether it is delivered; by default all are but a reference that is used as a stem.")
        ]
        | None
    ) = None
    gates: Annotated[Gates, Field("Limits for this stem alone.")] = Gates()


class Target(StrictModel):
    """The loudness the master is brought to, and held to: a preset, or a loudness.

    `target: ebu-r128` is short for `{preset: ebu-r128}`. The limiter's ceiling is lowered to that of a preset.
    """

    preset: Annotated[str, Field("One of the presets, by name.", parse=parse_preset)] | None = None
    integrated_lufs: (
        Annotated[float, Field("Integrated loudness (EBU R 128).", "LUFS", ge=-60, le=0)] | None
    ) = None
    tolerance_lu: (
        Annotated[
            float, Field("How far off it may end; by default the preset's, or 0.5.", "LU", ge=0.1, le=5)
        ]
        | None
    ) = None
    severity: (
        Annotated[
            Literal["error", "warn"],
            Field(
                "Whether missing it refuses the file, or is only reported; by default the preset's, or error."
            ),
        ]
        | None
    ) = None

    def limits(self) -> dict:
        """As plain data for the gates and the master chain."""
        return loudness_targets.limits(self.preset, self.integrated_lufs, self.tolerance_lu, self.severity)


class _TargetEntry:
    """Takes a preset's name alone for that preset, and either a preset or a loudness."""

    def __get_pydantic_core_schema__(self, source, handler):
        from pydantic_core import core_schema

        def check(value, inner):
            if isinstance(value, str):
                parse_preset(value)
                value = {"preset": value}
            if isinstance(value, dict):
                given = [key for key in ("preset", "integrated_lufs") if value.get(key) is not None]
                if len(given) != 1:
                    found = "both" if given else "neither"
                    raise ValueError(f"must have either a preset or integrated_lufs (has {found})")
            return inner(value)

        return core_schema.no_info_wrap_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema, handler):
        reference = handler(schema)
        keys = handler.resolve_ref_schema(reference)
        keys["oneOf"] = [{"required": ["preset"]}, {"required": ["integrated_lufs"]}]
        keys["properties"]["preset"] = name = {
            "enum": list(LOUDNESS_TARGETS),
            "description": "One of the presets, by name.",
        }
        return {"anyOf": [reference, name]}


class Master(StrictModel):
    """The master chain: effects, gain (or a loudness target), limiter, in that order."""

    effects: Annotated[list[EffectEntry], Field("Effects on the whole mix, in order.")] = []
    gain_db: Annotated[
        float, Field("Gain before the limiter; with a target, that is found instead.", "dB", ge=-60, le=60)
    ] = 0.0
    limiter: Annotated[Limiter, Field("The true-peak limiter at the end; null for none.")] | None = Limiter()
    target: (
        Annotated[Target, _TargetEntry(), Field("Loudness to reach: a preset's name, or keys.")] | None
    ) = None


class Song(StrictModel):
    """`songs/NAME.yaml`: one song."""

    title: (
        Annotated[str, Field("Its title, for people.", parse=parse_line, min_length=1, max_length=200)] | None
    ) = None
    artist: Annotated[str, Field("Who made it.", parse=parse_line, min_length=1, max_length=200)] | None = (
        None
    )
    notes: (
        Annotated[
            str,
            Field(
                "What the client is to know: it stands in the delivery's README.",
                parse=parse_text,
                min_length=1,
                max_length=10_000,
            ),
        ]
        | None
    ) = None
    bpm: Annotated[
        Any,
        Field(
            "Tempo in quarter notes a minute: a number, or a fraction such as 400/3.",
            parse=parse_bpm,
            types=("number", "string"),
        ),
    ]
    meter: Annotated[str, Field("Time signature.", parse=parse_time_signature)] = "4/4"
    changes: Annotated[list[Change], Field("Changes of tempo or meter, by bar.")] = []
    key: Annotated[str, Field("Its key, such as G major.", parse=parse_key)] | None = None
    length: (
        Annotated[
            str,
            Field(
                "Its length; `reference` takes the reference's; by default its sections add up to it.",
                parse=_length_or_reference,
            ),
        ]
        | None
    ) = None
    sections: Annotated[
        list[
            Annotated[
                dict[Name, Annotated[Section, _SectionEntry()]],
                Field("A section: its name and length.", min_length=1, max_length=1),
            ]
        ],
        Field(
            "Its sections in order, each a name and a length; a name may come again, and what it plays with it."
        ),
    ] = []
    reference: Annotated[Reference, Field("A recording the song is made to.")] | None = None
    stems: Annotated[
        dict[Name, Annotated[Stem, Field("A stem.")]], Field("Its stems, by name.", min_length=1)
    ]
    master: Annotated[Master, Field("The master chain.")] = Master()
    session: Annotated[Session, Field("The format inside the build, where it is not the house's.")] = (
        Session()
    )
    gates: Annotated[Gates, Field("Limits of the gates, where they are not the house's.")] = Gates()
    delivery: Annotated[Delivery, Field("The format outside, where it is not the house's.")] = Delivery()


@functools.cache
def json_schema(model: type[BaseModel]) -> dict:
    """JSON Schema (2020-12) of a file, as editors complete from."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}


def plain(entry: BaseModel) -> dict:
    """A one-key map as plain data: its kind, and all its keys, defaults too."""
    (kind,) = entry.model_fields_set
    return {kind: asdict(getattr(entry, kind))}


def plain_gates(gates: BaseModel) -> dict:
    """The gates that were written, by name: each its keys that were written, or False if switched off."""
    return {kind: getattr(gates, kind) for kind in sorted(gates.model_fields_set)}
