"""Subjects of gates, as a plan would describe them."""

from __future__ import annotations

from stemwright.gates import Subject


def null_subject(whole, parts, stage="archive", subtype="FLOAT"):
    """A whole and its parts, each `{"path", "gains", "subtype"}`; of an archive, the whole is its mix."""
    null = {"subtype": subtype, "parts": [{key: part[key] for key in ("gains", "subtype")} for part in parts]}
    inputs = {"stems": [part["path"] for part in parts]}
    if stage == "archive":
        inputs["mix"] = [whole]
    return Subject(whole, stage, context={"null": null}, inputs=inputs)
