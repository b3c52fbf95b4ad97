"""A song as plain data for each job: what a rule's `params` holds, and nothing that its job does not use.

Every job gets one keyed dictionary, `{"spec", "tools", "refusals"}`, since Snakemake compares params
as a set of values. What is in it is what the job is rebuilt for; its keys are sorted, so that the
order in which someone wrote YAML is no reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

from stemwright import facts, presets
from stemwright.fingerprint import fingerprint
from stemwright.ledger import ledger_of, refusals
from stemwright.reading import ReadSong, merge
from stemwright.song import plain, plain_gates
from stemwright.sources._base import Source, role
from stemwright.spec import registry

SCRIPTS = Path(__file__).resolve().parent.parent


class Plan:
    """The jobs of one song.

    `results` is the output root, as Snakemake names it in paths; `script` gives the file of a rule's script, by name.
    """

    def __init__(self, song: ReadSong, results: str, script: Callable[[str], Path] = SCRIPTS.joinpath):
        self.song = song
        self.spec = song.spec
        self.results = results
        self._script = script
        self.stems = sorted(self.spec.stems)
        self.delivered = [stem for stem in self.stems if song.delivered(stem)]

    # Paths of artifacts

    def path(self, *parts: str) -> str:
        return "/".join((self.results, self.song.name, *parts))

    @cached_property
    def archive(self) -> str:
        return self.path(f"{self.song.name}.zip")

    def stem(self, stem: str) -> str:
        return self.path("stems", f"{stem}.wav")

    def processed(self, stem: str) -> str:
        return self.path("processed", f"{stem}.wav")

    @cached_property
    def reference(self) -> str:
        return self.path("reference", "reference.wav")

    @cached_property
    def timeline(self) -> str:
        return self.path("timeline.json")

    @cached_property
    def mix(self) -> str:
        return self.path("mix", "mix.wav")

    @cached_property
    def master(self) -> str:
        return self.path("master", "master.wav")

    def delivery(self, stem: str | None) -> str:
        """The delivered file of a stem, or of the master (None)."""
        return self.path("delivery", self.song.files[stem])

    def artifacts(self) -> list[str]:
        """Every artifact that has a sentinel, in the order audio flows."""
        stems = map(self.stem, self.stems)
        return [
            *self.before_stems(),
            *stems,
            *self.all_processed(),
            self.mix,
            self.master,
            *self.all_delivery(),
            self.archive,
        ]

    def before_stems(self) -> list[str]:
        """What must have passed before any stem is made."""
        return [self.timeline, *([self.reference] if self.spec.reference else [])]

    def all_processed(self) -> list[str]:
        """The processed stems, in the order in which they are mixed."""
        return [self.processed(stem) for stem in self.stems]

    def all_delivery(self) -> list[str]:
        """The delivered files in the order of the archive, the master first."""
        return [self.delivery(stem) for stem in (None, *self.delivered)]

    def delivered_from(self, name: str) -> str:
        """What a delivered file is made of: the master, or a processed stem."""
        stem = self.file_of(name)
        return self.master if stem is None else self.processed(stem)

    def all_delivered_or_processed(self) -> list[str]:
        """The stems that make the mix: as delivered, or processed where they are not."""
        return [self.delivery(s) if self.song.delivered(s) else self.processed(s) for s in self.stems]

    def before_low_pass(self, stem: str) -> list[str]:
        """The raw stem, if what its effects took out of it is checked."""
        is_checked = self._gates(stem).get("bandwidth") is not False
        return [self.stem(stem)] if is_checked and facts.low_passed(self.song, stem) else []

    def ledger(self, artifact: str) -> str:
        return str(ledger_of(self.results, self.song.name, artifact))

    def ledgers(self, artifacts: Iterable[str]) -> dict[str, str]:
        """Where refusals are kept, by artifact."""
        return {artifact: self.ledger(artifact) for artifact in artifacts}

    def targets(self) -> list[str]:
        """Every file that one may ask Snakemake for."""
        beside = [f"{path}{ending}" for path in self.artifacts() for ending in ("", ".made", ".ok")]
        return [*beside, self.path("master", "master.json")]

    def written(self) -> list[str]:
        """Every file that jobs write, but for logs and benchmarks."""
        return [*self.targets(), *self.ledgers(self.artifacts()).values()]

    def file_of(self, name: str) -> str | None:
        """The stem that is delivered under a file name, or None for the master. Raises KeyError if none is."""
        return {file: stem for stem, file in self.song.files.items()}[name]

    def render_inputs(self, stem: str) -> dict[str, str]:
        """The files that a stem is rendered from, by role."""
        source = facts.source_of(self.song, stem)
        inputs = {"files": [os.path.expanduser(path) for _, path in self._files(stem)]}
        return {**inputs, "reference": self.reference} if source.needs_reference else inputs

    def input_files(self) -> list[str]:
        """Every file that the song is made from."""
        reference = [self.reference_file] if self.spec.reference else []
        return [*reference, *(path for stem in self.stems for path in self.render_inputs(stem)["files"])]

    @property
    def reference_file(self) -> str:
        return os.path.expanduser(self.spec.reference.file)

    def mixed_reference(self) -> list[str]:
        """The reference, if a stem plays it and so it must be in the mix."""
        return [self.reference] if facts.applies(self.song, "reference_in_mix", "mix", None) else []

    # Params of the jobs that make something

    def timeline_job(self) -> dict:
        job = {
            "timeline": self.song.timeline.facts(),
            "key": self.spec.key,
            "section_keys": [harmony.key for harmony in self.song.harmony if self.spec.sections],
            "chords": [
                [[str(chord.start), chord.symbol] for chord in harmony.chords]
                for harmony in self.song.harmony
                if self.spec.sections
            ],
        }
        return self._job("build_timeline", self.timeline, job)

    def reference_job(self) -> dict:
        return self._job("conform_reference", self.reference, {"session": self._session()})

    def stem_job(self, stem: str) -> dict:
        spec, source = self.spec.stems[stem], facts.source_of(self.song, stem)
        ((kind, keys),) = plain(spec.source).items()
        files = [where for where, _ in self._files(stem)]
        for where in files:
            # Which file it is stands in the rule's input: its bytes count, not its name.
            _set(keys, where, "input")
        job = {
            "source": {kind: keys},
            "seed": stem,
            "files": [role(where) for where in files],
            **({"sections": sorted(spec.sections)} if spec.sections else {}),
            **self._canvas(source.in_time or bool(spec.sections), source),
        }
        modules = [registry.module_of("stemwright.sources", kind), *source.modules()]
        job = self._job("render_stem", self.stem(stem), job, modules)
        job["tools"]["libraries"] |= source.libraries()
        return job

    def process_job(self, stem: str) -> dict:
        entries = self.spec.stems[stem].effects
        job = {"effects": [plain(entry) for entry in entries], **self._canvas(_any_in_time(entries))}
        return self._job("process_stem", self.processed(stem), job, _effect_modules(entries))

    def mix_job(self) -> dict:
        job = {"stems": {stem: self._fader(stem) for stem in self.stems}, **self._canvas(False)}
        return self._job("mix_stems", self.mix, job)

    def master_job(self) -> dict:
        master = self.spec.master
        target = master.target.limits() if master.target else {}
        limiter = asdict(master.limiter) if master.limiter else None
        if limiter and (most := presets.ceiling(target)) is not None:
            limiter["ceiling_db"] = min(limiter["ceiling_db"], most)
        job = {
            "effects": [plain(entry) for entry in master.effects],
            "gain_db": master.gain_db,
            "limiter": limiter,
            "target": presets.aim(target) if target else None,
            **self._canvas(_any_in_time(master.effects)),
        }
        return self._job("master_mix", self.master, job, _effect_modules(master.effects))

    def deliver_job(self, name: str) -> dict:
        stem = self.file_of(name)
        delivery = self.spec.delivery
        job = {
            "fader": self._fader(stem) if stem else None,
            "container": delivery.container,
            "subtype": delivery.subtype,
            "seed": stem or "",
            **self._canvas(False),
        }
        return self._job("deliver_file", self.path("delivery", name), job)

    def pack_job(self) -> dict:
        spec = self.spec
        stems = {
            stem: {
                "source": next(iter(spec.stems[stem].source.model_fields_set)),
                "instruments": self.song.instruments[stem],
                "effects": [plain(entry) for entry in spec.stems[stem].effects],
                **self._fader(stem),
            }
            for stem in self.stems
        }
        job = {
            "song": self.song.name,
            "title": spec.title,
            "artist": spec.artist,
            "notes": spec.notes,
            "files": [{"file": self.song.files[stem], "stem": stem} for stem in (None, *self.delivered)],
            "stems": stems,
            "master_effects": [plain(entry) for entry in spec.master.effects],
            "target": spec.master.target.model_dump(exclude_none=True) if spec.master.target else None,
            "precision": " (24-bit values, in 32-bit float)" if spec.delivery.subtype == "FLOAT_24" else "",
            "libraries": self._libraries(),
            "ledgers": self.ledgers(self.artifacts()[:-1]),
        }
        return self._job("pack_archive", self.archive, job)

    # Params of verification

    def verify_job(self, kind: str, artifact: str, wildcards: Mapping[str, str]) -> dict:
        """Limits and expectations for an artifact of a kind; `wildcards` are those of its path."""
        stem = self.file_of(wildcards["file"]) if kind == "delivered" else wildcards.get("stem")
        gates = self._gates(stem)
        chosen = {
            name: gates.get(name) or {}
            for name in registry.kinds("stemwright.gates")
            if gates.get(name) is not False and facts.applies(self.song, name, kind, stem)
        }
        job = {
            "kind": kind,
            "artifact": artifact,
            "gates": chosen,
            "expect": self._expect(kind),
            "facts": facts.of(self.song, kind, stem, chosen),
            "ledgers": self.ledgers([artifact, *(self.all_delivery() if kind == "archive" else [])]),
        }
        modules = [registry.module_of("stemwright.gates", name) for name in chosen]
        if "source" in job["facts"].get("grid", {}):  # its own code says what it wrote
            source = facts.source_of(self.song, stem)
            modules += [type(source).__module__, *source.modules()]
        return {"spec": _sorted(job), "tools": fingerprint([self._script("verify_artifact.py")], modules)}

    # What the above share

    def _job(self, script: str, artifact: str, job: dict, modules: list[str] | None = None) -> dict:
        return {
            "spec": _sorted(job),
            "tools": fingerprint([self._script(f"{script}.py")], modules or []),
            "refusals": refusals(Path(self.ledger(artifact))),
        }

    def _files(self, stem: str) -> list[tuple[tuple, str]]:
        """The files that a stem's source reads: by path, so that two that are swapped are a change of roles."""
        return sorted(facts.source_of(self.song, stem).input_files(), key=lambda file: (file[1], file[0]))

    def _gates(self, stem: str | None) -> dict:
        """The limits of the song's gates, and of a stem's own over them."""
        gates = plain_gates(self.spec.gates)
        return gates if stem is None else merge(gates, plain_gates(self.spec.stems[stem].gates))

    def _session(self) -> dict:
        return {"rate": self.spec.session.sample_rate, "channels": self.spec.session.channels}

    def _canvas(self, in_time: bool, source: Source | None = None) -> dict:
        canvas = {**self._session(), "frames": self.song.timeline.frames}
        if in_time:
            canvas["timeline"] = self.song.timeline.facts()
        uses = [source.uses(section.name) for section in self.song.timeline.sections_or_all] if source else []
        if any(uses):
            pairs = zip(self.song.harmony, uses, strict=True)
            canvas["harmony"] = [harmony.facts(used) for harmony, used in pairs]
        return {"canvas": canvas}

    def _expect(self, kind: str) -> dict:
        if kind == "archive":
            return {}
        if kind == "timeline":
            return {"frames": self.song.timeline.frames}
        expect = {"sample_rate": self.spec.session.sample_rate, "channels": self.spec.session.channels}
        if kind == "reference":
            return {**expect, "subtype": "FLOAT"}
        expect["frames"] = self.song.timeline.frames
        if kind != "delivered":
            return {**expect, "subtype": "FLOAT"}
        delivery = self.spec.delivery
        return {
            **expect,
            "subtype": delivery.subtype.replace("FLOAT_24", "FLOAT"),
            "container": delivery.container,
        }

    def _fader(self, stem: str) -> dict:
        return {"gain_db": self.spec.stems[stem].gain_db, "pan": self.spec.stems[stem].pan}

    def _libraries(self) -> dict[str, str]:
        """Versions of the libraries that the song's audio went through."""
        jobs = [self.mix_job(), self.master_job()]
        jobs += [job(stem) for stem in self.stems for job in (self.stem_job, self.process_job)]
        return {name: version for job in jobs for name, version in job["tools"]["libraries"].items()}


def _set(keys: dict, where: tuple, value: object) -> None:
    """Set a key; of a file in a folder, as in ("folder", "C3.wav"), the folder's."""
    *above, last = where
    for part in above:
        if isinstance(keys[part], str):
            last = part
            break
        keys = keys[part]
    keys[last] = value


def _any_in_time(entries) -> bool:
    return any(getattr(entry, kind).in_time for entry in entries for kind in entry.model_fields_set)


def _effect_modules(entries) -> list[str]:
    return sorted(
        {registry.module_of("stemwright.effects", kind) for e in entries for kind in e.model_fields_set}
    )


def _sorted(value: object) -> object:
    """Plain data with its keys in order, so that equal data have one spelling."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_sorted(v) for v in value]
    return value
