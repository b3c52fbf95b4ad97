"""The models of `delivery` and `deliveries`: what is delivered, in which format, and under which names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from stemwright.delivery import naming, profiles
from stemwright.music.count_in import count_in_bars
from stemwright.song.delivery_format import DeliveryFormat
from stemwright.song.entries import Name, StrictModel
from stemwright.song.metadata import DeliveredMetadata
from stemwright.song.shorthand import PresetOrTarget
from stemwright.song.target import Target
from stemwright.validation.fields import Field
from stemwright.validation.templates import FIELDS, parse_template

_FILLED_IN = ", ".join(f"{{{field}}}" for field in FIELDS)


class FileNames(StrictModel):
    """Names of delivered files, without extension. The fields of a name are filled in, see `master`."""

    scheme: (
        Annotated[
            str,
            Field(
                f"A scheme of names: {', '.join(naming.SCHEMES)}. What is written beside it overrides it.",
                parse=naming.parse_scheme,
            ),
        ]
        | None
    ) = None
    master: Annotated[str, Field(f"Name of the master. Fields: {_FILLED_IN}.", parse=parse_template)] = (
        "{song}_master"
    )
    mix: Annotated[str, Field("Name of the mix.", parse=parse_template)] = "{song}_mix"
    stem: Annotated[str, Field("Name of each stem.", parse=parse_template)] = "{song}_{stem}"
    version: Annotated[str, Field("Name of the master of each version.", parse=parse_template)] = (
        "{song}_{version}"
    )
    ascii: Annotated[bool, Field("Write names in ASCII: é as e, ß as ss, ’ as '.")] = False
    compact: Annotated[
        bool, Field("Write what is filled in without spaces and signs, each word with a capital.")
    ] = False

    def chosen(self, key: str) -> Any:
        """The value of a key: as written, else that of the scheme, else the default."""
        scheme = naming.SCHEMES[self.scheme] if self.scheme else {}
        return getattr(self, key) if key in self.model_fields_set else scheme.get(key, getattr(self, key))


class DeliveredStems(StrictModel):
    """Which stems are delivered, and what they add up to."""

    buses: Annotated[
        Literal["separate", "printed"],
        Field(
            "separate: what is routed to the mix is delivered, each bus as a stem of its own. printed: each stem is "
            "delivered with its share of every bus that it goes through."
        ),
    ] = "separate"
    through: Annotated[
        Literal["mix", "master"],
        Field(
            "mix: the stems add up to the mix. master: each goes through the master chain with the gains that the "
            "whole mix has there, and they add up to the master."
        ),
    ] = "mix"


class Files(DeliveryFormat):
    """What every delivery has: its files, their format and their names."""

    contents: Annotated[
        list[Literal["master", "mix", "stems", "versions"]],
        Field("What is delivered. versions: the master of each version of the song.", min_length=1),
    ] = ["master", "stems", "versions"]
    chapters: Annotated[
        bool,
        Field(
            "Whether chapters.txt is in the archive: a line for each section, with its start and its title, as podcast "
            "tools read it (mp4chaps, Podlove)."
        ),
    ] = False
    metadata: Annotated[DeliveredMetadata, Field("What the files say about themselves.")] = (
        DeliveredMetadata()
    )
    names: Annotated[FileNames, Field("Names of the files.")] = FileNames()


class Delivery(Files):
    """What is delivered of every song: its files in delivery/, and SONG.zip."""

    stems: Annotated[DeliveredStems, Field("What the delivered stems are, in every delivery.")] = (
        DeliveredStems()
    )
    handoff: Annotated[
        list[Literal["midi", "rpp", "dawproject", "labels", "tempo_map", "click", "stage_pack"]],
        Field(
            "Files for a DAW or a stage, in handoff/ among the delivered ones. midi: tempo, meters, a marker for each "
            "section, and the notes of all that is played, as written. rpp (REAPER), dawproject: tempo, meters, "
            "sections, and the delivered stems as tracks at unity. labels: sections, changes and chords for Audacity. "
            "tempo_map: every beat and every change as CSV. click: a click track. stage_pack: in stage/, the delivered "
            "stems, a click track, a cue track (beeps, no voice, in the bar before each section) and labels."
        ),
    ] = []
    count_in: Annotated[
        str,
        Field(
            "The whole bars that click and stage_pack count before the song: all their files are longer by them, and "
            "say so in their names. A pick-up is counted in its bar, which comes after these.",
            parse=count_in_bars,
        ),
    ] = "2 bars"


class FurtherDelivery(Files):
    """A delivery besides that of `delivery`: its files in delivery/NAME/, and SONG-NAME.zip.

    It has the keys of `delivery` but `stems`, `handoff` and `count_in`, and those below. Its defaults are the keys of
    its profile, and the names of `delivery`.
    """

    profile: Annotated[
        str,
        Field(
            f"A profile, whose keys are its defaults: {', '.join(profiles.NAMES)}. By default the one that is called "
            "as the delivery is, if there is one.",
            parse=profiles.parse_profile,
        ),
    ] = ""
    versions: (
        Annotated[list[Name], Field("Which versions are delivered; by default all.", min_length=1)] | None
    ) = None
    target: (
        Annotated[
            Target,
            PresetOrTarget(),
            Field(
                "The loudness that the master of this delivery is brought to: a preset, or keys. By default that of "
                "the song's master."
            ),
        ]
        | None
    ) = None
    layout: Annotated[
        Literal["flat", "bagit"],
        Field("The archive's folders: flat, or bagit, a bag of BagIt 1.0 (RFC 8493) for long-term archives."),
    ] = "flat"
