"""Hand-off: what mido reads of the MIDI file, against the timeline's frames; what is a reason to write it again."""

from fractions import Fraction

import mido
import pytest
from moving_song import moving_plan

from stemwright.delivery.handoff import write_handoff


def write(plan, name, tmp_path):
    path = tmp_path / name
    write_handoff(path, plan.job(plan.graph.get("handoff", name))["params"])
    return path


def seconds(file, tick):
    """The time of a tick by the tempi of the first track, as the standard says."""
    at, total, tempo, before = 0, 0.0, 500_000, 0
    for message in file.tracks[0]:
        at += message.time
        if message.type == "set_tempo" and at <= tick:
            total += (at - before) * tempo / 1e6 / file.ticks_per_beat
            tempo, before = message.tempo, at
    return total + (tick - before) * tempo / 1e6 / file.ticks_per_beat


def moments(track):
    at, found = 0, []
    for message in track:
        at += message.time
        found.append((at, message))
    return found


@pytest.fixture
def midi(tmp_path):
    plan = moving_plan(tmp_path)
    return plan, mido.MidiFile(write(plan, "x.mid", tmp_path), charset="utf-8")


def test_markers_meters_and_tempo_stand_where_the_timeline_has_them(midi):
    plan, file = midi
    timeline = plan.song.timeline
    conductor = moments(file.tracks[0])
    markers = [(seconds(file, at), m.text) for at, m in conductor if m.type == "marker"]
    texts = ["intro", "it's \"<&> `x` é", "chorus", "end"]
    assert [text for _, text in markers] == texts
    starts = [s.start_frame for s in timeline.sections] + [timeline.end_frame]
    assert [at for at, _ in markers] == pytest.approx([frame / 8_000 for frame in starts], abs=0.001)
    meters = [(m.numerator, m.denominator) for _, m in conductor if m.type == "time_signature"]
    assert meters == [(1, 4), (4, 4), (7, 8), (3, 4)]


def test_each_part_is_a_track_with_its_notes_as_written(midi):
    plan, file = midi
    assert [track.name for track in file.tracks[1:]] == ["bass", "drums", "pair/low"]
    bass, drums, low = ([(at, m) for at, m in moments(t) if m.type == "note_on"] for t in file.tracks[1:])
    quarters = [at / file.ticks_per_beat for at, _ in bass]
    assert quarters[:3] == [0, 1, 3]  # swing is how it is played
    assert [m.note for _, m in bass[:3]] == [55, 55, 62]  # G3 and D4, an octave down from what degrees say
    assert {m.channel for _, m in drums} == {9} and {m.channel for _, m in bass} == {0}
    assert {m.note for _, m in drums} == {36, 42}
    at = [at / file.ticks_per_beat for at, m in drums if m.note == 42]
    assert at == [1 + n / 2 for n in range(32)] and len(low) == 8  # four bars of verse after the pick-up
    for tick, _ in bass:
        frame = plan.song.timeline.frame(Fraction(tick, file.ticks_per_beat))
        held = plan.song.timeline.tempo.holds[0][0] * file.ticks_per_beat
        if not held < tick <= held + 0.15 * file.ticks_per_beat:
            assert seconds(file, tick) == pytest.approx(frame / 8_000, abs=0.001)


def test_only_what_is_in_it_is_a_reason_to_write_it_again(tmp_path):
    def params(edit):
        plan = moving_plan(tmp_path, edit)
        return plan.job(plan.graph.get("handoff", "x.mid"))

    def bass(key, value):
        return lambda song: song["stems"]["bass"]["source"]["play"].update({key: value})

    before = params(lambda song: None)
    assert params(lambda song: song["stems"]["bass"].update(gain_db=-3)) == before
    assert params(bass("instrument", {"plucked": {}})) == before
    assert params(bass("swing", 0.5)) == before
    assert params(bass("transpose", 0)) != before
    assert params(bass("parts", {"*": {"degrees": "1"}})) != before
    assert params(lambda song: song.update(bpm=97)) != before
    assert params(lambda song: song["sections"][1]["verse"].update(title="else")) != before


def test_a_song_that_does_not_ask_has_none(tmp_path):
    assert moving_plan(tmp_path, lambda song: song.update(delivery={})).graph.stage("handoff") == ()


def test_notes_that_midi_has_no_pitch_for_are_left_out_and_told(tmp_path):
    def edit(song):
        song["stems"] = {"bass": {"source": {"play": {
            "instrument": {"organ": {}}, "transpose": 48, "parts": {"*": {"notes": "C4 1/4, C7 1/4"}}}}}}  # fmt: skip

    plan = moving_plan(tmp_path, edit)
    params = plan.job(plan.graph.get("handoff", "x.mid"))["params"]
    (remark,) = write_handoff(tmp_path / "x.mid", params)
    assert remark.startswith("bass: ") and remark.endswith("MIDI has no such pitch")


def test_notes_from_a_midi_file_come_back(tmp_path):
    """The parts of a file that was written are played from, and written again."""
    first = moving_plan(tmp_path)
    write(first, "x.mid", tmp_path)
    (tmp_path / "x.mid").rename(tmp_path / "in.mid")

    def edit(song):
        part = {"midi": {"file": str(tmp_path / "in.mid"), "track": "bass", "tempo": "ignore"}}
        song["sections"] = [{"all": "1 beat + 9 bars"}]
        song["stems"] = {"b": {"source": {"play": {"instrument": {"organ": {}}, "parts": {"*": part}}}}}

    plan = moving_plan(tmp_path, edit)
    artifact = plan.graph.get("handoff", "x.mid")
    assert [file.path for file in artifact.inputs["files"]] == [str(tmp_path / "in.mid")]
    write_handoff(tmp_path / "x.mid", plan.job(artifact)["params"], [str(tmp_path / "in.mid")])
    old, new = (mido.MidiFile(tmp_path / name).tracks[1] for name in ("in.mid", "x.mid"))
    notes = [[(at, m.note) for at, m in moments(track) if m.type == "note_on"] for track in (old, new)]
    assert notes[0] == notes[1] and len(notes[0]) > 20
