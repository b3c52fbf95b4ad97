"""What each delivered file is to say, from the song, its versions and its deliveries; and what runs again for it."""

import pytest
from said import png

from stemwright.plan.jobs import Plan
from stemwright.song.file_metadata import file_cover, file_metadata

HEAD = """
title: Tune
artist: Ana
bpm: 120
key: G major
sections: [verse: 1 bar, chorus: {length: 1 bar, title: Refrão}, verse: 2 bars]
tail: 1 s
session: {sample_rate: 8000}
stems:
  bass: {source: {tone: {note: A2}}}
  lead: {source: {tone: {note: A4}}}
versions:
  instrumental: {without: [lead]}
  cut: {sections: [chorus, verse 2]}
  round: {loop: chorus}
deliveries:
  all: {metadata: {tags: true, bext: true, markers: true, loops: true, ixml: true}}
"""
WRITTEN = """
metadata:
  album: Night
  track: 3/10
  isrc: GB-ABC-24-00017
  upc: "036000291452"
  date: 2024
  language: de
  comment: hi
  cover: cover.png
  starts_at: 10:00:00.5
"""


@pytest.fixture
def song(read, tmp_path):
    (tmp_path / "cover.png").write_bytes(png())
    return lambda more=WRITTEN, head=HEAD: read(head + more)


def said(song, file, delivery="all"):
    (found,) = (each for each in song.deliveries[delivery] if each.file == f"x_{file}.wav")
    return file_metadata(song, found)


def test_the_master_says_everything(song):
    assert said(song(), "master") == {
        "rate": 8_000,
        "tags": {
            **{
                "title": "Tune",
                "artist": "Ana",
                "bpm": "120",
                "key": "G major",
                "album": "Night",
                "track": "3/10",
            },
            **{
                "isrc": "GBABC2400017",
                "upc": "036000291452",
                "date": "2024",
                "language": "deu",
                "comment": "hi",
            },
        },
        "markers": [[0, 16_000, "verse"], [16_000, 16_000, "Refrão"], [32_000, 32_000, "verse"]],
        "loop": (0, 64_000),  # without the tail
        "bext": {
            **{"description": "Ana - Tune", "originator": "Ana", "date": "2024", "dual_mono": False},
            **{"time": "10:00:00", "time_reference": 8_000 * 36_000 + 4_000},
        },
        "ixml": {"project": "Night", "note": "hi", "time_reference": 8_000 * 36_000 + 4_000},
    }


def test_sections_are_where_the_tempo_puts_them(song):
    ramp = "changes: [{bar: 2, bpm: 90}, {bar: 3, ramp: {to: 45, over: 1 bar}}]\nsession:"
    starts = [at for at, _, _ in said(song(head=HEAD.replace("session:", ramp)), "master")["markers"]]
    assert starts == [0, 16_000, 16_000 + round(8_000 * 4 * 60 / 90)]


def test_a_stem_is_another_recording_with_a_title_of_its_own(song):
    tags = said(song(), "bass")["tags"]
    assert tags["title"] == "Tune (bass)"
    assert not {"isrc", "track", "upc"} & set(tags) and tags["album"] == "Night"


def test_a_version_says_its_own_title_and_sections(song):
    cut = said(song(), "cut")
    assert cut["tags"]["title"] == "Tune (cut)" and "isrc" not in cut["tags"]
    assert cut["markers"] == [[0, 16_000, "Refrão"], [16_000, 32_000, "verse"]]
    assert said(song(), "instrumental")["markers"] == said(song(), "master")["markers"]


def test_the_loop_is_that_of_its_section_where_there_is_one(song):
    written = song(WRITTEN + "  loop: verse\n")
    assert said(written, "master")["loop"] == (0, 16_000)
    assert said(written, "round")["loop"] == (0, 16_000)  # a loop is its own, as a whole
    assert said(song(WRITTEN + "  loop: chorus\n"), "master")["loop"] == (16_000, 32_000)


def test_without_metadata_files_say_nothing(song):
    bare = song("")
    assert [file_metadata(bare, each) for each in bare.deliverables] == [{}] * 6
    assert Plan(bare, "build").graph.get("delivered", "x_master.wav").format.get("metadata") is None
    tags = song("delivery: {metadata: {tags: false}}" + WRITTEN)
    assert [file_metadata(tags, each) for each in tags.deliverables] == [{}] * 6


@pytest.mark.parametrize(
    "head, left_out",
    [
        (HEAD.replace("session:", "changes: [{bar: 2, bpm: 90}]\nsession:"), "bpm"),
        (HEAD.replace("title: Refrão", "key: Ab major"), "key"),
        (HEAD.replace("key: G major\n", ""), "key"),
    ],
)
def test_a_tempo_or_key_that_is_not_one_is_left_out(song, head, left_out):
    assert {"bpm", "key"} - set(said(song(head=head), "master")["tags"]) == {left_out}


def test_house_rules_say_what_all_songs_say(read):
    config = "songs: [x]\nmetadata: {copyright: 2024 Harbour, album: None}\n"
    tags = said(read(HEAD + "metadata: {album: Night}\n", config), "master")["tags"]
    assert (tags["copyright"], tags["album"]) == ("2024 Harbour", "Night")


def test_the_cover_is_in_all_files_but_stems(song):
    found = song()
    covers = {each.file: file_cover(found, each) for each in found.deliverables}
    assert {file for file, cover in covers.items() if not cover} == {"x_bass.wav", "x_lead.wav"}
    assert set(covers.values()) == {"", "cover.png"}


def test_a_comment_runs_again_what_carries_it_and_no_audio(song, tmp_path):
    (tmp_path / "other.png").write_bytes(png(9, 9))

    def jobs(text):
        plan = Plan(song(text), "build")
        return {each.path: plan.job(each) for each in plan.artifacts}, plan

    (before, plan), (after, _), (renamed, _) = (
        jobs(text) for text in (WRITTEN, WRITTEN.replace("hi", "ho"), WRITTEN.replace("cover.", "other."))
    )
    carry = {each.path for stage in ("delivered", "archive") for each in plan.graph.stage(stage)}
    assert {path for path in before if before[path] != after[path]} == carry
    assert before == jobs(WRITTEN)[0] == renamed  # a cover's bytes count, not its name


def test_only_files_with_tags_hang_on_the_code_of_their_container(song):
    plan = Plan(song(""), "build")
    plain, tagged = (
        plan.job(plan.graph.get("delivered", name)) for name in ("x_master.wav", "all/x_master.wav")
    )
    assert "mutagen" in tagged["tools"]["libraries"] and "mutagen" not in plain["tools"]["libraries"]


@pytest.mark.parametrize("cut", ["sections: [chorus]", "length: 1 s", "{loop: chorus}"])
def test_a_version_that_is_cut_without_the_section_that_is_looped_has_no_loop(song, cut):
    head = HEAD.replace("{sections: [chorus, verse 2]}", cut if cut[0] == "{" else f"{{{cut}}}")
    metadata = "metadata: {loop: verse}\n" if "length" not in cut else "metadata: {loop: chorus}\n"
    loop = said(song(metadata, head), "cut").get("loop")
    assert loop == ((0, 16_000) if "loop" in cut else None)
