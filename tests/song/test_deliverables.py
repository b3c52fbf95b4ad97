"""Which files the deliveries of a song have, under which names, and by whose keys."""

import pytest

from stemwright.delivery import naming, profiles
from stemwright.plan.jobs import Plan
from stemwright.validation.problems import InvalidFileError

SONG = (
    "title: Night bus (live)\nartist: Zoë's Owls\nkey: F# minor\nbpm: 120\nlength: 1 bar\n"
    "stems:\n  lead vox: {source: {tone: {note: A2}}}\n".replace("lead vox", "lead-vox")
)


def _files(song, delivery):
    return [each.file for each in song.deliveries[delivery]]


@pytest.mark.parametrize("name", profiles.NAMES)
def test_every_profile_is_a_valid_delivery(read, name):
    song = read(f"{SONG}deliveries: {{{name}: }}\n")
    assert song.document.deliveries[name].model_fields_set >= set(profiles.keys(name))
    assert _files(song, name)
    assert profiles.about(name).endswith(".")


def test_what_is_written_overrides_the_profile_and_the_names_are_those_of_delivery(read):
    song = read(
        SONG + "delivery: {names: {stem: '{stem}'}}\n"
        "deliveries: {packs: {profile: stems, subtype: PCM_16, names: {mix: all}}}\n"
    )
    delivery = song.document.deliveries["packs"]
    assert (delivery.subtype, delivery.contents) == ("PCM_16", ["mix", "stems"])
    assert _files(song, "packs") == ["all.wav", "lead-vox.wav"]
    assert _files(song, "") == ["x_master.wav", "lead-vox.wav"]


@pytest.mark.parametrize(
    ("scheme", "master", "stem"),
    [
        ("pe-wing", "ZoesOwls_NightBusLive_Master_48k24.wav", "ZoesOwls_NightBusLive_LeadVox_48k24.wav"),
        (
            "mix-type",
            "ZoesOwls_NightBusLive_Master_120bpm_Fsharpm.wav",
            "ZoesOwls_NightBusLive_LeadVox_120bpm_Fsharpm.wav",
        ),
    ],
)
def test_schemes(read, scheme, master, stem):
    house = "songs: [x]\ndelivery: {names: {master: of the house}}\n"
    song = read(f"{SONG}delivery: {{names: {{scheme: {scheme}}}}}\n", house)
    assert _files(song, "") == [master, stem]
    song = read(f"{SONG}delivery: {{names: {{scheme: {scheme}, stem: '{{stem}}'}}}}\n", house)
    assert _files(song, "") == [master, "LeadVox.wav"]


def test_every_field_of_a_name_is_filled_in(read):
    song = read(SONG + "delivery: {names: {master: '{type} {format} {rate} {bits} {key}'}}\n")
    assert _files(song, "")[0] == "Master wav 48k 24 F#m.wav"


def test_short_forms():
    assert [naming.short_key(key) for key in ("G major", "Bb minor", "D dorian", None)] == [
        "G",
        "Bbm",
        "D-dorian",
        None,
    ]
    assert [naming.short_rate(rate) for rate in (44_100, 48_000)] == ["44.1k", "48k"]
    assert naming.compact("l'été (take 2) – C#m") == "LétéTake2Csharpm"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("deliveries: {stem: {profile: stem}}", "deliveries.stem.profile: must be a profile: acx, archive"),
        ("deliveries: {a: {contents: []}}", "deliveries.a.contents: must"),
        ("deliveries: {a: {contents: [versions]}}", "deliveries.a.contents: gives no file"),
        (
            "deliveries: {a: {versions: [dub]}}",
            "deliveries.a.versions[0]: is no version of the song (is dub)",
        ),
        ("deliveries: {podcast: {versions: [dub]}}", "deliveries.podcast.versions: are not delivered: add"),
        ("deliveries: {a: {container: FLAC, subtype: FLOAT}}", "deliveries.a.subtype: must be PCM_16"),
        ("deliveries: {a: {names: {stem: same, master: same}}}", "deliveries.a.names.stem: gives same.wav"),
        ("deliveries: {a: {names: {scheme: mine}}}", "deliveries.a.names.scheme: must be a scheme: pe-wing"),
        ("deliveries: {a: {names: {master: '{version}'}}}", "uses {version}, which has no value"),
        ("deliveries: {a: {target: loud}}", "deliveries.a.target: must be a preset"),
        ("deliveries: {a: , A: }", "deliveries.A: repeats a"),
        ("deliveries: {../a: }", "deliveries.../a: must be letters"),
        ("deliveries: {a: 3}", "deliveries.a: must be keys and values"),
        ("deliveries: [stems]", "deliveries: must be keys and values"),
    ],
)
def test_mistakes(read, written, said):
    with pytest.raises(InvalidFileError) as error:
        read(f"{SONG}{written}\n")
    assert said in str(error.value)


def test_a_delivery_has_a_master_at_its_own_loudness(read):
    song = read(
        SONG + "master: {target: ebu-r128}\n"
        "deliveries: {loud: {target: spotify}, same: {contents: [master]}, stems: {target: spotify}}\n"
    )
    graph = Plan(song, "build").graph
    assert [each.path for each in graph.stage("delivery_master")] == ["build/x/masters/loud/main.wav"]
    (loud,) = graph.get("delivered", "loud/x_master.wav").made_of("audio")
    assert (loud.path, loud.target["integrated_lufs"]) == ("build/x/masters/loud/main.wav", -14)
    (same,) = graph.get("delivered", "same/x_master.wav").made_of("audio")
    assert (same.path, same.target["integrated_lufs"]) == ("build/x/master/master.wav", -23)
    mix = graph.get("delivered", "stems/x_mix.wav")
    assert [each.path for each in mix.made_of("audio")] == ["build/x/mix/mix.wav"]
    assert not mix.target
    gates = Plan(song, "build").gates
    assert "true_peak" not in gates(mix) and "true_peak" in gates(graph.get("delivered", "loud/x_master.wav"))
    assert [each.file for each in graph.stage("archive")] == [
        "x.zip",
        "x-loud.zip",
        "x-same.zip",
        "x-stems.zip",
    ]


def test_an_edit_of_a_delivery_is_a_reason_for_its_own_files_alone(read):
    def jobs(keys):
        plan = Plan(read(f"{SONG}deliveries: {{a: {{{keys}}}, b: }}\n"), "build")
        return {each.path: (plan.job(each), plan.verification(each)) for each in plan.artifacts}

    before, after = jobs("subtype: PCM_24"), jobs("subtype: PCM_16")
    assert {path for path in before if before[path] != after[path]} == {
        "build/x/delivery/a/x_master.wav",
        "build/x/delivery/a/x_lead-vox.wav",
        "build/x/x-a.zip",
        "build/x/report/index.html",  # which tells of their format
    }


def test_split_channels_are_files_of_their_own(read):
    song = read(SONG + "deliveries: {cut: {channels: split, contents: [stems]}}\n")
    assert [(each.file, each.side) for each in song.deliveries["cut"]] == [
        ("x_lead-vox.L.wav", "L"),
        ("x_lead-vox.R.wav", "R"),
    ]


def test_a_format_that_needs_ffmpeg_is_planned_without_it_and_a_warning(read, monkeypatch):
    monkeypatch.setattr("stemwright.audio.encoders._ffmpeg.ffmpeg_version", lambda: "not installed")
    song = read(SONG + "deliveries: {phones: {container: AAC, bitrate_kbps: 128}}\n")
    told = ("deliveries", "phones", "container"), "AAC needs ffmpeg, which is not installed here: "
    (lacks,) = song.lacks
    assert lacks.path == told[0] and lacks.message.startswith(told[1])


def test_the_ceiling_of_a_file_is_that_of_its_gate_and_its_target(read):
    song = read(
        SONG + "gates: {true_peak: {max_dbtp: -1.5}}\nmaster: {target: amazon-music}\n"
        "deliveries: {mp3: {container: MP3, bitrate_kbps: 128}, wav: {subtype: FLOAT}}\n"
    )
    plan = Plan(song, "build")

    def encoding(name):
        (found,) = (each for each in plan.artifacts if each.path == f"build/x/delivery/{name}")
        return plan.job(found)["params"]["encoding"]

    assert encoding("mp3/x_master.mp3") == {"container": "MP3", "bitrate_kbps": 128, "ceiling_dbtp": -2.0}
    assert encoding("mp3/x_lead-vox.mp3") == {"container": "MP3", "bitrate_kbps": 128}
    assert encoding("wav/x_master.wav") == {"container": "WAV", "subtype": "FLOAT"}
