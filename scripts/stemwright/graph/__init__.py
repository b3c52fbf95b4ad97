"""The artifact graph: every file that a song is built into, and what each is made of.

The stages of a song (`stemwright.plan.stages`, one file a stage) say which artifacts there are; the graph asks them, in
the order in which they need each other. Rules, params of jobs, gates, ledgers, targets, audit and prune all read this
graph: none of them spells a path of its own.
"""

from stemwright.graph.artifact import Ancient, Artifact, Extra, Input, SourceFile, Verdict
from stemwright.graph.graph import ALBUM_STAGES, DATASET_STAGES, STAGES, Graph

__all__ = [
    "ALBUM_STAGES",
    "DATASET_STAGES",
    "STAGES",
    "Ancient",
    "Artifact",
    "Extra",
    "Graph",
    "Input",
    "SourceFile",
    "Verdict",
]
