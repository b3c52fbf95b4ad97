"""What the player of a page sounds like, in a real browser: its own graph, rendered without waiting for a clock."""

import subprocess

import numpy as np
import pytest
import soundfile as sf
from player_pages import (
    BASS,
    DRUMS,
    KEYS,
    KICK,
    RATE,
    SECTIONS,
    rendered,
    tone,
    write_page,
    write_song,
    write_track,
)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_song(tmp_path_factory.mktemp("song"))


def levels(sound, start, end, *tones):
    """The level of each of some tones in a part of a sound, in dBFS of a sine; start and end in s."""
    part = sound[round(start * RATE) : round(end * RATE), 0]
    window = np.hanning(len(part))
    time_s = np.arange(len(part)) / RATE
    bins = [2 * abs(np.sum(part * window * np.exp(-2j * np.pi * hertz * time_s))) for hertz in tones]
    return 20 * np.log10(np.array(bins) / window.sum() + 1e-9)


def audible(sound, start, end):
    tones = np.array([BASS, KEYS, DRUMS, KICK])
    return set(tones[levels(sound, start, end, *tones) > -70])


def test_solo_and_mute_do_what_they_say(browser, song):
    set_ = "await desk.set(strip('{}'), {{ {}: {} }})".format
    sound, said = rendered(
        browser,
        song,
        5,
        (0.512, "await desk.choose('stems')"),
        (1.024, set_("bass", "mute", "true")),
        (1.536, set_("keys", "solo", "true")),
        (2.048, set_("bass", "solo", "true")),
        (2.56, set_("bass", "mute", "false")),
        (
            3.072,
            ";".join(
                [set_("keys", "solo", "false"), set_("bass", "solo", "false"), set_("kick", "solo", "true")]
            ),
        ),
        (3.584, set_("drums", "solo", "true")),
        (4.096, "await desk.reset()"),
        (4.608, "return [desk.source, desk.strips.map((each) => desk.audible(each))]"),
    )
    heard = [audible(sound, start + 0.15, start + 0.5) for start in np.arange(9) * 0.512]
    everything = {BASS, KEYS, DRUMS}
    assert heard == [
        everything,  # the mix
        everything,  # its strips
        {KEYS, DRUMS},
        {KEYS},
        {KEYS},  # mute comes first
        {BASS, KEYS},
        {KICK},  # alone, not through its bus
        {DRUMS},  # the bus has the kick in it: it is not heard twice
        everything,
    ]
    assert said[-1] == ["stems", [True, True, True, False]]


def test_faders_are_right_in_decibels_and_the_strips_add_up_to_the_mix(browser, song):
    sound, _ = rendered(
        browser,
        song,
        3,
        (0.512, "await desk.choose('stems')"),
        (1.024, "await desk.set(strip('bass'), { db: -6.5 }); await desk.set(strip('keys'), { db: 6 })"),
        (1.536, "await desk.set(strip('bass'), { db: -Infinity }); await desk.set(strip('keys'), { db: 0 })"),
    )
    mix, strips, moved, silent = (
        levels(sound, start + 0.1, start + 0.5, BASS, KEYS, DRUMS) for start in np.arange(4) * 0.512
    )
    assert mix == pytest.approx([-20, -20, -20], abs=0.05)
    assert strips == pytest.approx(mix, abs=0.05)
    assert moved - strips == pytest.approx([-6.5, 6, 0], abs=0.02)
    assert silent[0] < -100 and silent[1:] == pytest.approx(strips[1:], abs=0.02)


def test_every_frame_is_where_it_was(browser, tmp_path):
    """Clicks at known frames, in the middle of chunks and at both ends of where two are joined; left is not right."""
    at = np.array([37, 4_000, 7_590, 7_999, 8_000, 8_001, 8_410, 12_345, 23_590, 24_410])
    sound = np.zeros((4 * RATE, 2))
    sound[at, 0] = 0.9
    sound[:, 1] = tone(440, 4)[:, 1]
    write_track(tmp_path, "mix", sound)
    heard, _ = rendered(browser, write_page(tmp_path, 4, sources=["mix"]), 4)
    for frame in at:
        around = heard[max(frame - 200, 0) : frame + 201, 0]
        near = np.abs(at - frame) < 200
        peaks = np.sort(np.argsort(np.abs(around))[-near.sum() :] + max(frame - 200, 0))
        assert list(peaks) == sorted(at[near])
    assert np.max(np.abs(heard[100:-300, 1] - sound[100:-300, 1])) < 0.01


def test_a_seam_of_chunks_is_not_heard(browser, tmp_path):
    sine = tone(441, 4, 0.5)
    write_track(tmp_path, "mix", sine)
    heard, _ = rendered(browser, write_page(tmp_path, 4, sources=["mix"]), 4)
    error = np.abs(heard[:, 0] - sine[:, 0])
    seams = np.concatenate([np.arange(n * RATE - 500, n * RATE + 500) for n in (1, 2, 3)])
    middle = np.concatenate([np.arange(n * RATE + 1_000, n * RATE + 7_000) for n in range(4)])
    assert error[seams].max() < 1.5 * error[middle].max() < 0.015
    assert np.abs(np.diff(heard[100:-100, 0], 2)).max() < 1.02 * np.abs(np.diff(sine[:, 0], 2)).max() + 0.002


def test_a_jump_lands_on_its_section(browser, tmp_path):
    """Each section has a tone of its own, and a click on its first frame."""
    sound = np.concatenate([tone(hertz, 2) for hertz in (BASS, KEYS, DRUMS)])
    sound[[2 * RATE, 4 * RATE]] += 0.8
    write_track(tmp_path, "mix", sound)
    page = write_page(tmp_path, 6, sources=["mix"], sections=SECTIONS)
    jump = "await playback.seek(playback.sections[{}].start)".format
    heard, _ = rendered(browser, page, 3, (1.024, jump(2)), (2.048, jump(1)))
    for time_s, before, after in ((1.024, BASS, DRUMS), (2.048, DRUMS, KEYS)):
        asked = round(time_s * RATE)
        landed = asked - 10 + np.argmax(np.abs(heard[asked - 10 : asked + 400, 0]))
        assert asked <= landed <= asked + 0.02 * RATE
        assert levels(heard, time_s - 0.5, time_s, before)[0] == pytest.approx(-20, abs=0.1)
        assert levels(heard, time_s + 0.02, time_s + 0.5, before)[0] < -80
        assert levels(heard, time_s + 0.02, time_s + 0.5, after)[0] == pytest.approx(-20, abs=0.1)


def test_a_loop_returns_without_a_gap(browser, tmp_path):
    """A sine that fits into the section: it goes on as if nothing were. A click in it comes back to the frame."""
    start, end = 0.75, 2.0
    sine = tone(400, 4, 0.3)
    sound = sine.copy()
    click = round(start * RATE) + 3_000
    sound[click, 0] += 0.6
    sound[round(end * RATE) :] = 0  # what would be heard of the section after it
    write_track(tmp_path, "mix", sound)
    page = write_page(
        tmp_path, 4, sources=["mix"], sections=[("a", 0, start), ("b", start, end), ("c", end, 4)]
    )
    heard, _ = rendered(
        browser, page, 6, (1.024, "await playback.loop(true)"), (4.8, "await playback.loop(false)")
    )
    ideal = np.resize(sine, heard.shape)
    period = round((end - start) * RATE)
    clicks = np.flatnonzero(heard[: round(5.4 * RATE), 0] - ideal[: round(5.4 * RATE), 0] > 0.5)
    assert list(clicks) == [click + n * period for n in range(4)]
    assert np.abs(heard - ideal)[100 : round(5.7 * RATE), 1].max() < 0.01
    assert np.abs(heard[round(5.8 * RATE) :]).max() < 0.01  # no longer looped: what is after the section


def test_pause_and_play_go_on_where_they_were(browser, tmp_path):
    """The tone fades out within 10 ms, and comes back in the same way, from where it was."""
    sine = tone(440, 4, 0.5)
    write_track(tmp_path, "mix", sine)
    page = write_page(tmp_path, 4, sources=["mix"])
    heard, _ = rendered(browser, page, 2, (0.512, "playback.pause()"), (1.024, "await playback.play()"))
    paused, plays = round(0.512 * RATE), round(1.024 * RATE)
    assert np.abs(heard[paused + 80 : plays]).max() < 1e-6
    steps = np.abs(np.diff(heard[100:, 0]))
    assert steps.max() < 1.02 * np.abs(np.diff(sine[:, 0])).max() + 0.005
    later = heard[plays + 80 : plays + 2_000, 0]
    errors = [np.abs(sine[at : at + len(later), 0] - later).max() for at in range(paused, paused + 100)]
    assert min(errors) < 0.01


def loudness(sound, path):
    """Integrated loudness in LUFS, by FFmpeg's ebur128."""
    sf.write(path, sound, RATE, "FLOAT")
    measure = "ebur128=metadata=1,ametadata=print:key=lavfi.r128.I:file=-"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-af", measure, "-f", "null", "-"]
    return float(subprocess.check_output(command, text=True).rsplit("=", 1)[1])


def test_sources_are_equally_loud(browser, tmp_path, needs):
    """What is heard of each source, measured by another program: equal within 0.1 LU, or as it is if that is asked."""
    needs("ffmpeg")
    noise = np.random.default_rng(5).normal(0, 0.05, (2 * RATE, 2))
    sources = {"mix": noise, "master": np.tanh(8 * noise) / 3, "reference": 0.3 * noise[::-1]}
    written = {}
    for name, sound in sources.items():
        written[name] = loudness(sound, tmp_path / "written.wav")
        write_track(tmp_path, name, sound, written[name])
    page = write_page(tmp_path, 2, sources=list(sources))
    heard = {}
    for equal in ("true", "false"):
        for name in sources:
            moment = (0, f"desk.equal = {equal}; await desk.choose('{name}')")
            sound, _ = rendered(browser, page, 2, moment)
            heard[name, equal] = loudness(sound, tmp_path / "heard.wav")
    quietest = min(written.values())
    assert max(written.values()) - quietest > 10
    for name in sources:
        assert heard[name, "true"] == pytest.approx(quietest, abs=0.1)
        assert heard[name, "false"] == pytest.approx(written[name], abs=0.1)


def test_a_switch_keeps_the_position_and_the_level(browser, song):
    """The master is the mix, louder. At equal loudness a switch between them, and to the strips, changes nothing."""
    moments = [
        (n * 0.512, f"await desk.choose('{source}')")
        for n, source in enumerate(["master", "stems", "mix"], 1)
    ]
    heard, _ = rendered(browser, song, 3, *moments)
    expected = sum(tone(hertz, 3) for hertz in (BASS, KEYS, DRUMS))
    assert np.abs(heard - expected)[100:].max() < 0.02


def test_what_is_decoded_stays_little(browser, tmp_path):
    """Twenty chunks of four tracks, with a jump and a loop on the way."""
    for name, level in (("a", 0.025), ("b", 0.075), ("mix", 0.1)):
        write_track(tmp_path, name, tone(300, 20, level))
    page = write_page(tmp_path, 20, ["a", "b"], ["mix"], [("one", 0, 12), ("two", 12, 15), ("three", 15, 20)])
    at = {2: "await desk.choose('stems')", 7: "await playback.seek(12)", 9: "await playback.loop(true)"}
    moments = [(n * 1.024, f"{at.get(n, '')}; return desk.held") for n in range(1, 20)]
    heard, held = rendered(browser, page, 21, *moments, ahead=4)
    assert max(held) <= 3 * 8 and min(held[2:]) >= 2 * 4, held
    assert np.abs(heard - tone(300, 21))[100 : 7 * RATE].max() < 0.01


def test_a_version_that_is_cut_has_its_own_time(browser, tmp_path):
    """Its length and its sections take the place of the song's while it is heard; figures of the song do not follow."""
    write_track(tmp_path, "mix", tone(BASS, 4))
    write_track(tmp_path, "short", tone(KEYS, 1.5))
    own = {"seconds": 1.5, "sections": [{"name": "only", "start": 0.5, "end": 1.5}]}
    page = write_page(tmp_path, 4, sources=["mix", ("short", own)], sections=[("a", 0, 2), ("b", 2, 4)])
    listed = "document.querySelector('.player-sections').innerText"
    seen = f"return [playback.length, {listed}, stemwright.transport.seconds]"
    heard, (before, within, after) = rendered(
        browser,
        page,
        3,
        (0.256, seen),
        (0.512, f"await desk.choose('short'); await playback.seek(playback.sections[0].start); {seen}"),
        (2.048, f"await playback.tick(); {seen}.concat(playback.state)"),
    )
    assert before[0] == 4 and before[1].split() == ["a", "0:00", "b", "0:02"]
    assert within[:2] == [1.5, "only 0:01"]
    assert after[2] == within[2]
    assert after[3] == "stopped"
    assert (
        audible(heard, 0, 0.5) == {BASS}
        and audible(heard, 0.6, 1.5) == {KEYS}
        and audible(heard, 1.6, 3) == set()
    )
    browser.run("stemwright.transport.seek(3)")
    assert browser.find("[value=mix]").is_selected()
    assert browser.run("return stemwright.player.playback.position") == 3
