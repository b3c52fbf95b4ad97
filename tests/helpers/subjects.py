"""Subjects of gates, as a plan would describe them."""

from __future__ import annotations

from stemwright.gates import Subject
from stemwright.validation import registry


def null_subject(whole, parts, stage="archive", subtype="FLOAT"):
    """A whole and its parts, each `{"path", "gains", "subtype"}`; of an archive, the whole is its mix."""
    null = {"subtype": subtype, "parts": [{key: part[key] for key in ("gains", "subtype")} for part in parts]}
    inputs = {"stems": [part["path"] for part in parts]}
    if stage == "archive":
        inputs["mix"] = [whole]
    return Subject(whole, stage, context={"null": null}, inputs=inputs)


def low_pass_context(effects):
    """What the gate `bandwidth` knows of a chain of effects, given as one-key maps; of kinds still to come, too."""
    known = registry.kinds("stemwright.effects")
    kinds = {kind for entry in effects for kind in entry}
    adding = {k for k in kinds if k not in known or registry.load("stemwright.effects", k).adds_frequencies}
    return {"effects": effects, "adding_frequencies": sorted(adding)}
