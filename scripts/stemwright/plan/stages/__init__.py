"""Stages: what a song is built into, one file a stage, beside the rule file of the same name in `rules/`.

A stage says which artifacts a song has of it, where they are, what they are made of, and what its job is given. A file
that is here is a stage: the graph finds it, the Snakefile includes its rule file, and gates, audit, prune and targets
know its artifacts. Nothing else is to be edited.
"""

from stemwright.validation import registry


def names() -> list[str]:
    """Every stage. The timeline is the first: its rules are the pattern of the other verifications."""
    return sorted(registry.kinds(__name__), key=lambda name: name != "timeline")
