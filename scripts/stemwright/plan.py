"""A song as plain data for each job: what a rule's `params` holds, and nothing that its job does not use.

Every job gets one keyed dictionary, `{"spec", "tools", "refusals"}`, since Snakemake compares params
as a set of values. What is in it is what the job is rebuilt for; its keys are sorted, so that the
order in which someone wrote YAML is no reason.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

from stemwright.fingerprint import fingerprint
from stemwright.ledger import ledger_of, refusals
from stemwright.levels import channel_gains
from stemwright.reading import ReadSong, merge
from stemwright.song import Stem, plain, plain_gates
from stemwright.sources._base import Source, role
from stemwright.spec import registry

SCRIPTS = Path(__file__).resolve().parent.parent


class Plan:
    """The jobs of one song. `results` is the output root, as Snakemake names it in paths."""

    def __init__(self, song: ReadSong, results: str):
        self.song = song
        self.spec = song.spec
        self.results = results
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

    def ledger(self, artifact: str) -> str:
        return str(ledger_of(self.results, self.song.name, artifact))

    def targets(self) -> list[str]:
        """Every file that one may ask Snakemake for."""
        artifacts = self.artifacts()
        return [*artifacts, *(f"{path}.ok" for path in artifacts), self.path("master", "master.json")]

    def file_of(self, name: str) -> str | None:
        """The stem that is delivered under a file name, or None for the master. Raises KeyError if none is."""
        return {file: stem for stem, file in self.song.files.items()}[name]

    def render_inputs(self, stem: str) -> dict[str, str]:
        """The files that a stem is rendered from, by role."""
        source = self._source(stem)
        inputs = {"files": [os.path.expanduser(path) for _, path in self._files(stem)]}
        return {**inputs, "reference": self.reference} if source.needs_reference else inputs

    @property
    def reference_file(self) -> str:
        return os.path.expanduser(self.spec.reference.file)

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
        spec, source = self.spec.stems[stem], self._source(stem)
        ((kind, keys),) = plain(spec.source).items()
        for where, _ in self._files(stem):
            _set(
                keys, where, "input"
            )  # which file it is stands in the rule's input; its bytes count, not its name
        job = {
            "source": {kind: keys},
            "seed": stem,
            "files": [role(where) for where, _ in self._files(stem)],
            **({"sections": sorted(spec.sections)} if spec.sections else {}),
            **self._canvas(source.in_time or bool(spec.sections), source),
        }
        modules = [registry.module_of("stemwright.sources", kind), *source.modules()]
        return self._job("render_stem", self.stem(stem), job, modules)

    def process_job(self, stem: str) -> dict:
        entries = self.spec.stems[stem].effects
        job = {"effects": [plain(entry) for entry in entries], **self._canvas(_any_in_time(entries))}
        return self._job("process_stem", self.processed(stem), job, _effect_modules(entries))

    def mix_job(self) -> dict:
        job = {"stems": {stem: self._gains(stem) for stem in self.stems}, **self._canvas(False)}
        return self._job("mix_stems", self.mix, job)

    def master_job(self) -> dict:
        master = self.spec.master
        job = {
            "effects": [plain(entry) for entry in master.effects],
            "gain_db": master.gain_db,
            "limiter": asdict(master.limiter) if master.limiter else None,
            "target_lufs": master.target.integrated_lufs if master.target else None,
            **self._canvas(_any_in_time(master.effects)),
        }
        return self._job("master_mix", self.master, job, _effect_modules(master.effects))

    def deliver_job(self, name: str) -> dict:
        stem = self.file_of(name)
        delivery = self.spec.delivery
        job = {
            "gains": [1.0] * self.spec.session.channels if stem is None else self._gains(stem),
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
                "effects": [plain(entry) for entry in spec.stems[stem].effects],
                "gain_db": spec.stems[stem].gain_db,
                "pan": spec.stems[stem].pan,
            }
            for stem in self.stems
        }
        job = {
            "song": self.song.name,
            "title": spec.title,
            "artist": spec.artist,
            "files": [{"file": self.song.files[stem], "stem": stem} for stem in (None, *self.delivered)],
            "stems": stems,
            "master_effects": [plain(entry) for entry in spec.master.effects],
            "target": spec.master.target.model_dump() if spec.master.target else None,
            "precision": " (24-bit values, in 32-bit float)" if spec.delivery.subtype == "FLOAT_24" else "",
            "libraries": self._libraries(),
        }
        return self._job("pack_archive", self.archive, job)

    # Params of verification

    def verify_job(self, kind: str, artifact: str, wildcards: Mapping[str, str]) -> dict:
        """Limits and expectations for an artifact of a kind; `wildcards` are those of its path."""
        stem = self.file_of(wildcards["file"]) if kind == "delivered" else wildcards.get("stem")
        gates = plain_gates(self.spec.gates)
        if stem is not None:
            gates = merge(gates, plain_gates(self.spec.stems[stem].gates))
        chosen = {
            name: gates.get(name) or {}
            for name in registry.kinds("stemwright.gates")
            if gates.get(name) is not False and kind in registry.load("stemwright.gates", name).kinds
        }
        job = {
            "kind": kind,
            "artifact": artifact,
            "gates": chosen,
            "expect": self._expect(kind),
            "facts": self._facts(kind, stem, chosen),
            "ledger": self.ledger(artifact),
        }
        modules = [registry.module_of("stemwright.gates", name) for name in chosen]
        return {"spec": _sorted(job), "tools": fingerprint([SCRIPTS / "verify_artifact.py"], modules)}

    # What the above share

    def _job(self, script: str, artifact: str, job: dict, modules: list[str] | None = None) -> dict:
        return {
            "spec": _sorted(job),
            "tools": fingerprint([SCRIPTS / f"{script}.py"], modules or []),
            "refusals": refusals(Path(self.ledger(artifact))),
        }

    def _source(self, stem: str):
        entry = self.spec.stems[stem].source
        (kind,) = entry.model_fields_set
        return getattr(entry, kind)

    def _files(self, stem: str) -> list[tuple[tuple, str]]:
        """The files that a stem's source reads: by path, so that two that are swapped are a change of roles."""
        return sorted(self._source(stem).inputs(), key=lambda file: (file[1], file[0]))

    def _session(self) -> dict:
        return {"rate": self.spec.session.sample_rate, "channels": self.spec.session.channels}

    def _canvas(self, in_time: bool, source: Source | None = None) -> dict:
        canvas = {**self._session(), "frames": self.song.timeline.frames}
        if in_time:
            canvas["timeline"] = self.song.timeline.facts()
        uses = [source.uses(section.name) for section in self.song.timeline.spans] if source else []
        if any(uses):
            pairs = zip(self.song.harmony, uses, strict=True)
            canvas["harmony"] = [harmony.facts(used) for harmony, used in pairs]
        return {"canvas": canvas}

    def _gains(self, stem: str) -> list[float]:
        spec: Stem = self.spec.stems[stem]
        return channel_gains(spec.gain_db, spec.pan, self.spec.session.channels)

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

    def _facts(self, kind: str, stem: str | None, gates: dict[str, dict]) -> dict:
        facts: dict = {}
        target = self.spec.master.target
        if kind == "master" and target:
            facts["loudness"] = target.model_dump()
        if "null_test" in gates:
            facts["null"] = self._null(kind, stem)
        if kind == "delivered":
            facts["integer"] = self.spec.delivery.subtype != "FLOAT"
        if kind == "archive":
            facts["archive"] = [self.song.files[stem] for stem in (None, *self.delivered)]
        return facts

    def _null(self, kind: str, stem: str | None) -> dict:
        """What adds up to what: the format of the whole, and gains and formats of its parts."""
        unity, subtype = [1.0] * self.spec.session.channels, self.spec.delivery.subtype
        if kind == "delivered":
            return {
                "subtype": subtype,
                "parts": [{"gains": self._gains(stem) if stem else unity, "subtype": "FLOAT"}],
            }
        parts = [
            {"gains": unity, "subtype": subtype}
            if kind == "archive" and self.song.delivered(name)
            else {"gains": self._gains(name), "subtype": "FLOAT"}
            for name in self.stems
        ]
        return {"subtype": "FLOAT", "parts": parts}

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
