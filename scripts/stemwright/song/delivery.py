"""The model of `delivery`: format, names and kind of the delivered files."""

from __future__ import annotations

from typing import Annotated, Literal

from stemwright.music.count_in import count_in_bars
from stemwright.song.entries import StrictModel
from stemwright.validation.fields import Field
from stemwright.validation.templates import parse_template


class FileNames(StrictModel):
    """Names of delivered files, without extension. {song}, {title}, {artist}, {stem} and {bpm} are filled in."""

    master: Annotated[str, Field("Name of the master.", parse=parse_template)] = "{song}_master"
    stem: Annotated[str, Field("Name of each stem.", parse=parse_template)] = "{song}_{stem}"
    ascii: Annotated[bool, Field("Write names in ASCII: é as e, ß as ss, ’ as '.")] = False


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


class Delivery(StrictModel):
    """Format and names of the delivered files."""

    container: Annotated[Literal["WAV", "FLAC"], Field("File format.")] = "WAV"
    subtype: Annotated[
        Literal["PCM_16", "PCM_24", "FLOAT", "FLOAT_24"],
        Field(
            "Sample format. Integer formats are dithered, except digital silence. "
            "FLOAT_24 is 32-bit float that holds only 24-bit values."
        ),
    ] = "PCM_24"
    stems: Annotated[DeliveredStems, Field("What the delivered stems are.")] = DeliveredStems()
    chapters: Annotated[
        bool,
        Field(
            "Whether chapters.txt is in the archive: a line for each section, with its start and its title, as podcast "
            "tools read it (mp4chaps, Podlove)."
        ),
    ] = False
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
    names: Annotated[FileNames, Field("Names of the files.")] = FileNames()
