"""A valid song: its document, and what is derived from it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stemwright.audio.placed_file import PlacedFile
from stemwright.effects import Chain, Reach
from stemwright.music.harmony.section import Harmony
from stemwright.music.timeline import Timeline, parse_position
from stemwright.song.cuts import Cut, cut_of
from stemwright.song.deliverables import MAIN_DELIVERY, Deliverable, all_deliveries
from stemwright.song.delivery import Files
from stemwright.song.model import Song, written_gates
from stemwright.song.routing import MASTER, MIX, Routing, heard_stems, is_mastered, is_printed, strips
from stemwright.song.selection import PRIME, Flow, flow_of, heard, is_exact, ways_of
from stemwright.sources import Source
from stemwright.sources._clip import seconds
from stemwright.validation.merged import merge
from stemwright.validation.names import last_part
from stemwright.validation.problems import Problem


@dataclass(frozen=True)
class LoadedSong:
    """A valid song.

    Attributes
    ----------
    name : str
        The name of the song.
    document : Song
        What the user wrote, merged with the house rules.
    timeline : Timeline
        Its timeline.
    harmony : list of Harmony
        The harmony of each section of the timeline; of the whole song, if it has no sections.
    deliveries : mapping of str to sequence of Deliverable
        The files of each delivery, in the order of its archive; first, by "", those of `delivery`.
    instruments : dict of str to list of str
        The instruments that each stem plays, as named in the song.
    solo : sequence of str
        The stems and buses that are soloed.
    doubts : sequence of Problem
        What is probably a mistake, and is built.
    lacks : sequence of Problem
        What it needs to be built and this machine lacks, such as a program.
    cut : Cut or None
        Of a version, how it is cut from its song.
    commit : str
        The commit that manifests name; empty for none.
    """

    name: str
    document: Song
    timeline: Timeline
    harmony: list[Harmony]
    deliveries: Mapping[str, Sequence[Deliverable]]
    instruments: dict[str, list[str]]
    solo: Sequence[str] = ()
    doubts: Sequence[Problem] = ()
    lacks: Sequence[Problem] = ()
    cut: Cut | None = None
    commit: str = ""

    @property
    def short_name(self) -> str:
        """Its name in the names of files: without the folders that it is in."""
        return last_part(self.name)

    @cached_property
    def stems(self) -> list[str]:
        """The names of its stems in mixing order."""
        return sorted(self.document.stems)

    @property
    def deliverables(self) -> Sequence[Deliverable]:
        """The files of the delivery that every song has."""
        return self.deliveries[MAIN_DELIVERY]

    @cached_property
    def delivered(self) -> dict[str, Deliverable]:
        """The files of all deliveries, by their paths below the folder `delivery`, in the order of the archives."""
        return {each.name: each for files in self.deliveries.values() for each in files}

    def delivery(self, name: str) -> Files:
        """The keys of a delivery."""
        return all_deliveries(self.document)[name]

    def archive(self, delivery: str) -> str:
        """The name of the archive of a delivery, without its ending."""
        return f"{self.short_name}-{delivery}" if delivery else self.short_name

    def delivery_of(self, archive: str) -> str:
        """The name of the delivery of an archive: the archive's name, which begins with a hyphen, or `archive`."""
        return archive[1:] if archive.startswith("-") else MAIN_DELIVERY

    def delivery_target(self, name: str) -> dict:
        """The loudness target that a delivery has for its master, as plain data; empty if it has none of its own."""
        target = getattr(self.delivery(name), "target", None)
        return target.limits() if target else {}

    @cached_property
    def routing(self) -> Routing:
        """Where its stems and buses go; of a version, in the time of its song."""
        return Routing(self.document, self.cut.song if self.cut else self.timeline)

    @property
    def dialogue(self) -> list[str]:
        """The stems that are marked as dialogue and are heard in the mix, and not muted from start to end, by name."""
        stems, routing = self.document.stems, self.routing
        return [n for n in heard_stems(self.document) if stems[n].dialogue and not routing.is_muted(n)]

    @property
    def reference_file(self) -> str:
        """The path of its reference, or ""."""
        reference = self.document.reference
        return os.path.expanduser(reference.file) if reference else ""

    @property
    def section_titles(self) -> list[str]:
        """What each section is called for listeners: its title, or its name."""
        written = [(name, section) for entry in self.document.sections for name, section in entry.items()]
        return [section.title or name for name, section in written]

    @property
    def chapters(self) -> list[tuple[float, str]]:
        """The start of each section in s, and its title."""
        return [
            (placed.start_frame / self.timeline.rate, title)
            for placed, title in zip(self.timeline.sections, self.section_titles, strict=True)
        ]

    def frame_at(self, position: str) -> int:
        """The frame at a position in the song."""
        return self.timeline.frame_at(parse_position(position))

    @property
    def placed_reference(self) -> PlacedFile | None:
        """Its reference, where it stands in the song."""
        reference = self.document.reference
        if reference is None:
            return None
        return PlacedFile(self.reference_file, seconds(reference.start), self.frame_at(reference.at))

    @property
    def compared_file(self) -> str:
        """The path of the finished song that mix and master are compared with, or ""."""
        compare = self.document.compare
        return os.path.expanduser(compare.file) if compare else ""

    @property
    def target(self) -> dict:
        """The loudness target of the master as plain data; empty if there is none."""
        target = self.document.master.target
        return target.limits() if target else {}

    def source(self, stem: str) -> Source:
        """The source of a stem."""
        entry = self.document.stems[stem].source
        (kind,) = entry.model_fields_set
        return getattr(entry, kind)

    def is_heard_for_notes(self, stem: str) -> bool:
        """Whether `gates` of the song or of a stem name the gate that compares it with its notes; never for drums."""
        if self.source(stem).rhythmic:
            return False
        of_stem = written_gates(self.document.stems[stem].gates)
        return (written_gates(self.document.gates) | of_stem).get("notes_heard", False) is not False

    def effects(self, name: str) -> Chain:
        """The effects of a stem or a bus."""
        return _chain(strips(self.document)[name].effects)

    @cached_property
    def reaches(self) -> dict[str, Reach | None]:
        """How far the effects of each stem and bus reach; None for those that may hear all of their input."""
        return {name: self.effects(name).reach(self.routing.context) for name in strips(self.document)}

    @property
    def master_effects(self) -> Chain:
        """The effects of the master."""
        return _chain(self.document.master.effects)

    @cached_property
    def versions(self) -> dict[str, LoadedSong]:
        """Its versions by name: each as a song with its own timeline, title, target, gates and dialogue."""
        return {name: self._version(name) for name in sorted(self.document.versions)}

    def of(self, version: str) -> LoadedSong:
        """What a version is as a song; without a name, the song itself."""
        return self.versions[version] if version else self

    @cached_property
    def flows(self) -> dict[str, Flow]:
        """How the mix of each version is made, by its name."""
        effects = {bus: self.effects(bus) for bus in self.document.buses}
        written = self.document.versions
        return {
            name: flow_of(self.routing, written[name], effects, bool(version.cut and version.cut.slices))
            for name, version in self.versions.items()
        }

    def complements(self, version: str) -> list[str]:
        """The versions that add up to the mix with one, by name: together they have all its ways, and none twice."""
        if version not in self._shares:
            return []
        own, every = self._shares[version]
        return [name for name, (ways, _) in self._shares.items() if (own + ways - every) % PRIME == 0]

    @cached_property
    def _shares(self) -> dict[str, tuple[int, int]]:
        """See `ways_of`, of each version that has what it is made of exactly as it is in the mix."""
        written = self.document.versions
        return {name: ways_of(self.routing, written[name]) for name in self.versions if self._is_share(name)}

    def _is_share(self, version: str) -> bool:
        cut = self.versions[version].cut
        is_whole = cut is None or not (
            cut.slices or cut.fade_frames or cut.timeline.frames != self.timeline.frames
        )
        return is_whole and is_exact(self.flows[version])

    def _version(self, name: str) -> LoadedSong:
        document, version = self.document, self.document.versions[name]
        cut = cut_of(version, self.timeline, document.bpm is not None)
        gates = document.gates.model_copy(
            update=merge(written_gates(document.gates), written_gates(version.gates))
        )
        master = document.master
        if version.target is not None:
            master = master.model_copy(update={"target": version.target})
        states = heard(self.routing, version)
        speaks = not cut.slices and cut.timeline.frames == self.timeline.frames  # dialogue stays in its place
        stems = {
            stem: keys if speaks and states[stem] == "whole" else keys.model_copy(update={"dialogue": False})
            for stem, keys in document.stems.items()
        }
        title = version.title or (document.title and f"{document.title} ({name})")
        written = {
            "title": title,
            "stems": stems,
            "master": master,
            "gates": gates,
            "sections": [document.sections[index] for index in cut.sections],
            "reference": None,
            "compare": None,
            "versions": {},
        }
        return replace(
            self,
            document=document.model_copy(update=written),
            timeline=cut.timeline,
            harmony=[self.harmony[index] for index in cut.sections] or self.harmony,
            deliveries={},
            solo=(),
            cut=cut,
        )

    def printed_through(self, name: str) -> dict[str, Chain]:
        """What a stem or bus goes through before it is delivered, by name and in order, each with its effects.

        These are the buses on its way if stems are printed through them, the mix, which has no effects, and the master
        if the stems add up to it.
        """
        buses = self.routing.buses_after(name) if is_printed(self.document) else []
        found = {bus: self.effects(bus) for bus in buses} | {MIX: Chain([])}
        return found | ({MASTER: self.master_effects} if is_mastered(self.document) else {})


def _chain(entries: Sequence) -> Chain:
    return Chain([getattr(entry, kind) for entry in entries for kind in entry.model_fields_set])
