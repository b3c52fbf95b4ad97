"""Texts that a reader of YAML must not break on: real ones with something changed, and what only looks like YAML."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NASTY = [
    "",
    "~",
    "null",
    "true",
    "on",
    "0",
    "-1",
    "1e999",
    ".nan",
    "9" * 400,
    "[]",
    "{}",
    "[[]]",
    "{a: {b: c}}",
    "''",
    "*x",
    "&x y",
]
NASTY += [
    '"\\0"',
    '"\\ud800"',
    '"\\n"',
    "\t",
    "../..",
    "1/0",
    "1/8t",
    "bar 1",
    "0 s",
    "999999999 bars",
    "4/32",
    "reference",
]
NASTY += [
    "x" * 50_000,
    "remainder",
    "'*'",
    "{song}",
    "A4",
    "x" * 300,
    "😀",
    "\u2028",
    "- a",
    "!!int 3",
    "<<: {a: b}",
    "? x",
    "10",
    "1000/7",
]


def mutated(data, texts):
    """A real file with a few lines and words changed."""
    lines = data.draw(texts).split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        i, j = (data.draw(st.integers(0, len(lines) - 1)) for _ in "ij")
        match data.draw(st.sampled_from(["drop", "copy", "swap", "indent", "value", "key", "character"])):
            case "drop":
                del lines[i]
                lines = lines or [""]
            case "copy":
                lines.insert(j, lines[i])
            case "swap":
                lines[i], lines[j] = lines[j], lines[i]
            case "indent":
                lines[i] = data.draw(st.sampled_from([" ", "  ", "\t", "- "])) + lines[i]
            case "value":
                lines[i] = lines[i].partition(":")[0] + ": " + data.draw(st.sampled_from(NASTY))
            case "key":
                lines[i] = data.draw(st.sampled_from(NASTY)) + ":" + lines[i].partition(":")[2]
            case "character":
                at = data.draw(st.integers(0, len(lines[i])))
                lines[i] = lines[i][:at] + data.draw(st.text(max_size=2)) + lines[i][at + 1 :]
    return "\n".join(lines)


yaml_like = st.text(st.sampled_from("ab01:-[]{}&*!|>'\"#%@`?,.~ \n\t\\\x85\u2028é"), max_size=80)


def places(data, path=()):
    """The path of every value in plain data."""
    yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(NASTY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def put_anywhere(data, document):
    """The document, with a value of any kind in a place of it."""
    path = data.draw(st.sampled_from([path for path in places(document) if path]))
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = data.draw(json_like)
    return document
