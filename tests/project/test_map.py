"""The map of the library, in its docstring, is what is there."""

import re
import tomllib
from pathlib import Path

import stemwright

LIBRARY = Path(stemwright.__file__).parent
ROOT = LIBRARY.parents[1]


def rooms_of_the_map():
    """The rooms in the package's docstring, in their order."""
    rows = re.findall(r"^    ([a-z_]+(?:, [a-z_]+)*)(?:\s{2,}\S|$)", stemwright.__doc__, re.MULTILINE)
    return [room for row in rows for room in row.split(", ")]


def test_the_map_has_every_room_and_no_other():
    rooms = sorted(path.parent.name for path in LIBRARY.glob("*/__init__.py"))
    assert sorted(rooms_of_the_map()) == rooms


def test_the_map_has_the_order_of_the_import_contract():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    from_below = [sorted(layer.split(" | ")) for layer in reversed(layers)]
    rooms = iter(rooms_of_the_map())
    assert [sorted(next(rooms) for _ in layer) for layer in from_below] == from_below


def test_at_most_three_modules_are_in_no_room():
    assert len([path for path in LIBRARY.glob("*.py") if path.name != "__init__.py"]) <= 3


def test_every_room_says_what_it_is():
    for path in LIBRARY.rglob("__init__.py"):
        assert path.read_text(encoding="utf-8").startswith('"""'), path


def test_no_file_is_long():
    """A module of over 400 lines does more than one thing."""
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("scripts", "rules", "tests")
        for path in (ROOT / folder).rglob("*.[ps]*")
        if path.suffix in (".py", ".smk") and (lines := path.read_text(encoding="utf-8").count("\n")) > 420
    }
    assert long == {}
