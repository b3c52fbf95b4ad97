"""The reference page: complete and current, its examples valid."""

import json
import re
from pathlib import Path

import mido
import pytest
import soundfile as sf
from soundfonts import soundfont

from stemwright.song import model
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation import registry, yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")
MODELS = {"config": model.House, "song": model.Song}
SCHEMAS = {
    name: json.loads((ROOT / f"schema/{name}.schema.json").read_text(encoding="utf-8")) for name in MODELS
}


def chapter(heading):
    """The text under a heading, down to the next heading of whatever level."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text):
    """The first table of a text: its rows, each a dictionary by the titles of the columns."""
    table = re.search(r"(?:^\|.*\n?)+", text, re.MULTILINE)
    lines = (
        [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[0].splitlines()]
        if table
        else []
    )
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]] if lines else []


def objects():
    """Every part that has keys: the heading it is found under, and its JSON Schema."""
    yield "config.yaml", SCHEMAS["config"]
    yield "A song", SCHEMAS["song"]
    for name in ("Session", "Delivery", "FileNames", "Section", "Change", "Stem", "Master", "Target"):
        yield {"FileNames": "File names"}.get(name, name), SCHEMAS["song"]["$defs"][name]
    for package in ("sources", "effects", "gates"):
        for kind in registry.kinds(f"stemwright.{package}"):
            entry = SCHEMAS["song"]["$defs"][
                package.capitalize().removesuffix("s") if package != "gates" else "Gates"
            ]
            reference = (
                entry["properties"][kind]["anyOf"][0]["$ref"] if "anyOf" in entry["properties"][kind] else ""
            )
            yield (
                f"{package.capitalize()[:-1]} `{kind}`",
                SCHEMAS["song"]["$defs"][reference.rsplit("/", 1)[-1]],
            )


@pytest.mark.parametrize(
    ("heading", "schema"), list(objects()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_key_stands_in_its_table_with_range_and_default(heading, schema):
    keys = {
        key: about
        for key, about in schema["properties"].items()
        if not (heading.startswith("Gate") and key == "severity")
    }
    if not keys:
        return
    table = {row["Key"].strip("`"): row for row in rows(chapter(heading))}
    assert list(table) == list(keys)
    for key, about in keys.items():
        row = table[key]
        assert row["What it is"].endswith(".")
        assert (row.get("Default") == "**required**") == (key in schema.get("required", []))
        if isinstance(about.get("default"), bool | int | float | str):
            default = json.dumps(about["default"]).strip('"').removesuffix(".0")
            assert row["Default"] == (f"`{default}`" if default else "")
        number = next(
            (
                a
                for a in (about, *about.get("anyOf", []))
                if a.get("type") in ("number", "integer") and "enum" not in a
            ),
            None,
        )
        if number:
            kind = {"number": "number", "integer": "whole number"}[number["type"]]
            is_moving = {"$ref": "#/$defs/Modulated"} in about.get("anyOf", [])
            assert row["Type"] == kind + (", or [automation](#automation)" if is_moving else "")
            bounds = [number.get("minimum", number.get("exclusiveMinimum")), number.get("maximum")]
            assert [float(n) for n in re.findall(r"-?[\d.]+", row["Range"])] == [
                b for b in bounds if b is not None
            ]
            unit = re.search(r"Unit: (.*)\.$", number.get("description", about.get("description", "")))
            assert row.get("Unit", "") == (unit[1] if unit else "")
        if row["Type"] == "[preset](#presets)":
            assert [row["Preset"].strip("`") for row in rows(chapter("Presets"))] == about["enum"]
            continue
        for choice in about.get("enum", []):
            assert f"`{choice}`" in row["Type"]


def test_every_gate_is_in_the_overview_with_what_it_checks():
    overview = {row["Gate"].split("`")[1]: row for row in rows(chapter("Gates"))}
    assert sorted(overview) == sorted(registry.kinds("stemwright.gates"))
    assert overview["finite"]["Checks"] == "all audio"
    assert overview["dc"]["Checks"] == "all audio but windows"
    assert overview["archive"]["Checks"] == "archive"
    assert all(row["What must hold"].endswith(".") for row in overview.values())
    assert "| `severity` | `error` or `warn` | `error` |" in chapter("Gates")


def test_links_lead_somewhere():
    headings = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = [
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings
    ]  # as GitHub makes them
    links = re.findall(r"\]\(#([^)]*)\)", PAGE)
    assert len(set(anchors)) == len(anchors)
    assert len(links) > 20
    assert set(links) <= set(anchors)


def test_the_page_speaks_no_schema():
    for word in (
        "anyOf",
        "ref",
        "integer",
        "boolean",
        "object",
        "array",
        "dict",
        "int",
        "str",
        "None",
    ):
        assert not re.search(rf"\b{word}\b", PAGE), word
    assert "ValueError" not in PAGE
    assert "`bar 9 beat 2.5`" in chapter("How values are written")
    assert "G major, Ab major or F# minor" in chapter("How values are written")
    assert "x hit, X accent, o ghost" in chapter("Source `drums`")


def test_every_source_and_effect_has_an_example_that_is_valid(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in (
        "ref.wav",
        "loops/shaker.wav",
        "samples/piano/pad_C3.wav",
        "impulses/hall.wav",
        "references/album-track.wav",
        "plugins/Tape.vst3",
    ):
        Path(file).parent.mkdir(exist_ok=True, parents=True)
        sf.write(file, [[0.0, 0.0]] * 48_000, 48_000, format="WAV", subtype="PCM_16")
    keys = mido.MidiTrack([mido.MetaMessage("track_name", name="Piano"), mido.Message("note_on", note=60)])
    Path("songs/night-bus").mkdir(parents=True)
    mido.MidiFile(tracks=[keys]).save("songs/night-bus/keys.mid")
    Path("soundfonts").mkdir()
    Path("soundfonts/FluidR3_GM.sf2").write_bytes(soundfont([("Nylon String Guitar", 24, 0)]))
    packages = ("sources", "effects", "instruments", "parts")
    kinds = [
        (package, kind)
        for package in packages
        for kind in registry.kinds(f"stemwright.{'music.' if package == 'parts' else ''}{package}")
    ]
    head = "bpm: 120\nkey: G major\nreference: {file: ref.wav}\nsections:\n"
    head += "".join(f"  - {name}: {{length: 4 bars, chords: G}}\n" for name in ("verse", "chorus", "bridge"))
    above = {"sources": "", "effects": "    source: {tone: {note: A2}}\n"}
    above["instruments"] = "    source:\n     play:\n      parts: {verse: {chords: }}\n"
    above["parts"] = "    source:\n     play:\n      instrument: {organ: }\n"
    for package, kind in kinds:
        (example,) = re.findall(
            r"```yaml\n(.*?)```", chapter(f"{package.capitalize()[:-1]} `{kind}`"), re.DOTALL
        )
        assert re.match(r"source:\n  |effects:\n  - |instrument:\n|parts:\n", example)[0].startswith(
            package[:-1]
        )
        indent = "      " if package in ("instruments", "parts") else "    "
        text = f"{head}stems:\n  voice: {{source: {{tone: {{note: A4}}}}}}\n  a:\n{above[package]}"
        Path("x.yaml").write_text(text + "".join(f"{indent}{line}\n" for line in example.splitlines()))
        if package == "instruments":  # their files need not be there
            spec = model.Song.model_validate(yaml.load("x.yaml").data)
        else:
            spec = load_song("x", load_house({"songs": ["x"]}, []), "x.yaml").document
        stem = spec.stems["a"]
        if package in ("sources", "effects"):
            entry = stem.source if package == "sources" else stem.effects[0]
            assert entry.model_fields_set == {kind}
        elif package == "parts":
            assert list(stem.source.play.parts["verse"]) == [kind]
        elif kind != "preset":
            assert list(stem.source.play.instrument) == [kind]
    assert len(kinds) > 10
    (gates,) = re.findall(r"```yaml\n(.*?)```", chapter("Gates"), re.DOTALL)
    Path("x.yaml").write_text("bpm: 120\nlength: 1 bar\nstems: {a: {source: {tone: {note: A2}}}}\n" + gates)
    assert (
        len(load_song("x", load_house({"songs": ["x"]}, []), "x.yaml").document.gates.model_fields_set) == 2
    )
