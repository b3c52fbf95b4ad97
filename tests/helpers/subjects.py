"""Subjects of gates, as a plan would describe them."""

from __future__ import annotations

import math

from stemwright.gates import Subject
from stemwright.validation import registry


def null_subject(whole, parts, stage="archive", subtype="FLOAT"):
    """A whole and its parts, each `{"path", "gains", "subtype"}`; of an archive, the whole is its mix.

    `gains` are of left and right, or a fader as plain data.
    """
    null = {
        "subtype": subtype,
        "parts": [
            {
                "faders": {
                    "fader": part["gains"] if isinstance(part["gains"], dict) else fader_of(part["gains"])
                },
                "subtype": part["subtype"],
            }
            for part in parts
        ],
    }
    inputs = {"parts": [part["path"] for part in parts]}
    if stage == "archive":
        inputs["whole"] = [whole]
    return Subject(whole, stage, context={"null": null}, inputs=inputs)


def fader_of(gains):
    """The fader, as plain data, that gives left and right these gains under the pan law `balance`."""
    left, right = gains
    away = 2 / math.pi * math.acos(min(gains) / max(gains))
    return {"gain_db": 20 * math.log10(max(gains)), "pan": away if right > left else -away}


def low_pass_context(effects):
    """What the gate `bandwidth` knows of a chain of effects, given as one-key maps; of kinds still to come, too."""
    known = registry.kinds("stemwright.effects")
    kinds = {kind for entry in effects for kind in entry}
    adding = {k for k in kinds if k not in known or registry.load("stemwright.effects", k).adds_frequencies}
    return {"effects": effects, "adding_frequencies": sorted(adding)}
