"""The gates of annotations and notes: they pass what a song gives, and refuse each kind of damage."""

import json
import re

import pytest
from moving_song import moving_plan

from stemwright.delivery.annotations import write_annotations
from stemwright.delivery.performance import notes_table, read_notes, read_performance
from stemwright.gates import Subject, make, verify
from stemwright.music.timeline import Timeline
from stemwright.music.timeline.timeline import document

TABLES = ("beats.csv", "downbeats.csv", "sections.csv", "chords.lab", "keys.csv", "tempo.csv")


def edit(song):
    song["annotations"] = True
    song["delivery"] = {}
    song["sections"][1]["verse"]["chords"] = "| G | Em7 |"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with all files, and the subjects of both gates."""
    folder = tmp_path_factory.mktemp("annotations")
    plan = moving_plan(folder, edit)
    song = plan.song
    artifact = plan.graph.get("annotations")
    params = plan.job(artifact)["params"]
    timeline = Timeline.from_dict(params["timeline"])
    symbols = [[(chord.start, chord.symbol) for chord in each.chords] for each in song.harmony]
    lines = document(song.timeline, "G major", [None] * 3, symbols)
    (folder / "timeline.json").write_text(json.dumps(lines))
    for stem in ("bass", "drums", "pair"):
        played = plan.job(plan.graph.get("notes", stem))["params"]["performances"]
        text = notes_table(read_performance(played, [], timeline), timeline.rate)
        (folder / f"{stem}.csv").write_text(text)
    paths = {"jams": folder / "x.jams", "midi": folder / "x.mid"}
    paths |= {f"{name.partition('.')[0]}_table": folder / name for name in TABLES}
    stems = ("bass", "drums", "pair")
    write_annotations(paths, params, timeline, {stem: read_notes(folder / f"{stem}.csv") for stem in stems})
    inputs = {
        "timeline": [str(folder / "timeline.json")],
        "notes": [str(folder / f"{stem}.csv") for stem in stems],
        "midi": [str(folder / "x.mid")],
        "tables": [str(folder / name) for name in TABLES],
    }
    context = plan.verification(artifact)["params"]["context"]
    whole = Subject(str(folder / "x.jams"), "annotations", context=context, inputs=inputs)
    context = plan.verification(plan.graph.get("notes", "drums"))["params"]["context"]
    notes = Subject(
        str(folder / "drums.csv"), "notes", context=context, inputs={"timeline": inputs["timeline"]}
    )
    return folder, {"annotations": whole, "notes": notes}


@pytest.fixture
def refused(made):
    """`refused(gate, file, damage)`: the checks that fail when `damage` has changed the text of a file."""
    folder, subjects = made
    before = {path: path.read_bytes() for path in folder.iterdir()}

    def refused(gate, file="", damage=lambda text: text):
        if file:
            changed = damage(before[folder / file].decode("latin-1")).encode("latin-1")
            assert changed != before[folder / file]
            (folder / file).write_bytes(changed)
        verdict = verify(subjects[gate], make({gate: {}}))
        return {check.id for check in verdict.checks if check.status == "fail"}

    yield refused
    for path, data in before.items():
        path.write_bytes(data)


@pytest.mark.parametrize("gate", ["annotations", "notes"])
def test_what_a_song_gives(refused, gate):
    assert refused(gate) == set()


def in_jams(change):
    """Damage of the data of a JAMS file."""

    def damage(text):
        data = json.loads(text.encode("latin-1"))
        change({each["namespace"]: each["data"] for each in data["annotations"]}, data)
        return json.dumps(data)

    return damage


def later(text, seconds):
    """A table of notes, the first of which is later."""
    header, row, rest = text.split("\n", 2)
    onset, others = row.split(",", 1)
    return "\n".join([header, f"{float(onset) + seconds:.9f},{others}", rest])


@pytest.mark.parametrize(
    "file, damage, check",
    ids=[f"damage-{n}" for n in range(17)],
    argvalues=[
        ("beats.csv", lambda t: t.replace("0.625000000,1", "0.626000000,1"), "beats.table"),
        ("beats.csv", lambda t: t.rsplit("\n", 2)[0] + "\n", "beats.table"),
        ("beats.csv", lambda t: t.replace(",4\n", ",3\n", 1), "beats.table"),
        ("sections.csv", lambda t: t.replace("verse", "bridge"), "sections.table"),
        ("chords.lab", lambda t: t.replace("0.625000000", "0.725000000", 1), "chords.table"),
        ("chords.lab", lambda t: t.split("\n", 1)[1], "chords.table"),
        ("keys.csv", lambda t: t.replace("G:major", "G:minor"), "keys"),
        ("tempo.csv", lambda t: t.replace(",96\n", ",97\n"), "tempo"),
        ("x.jams", in_jams(lambda found, _: found["beat_position"].pop()), "beats.jams"),
        ("x.jams", in_jams(lambda found, _: found["chord"].clear()), "chords.jams"),
        ("x.jams", in_jams(lambda _, data: data["file_metadata"].update(duration=9.0)), "duration"),
        ("x.jams", in_jams(lambda found, _: found["note_midi"][0].update(value=61)), "notes.pair"),
        ("x.jams", lambda text: text[:-40], "readable"),
        ("x.mid", lambda text: text[:200], "readable"),
        ("drums.csv", lambda t: t.replace(",42,", ",43,", 1), "notes.drums"),
        ("drums.csv", lambda t: t.replace(",42,", ",43,", 1), "midi.drums"),
        ("drums.csv", lambda t: later(t, 0.002), "midi.drums"),
    ],
)
def test_damage_is_refused(refused, file, damage, check):
    found = refused("annotations", file, damage)
    assert (check if check == "readable" else f"annotations.{check}") in found


def test_where_time_is_held_midi_may_be_off(refused, made):
    """A hold is a slow step there: notes that begin in it are not compared, all others are."""
    path = made[0] / "timeline.json"
    timeline = json.loads(path.read_text())
    timeline["holds"] = [{"frame": 4_800, "held": "1/10"}]  # the first note of the drums is at frame 5,000
    path.write_text(json.dumps(timeline))
    assert "annotations.midi.drums" not in refused("annotations", "drums.csv", lambda t: later(t, 0.002))
    last = "annotations", "drums.csv", lambda t: ",43,".join(t.rsplit(",42,", 1))
    assert "annotations.midi.drums" in refused(*last)


@pytest.mark.parametrize(
    "damage",
    ids=["section", "end", "lasting", "loud", "silent", "pitch", "header", "length", "order"],
    argvalues=[
        lambda t: t.replace("0.6", "0.1", 1),  # before the only section in which the drums sound
        lambda t: t.replace("kick\n", "kick\n99.0,0.1,36,100,,kick\n", 1),  # behind its end, and out of order
        lambda t: re.sub(r"(\d),[\d.]+,", r"\1,99.0,", t, count=1),
        lambda t: re.sub(r",(\d+),,", ",128,,", t, count=1),
        lambda t: re.sub(r",(\d+),,", ",0,,", t, count=1),
        lambda t: t.replace(",42,", ",420,", 1),
        lambda t: t.replace("# onset", "onset"),
        lambda t: re.sub(r"(\d),[\d.]+,", r"\1,0.000000000,", t, count=1),
        lambda t: "\n".join([t.split("\n")[0], *t.split("\n")[-2:0:-1], ""]),
    ],
)
def test_notes_that_cannot_be(refused, damage):
    assert refused("notes", "drums.csv", damage) in ({"notes"}, {"readable"})


def test_the_stems_whose_notes_are_to_be_heard(tmp_path):
    """Those that play notes, of a stack the layers that do; not drums, nor those of songs without annotations."""
    stems = ("bass", "drums", "pair")
    (tmp_path / "bare").mkdir()
    plan, bare = moving_plan(tmp_path, edit), moving_plan(tmp_path / "bare")
    judged = {stem: "notes_heard" in plan.gates(plan.graph.get("stem", stem)) for stem in stems}
    assert judged == {"bass": True, "drums": False, "pair": True}
    assert not any("notes_heard" in bare.gates(bare.graph.get("stem", stem)) for stem in stems)
    pair = plan.verification(plan.graph.get("stem", "pair"))["params"]
    assert pair["context"] == {"sounds_below": True}  # its organ has 16', its tone is no notes
