"""Text made fit for a terminal or a log: what a person reads is what is there.

File names, what programs print, and names inside of MIDI files and SoundFonts come from outside. Printed as they are,
they could move the cursor, rewrite lines above, set a terminal's title, or turn the order of letters around.
"""

from __future__ import annotations


def printable(text: str) -> str:
    r"""One line of text, with every character that is not printable escaped as in Python: `\x1b`, `\n`, `\u202e`.

    These are the characters of Unicode's categories Other (controls, formatting such as bidirectional overrides,
    surrogates, unassigned) and Separator, but for the space.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """As `printable`, but line breaks and tabs stay; a carriage return alone is a line break too."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in lines)
