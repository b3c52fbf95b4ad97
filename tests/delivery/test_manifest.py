"""The manifest and the README: the delivery described for its client."""

from __future__ import annotations

import json

from deliveries import AUDIO, BASS_DI, MASTER, ROUTED, described, digest

from stemwright.base.files import json_text
from stemwright.delivery.client_readme import _format_setting, readme
from stemwright.delivery.manifest import manifest_text
from stemwright.music.timeline import Timeline
from stemwright.music.timeline.timeline import document


def test_manifest_says_how_the_stems_make_the_mix():
    data = described()
    assert json.loads(json_text(data)) == data
    assert [(f["name"], f["role"], f["stem"], f["sha256"], f["seconds"]) for f in data["files"]] == [
        ("a_master.wav", "master", None, digest(AUDIO["a_master.wav"]), 137.142875),
        ("a_bass.wav", "stem", "bass", digest(AUDIO["a_bass.wav"]), 137.142875),
    ]
    bass, drums = data["mix"]["stems"]
    assert (bass["file"], bass["gain_db"], bass["fader_db"], bass["pan"]) == ("a_bass.wav", 0.0, -3.0, -0.25)
    assert (drums["file"], drums["gain_db"], drums["fader_db"]) == (None, -6.0, -6.0)
    assert data["bars"] == 80
    assert list(data["versions"]) == ["numpy", "soundfile"]
    assert "/home" not in json_text(data)


def test_bars_are_counted_in_the_meter_of_each():
    facts = {"rate": 48_000, "frames": 360_000, "end": "10.5", "sections": []}
    facts["tempo"] = [[1, "120", "6/8"], [3, "60", "3/4"], [9, "90", "4/4"]]  # two bars of 1.5 s, 1.5 of 3 s
    assert described(timeline=document(Timeline.from_dict(facts), None, []))["bars"] == 3.5


def test_readme_tells_a_client_what_is_what():
    text = readme(described())
    for line in (
        "First Light\n===========\nThe stems are not mastered (pre-master): played together at unity (all faders at "
        "0 dB), they give the mix, which is not in this archive, but for what is not delivered.\n"
        "To check that all is here and as it was made: python3 verify.py, or: sha256sum -c SHA256SUMS\n",
        "\na_bass.wav     the bass\n",
        "2:17, 80 bars\n",
        "140 BPM in 4/4\n",
        "bridge: 1:22.286 to 2:17.143, from bar 49, Ab major\n",
        "Format: WAV, 48 kHz, stereo, 24-bit integer.\n",
        "All files start together at time zero and are equally long.\n",
        "In the mix but not delivered: drums (reference, at -6 dB).\n",
        "bass   source play (mini-bass), delay (length 1/8.), convolution (file hall.wav, mix 0.2); ",
        "; fader -3 dB, pan 25% left\n",
        "drums  source reference; fader -6 dB\n",
        "mix after: convolution (file hall.wav, mix 0.2), gain +2.35 dB, limiter (ceiling -1 dB), gain -0.03 dB.\n",
        "As measured: integrated loudness -14.03 LUFS, true peak not measurable.\n",
        "Aimed at: integrated -14 LUFS.\n",
    ):
        assert line in text
    assert "Notes" not in text
    notes = "The bass is a Minimoog's.\n\nVocals follow.\n"
    said = f"Notes\n-----\n{notes}\nFiles\n-----\n"
    assert said in readme(described(notes=notes)) and described(notes=notes)["notes"] == notes
    plain = {"effects": [], "gain_db": 0.0, "limiter": None, "trim_db": 0.0, "target": None}
    bare = readme(described(master={**plain, "integrated_lufs": None, "true_peak_dbtp": None}, title=None))
    assert bare.startswith("a\n=\nThe stems ")
    assert "The master is the mix after: nothing, it is unchanged.\n" in bare
    assert "Aimed" not in bare
    alone = readme(described(files=[MASTER]))
    assert "not delivered: bass (play, at -3 dB), drums (reference, at -6 dB).\n" in alone
    assert "\nThere are no stems here, only the master.\n" in alone and "played together" not in alone
    version = {**described(files=[MASTER])["files"][0], "name": "a_30s.wav", "version": "30s"}
    both = readme({**described(files=[MASTER]), "files": [*described(files=[MASTER])["files"], version]})
    assert "\nThere are no stems here, only the master and its versions.\n" in both


def test_a_version_of_another_length_and_what_a_codec_costs_are_told():
    files = described()["files"]
    cut = {**files[0], "name": "a_30s.wav", "version": "30s", "seconds": 30.0}
    coded = {**files[0], "turned_down_db": 0.5}
    text = readme({**described(), "files": [coded, cut, *files[1:]], "handoff": [{"name": "handoff/a.mid"}]})
    assert (
        "All files but the versions of another length and those of the hand-off start together at time zero and are "
        "equally long.\na_30s.wav lasts 0:30.000.\na_master.wav was turned down by 0.50 dB, so that its codec does "
        "not lift it over its ceiling.\n"
    ) in text
    staged = readme({**described(), "handoff": [{"name": "handoff/stage/a_click.wav"}]})
    assert "handoff/stage/a_click.wav  for the stage: it begins with a count-in\n" in staged
    gain = {"id": "conversion.gain", "measured": -0.5}
    made = described(checks=[gain])
    assert made["files"][0]["turned_down_db"] == 0.5
    assert "turned_down_db" not in files[0]


def test_the_first_lines_say_what_the_stems_are():
    files = described()["files"]
    bass = next(file for file in files if file["stem"])
    both = described(mix=[{**ROUTED, "stem": "bass", "gain_db": 0.0, "effects": []}], sum_files=["a_mix.wav"])
    assert bass["inputs"] == [BASS_DI["sha256"]] and both["mix"]["sum_files"] == ["a_mix.wav"]
    together = "played together at unity (all faders at 0 dB), they give the"
    rest = "to within the rounding of their format.\n"
    line = f"\nThe stems are not mastered (pre-master): {together} mix, a_mix.wav, {rest}"
    assert line in readme(both)
    both["mix"] |= {"delivered_stems_give": "master", "sum_files": ["a.L.wav", "a.R.wav"]}
    assert f"\nThe stems are mastered: {together} master, a.L.wav and a.R.wav, {rest}" in readme(both)


def test_what_is_said_of_the_origin():
    made_from = described()["made_from"]
    assert made_from == {"song": digest(b"song"), "inputs": [BASS_DI]}
    said = "manifest.json has the digests of the song and of {}, and the versions of all programs.\n"
    of_commit = {**made_from, "commit": "0a1b2c3d"}
    assert "The songs are those of commit 0a1b2c3d.\n" in readme(described(made_from=of_commit))
    assert "commit" not in readme(described())
    for inputs, words in (
        ([], "no input files"),
        ([BASS_DI], "the one input file"),
        ([BASS_DI] * 3, "the 3 input files"),
    ):
        assert said.format(words) in readme(described(made_from={**made_from, "inputs": inputs}))


def test_hostile_titles_and_names_are_shown_as_what_they_are():
    title, name = "\x1b]0;x\x07\u202egnp.exe" + "!" * 500, "\ud800\x9b2J\u2066.wav"
    data = described(title=title, made_from={"song": "", "inputs": [{"name": name, "sha256": ""}]})
    text = manifest_text(data)
    assert json.loads(text) == data
    for shown in (text, readme(data)):
        assert all(line.isprintable() for line in shown.split("\n")) and shown.encode()
    head, under, *_ = readme(data).split("\n")
    assert head.startswith(r"\x1b]0;x\x07\u202egnp.exe!") and under == "=" * 79


def test_what_moves_is_told_in_words():
    points = [
        {"at": "bar 1", "value": -60.0, "curve": "linear"},
        {"at": "chorus", "value": 0.0, "curve": "step"},
    ]
    lfo = {"depth": 3.0, "length": "1/4", "rate_hz": None, "shape": "sine", "phase": 0.0}
    for value, said in (
        (points, "level moving (-60 dB at bar 1, 0 dB at chorus)"),
        ({"lfo": lfo, "value": 0, "points": None}, "level 0 dB, and an LFO of ±3 dB"),
        ({"lfo": lfo, "points": points[1:]}, "level moving (0 dB at chorus), and an LFO of ±3 dB"),
        (points * 3, "level moving (-60 dB at bar 1, 0 dB at chorus, -60 dB at bar 1, 3 more points)"),
        (-3, "level -3 dB"),
    ):  # fmt: skip
        assert _format_setting("level_db", value) == said
    bands = [{"peak": {"frequency_hz": 400, "gain_db": points}}, {"notch": {"frequency_hz": 50}}]
    said = _format_setting("bands", bands)
    assert (
        said
        == "bands peak (frequency 400 Hz, gain moving (-60 dB at bar 1, 0 dB at chorus)) notch (frequency 50 Hz)"
    )
