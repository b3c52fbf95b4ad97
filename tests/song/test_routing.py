"""What comes into each bus and into the mix, in which order and through which faders; what is soloed and muted."""

import numpy as np
import pytest

from stemwright.song.routing import edges, heard_stems, is_printed, parts, soloed, sources

RATE = 8_000
EDGE = 40  # frames: a mute takes 5 ms
SONG = """
bpm: 120
sections: [intro: 1 bar, verse: 1 bar, chorus: 1 bar, verse: 1 bar]
session: {sample_rate: 8000, pan_law: -6 dB}
stems:
  kick: {source: &tone {tone: {note: A2}}, output: drums, gain_db: -20}
  snare: {source: *tone, output: drums, pan: 0.5, sends: {hall: -20}}
  voice: {source: *tone, gain_db: -20, pan: -1, mute: [verse], sends: {hall: {gain_db: -40, pre_fader: true}, echo: }}
  key: {source: *tone, output: none}
buses:
  hall: {gain_db: -6}
  drums: {sends: {all: 0}, output: none}
  echo: {output: hall}
  all: {output: mix, sends: {hall: -6}}
"""
PRINTED = SONG + "delivery: {stems: {buses: printed}}\n"


def gains(faders, start=0, frames=1):
    """One row a frame."""
    return np.broadcast_to(faders.gains(start, frames), (frames, 2))


def test_every_output_and_send(read):
    song = read(SONG).document
    assert list(edges(song)) == [
        (("stems", "kick", "output"), "kick", "drums"),
        (("stems", "snare", "output"), "snare", "drums"),
        (("stems", "snare", "sends", "hall"), "snare", "hall"),
        (("stems", "voice", "output"), "voice", "mix"),
        (("stems", "voice", "sends", "hall"), "voice", "hall"),
        (("stems", "voice", "sends", "echo"), "voice", "echo"),
        (("buses", "hall", "output"), "hall", "mix"),
        (("buses", "drums", "sends", "all"), "drums", "all"),
        (("buses", "echo", "output"), "echo", "hall"),
        (("buses", "all", "output"), "all", "mix"),
        (("buses", "all", "sends", "hall"), "all", "hall"),
    ]
    assert sources(song, "hall") == ["all", "echo", "snare", "voice"]
    assert sources(song, "mix") == ["all", "hall", "voice"]


def test_feeds_are_in_order_of_names_whatever_the_order_in_the_file(read):
    routing = read(SONG).routing
    assert {name: list(routing.feeds(name)) for name in ("mix", "hall", "drums", "all", "echo")} == {
        "mix": ["all", "hall", "voice"],
        "hall": ["all", "echo", "snare", "voice"],
        "drums": ["kick", "snare"],
        "all": ["drums"],
        "echo": ["voice"],
    }


@pytest.mark.parametrize("send", ["-20", "{gain_db: -20}", "[{at: bar 1, value: -20}]"])
def test_the_gain_of_a_send_may_stand_alone(read, send):
    song = read(
        "bpm: 120\nlength: 1 bar\nbuses: {hall: }\nstems:\n"
        f"  a: {{source: {{tone: {{note: A2}}}}, sends: {{hall: {send}}}}}\n"
    )
    assert gains(song.routing.feeds("hall")["a"])[0] == pytest.approx([0.1, 0.1])


def test_faders_of_outputs_and_sends(read):
    """The law of -6 dB: left (1 - pan) / 2, right (1 + pan) / 2; verse, where voice is muted, begins at 16,000."""
    routing = read(SONG).routing
    drums, hall, mix = (routing.feeds(name) for name in ("drums", "hall", "mix"))
    half = 10 ** (-6 / 20)
    for faders, expected in [
        (drums["kick"], [0.05, 0.05]),
        (drums["snare"], [0.25, 0.75]),
        (hall["snare"], [0.025, 0.075]),  # after its fader: pan and level times the send's
        (hall["voice"], [0.01, 0.01]),  # before its fader: the send's alone
        (routing.feeds("echo")["voice"], [0.1, 0]),  # a send without keys has unity gain
        (mix["voice"], [0.1, 0]),
        (mix["hall"], [half / 2, half / 2]),
        (hall["all"], [half / 2, half / 2]),
        (routing.feeds("all")["drums"], [0.5, 0.5]),
    ]:
        assert gains(faders)[0] == pytest.approx(expected, rel=1e-12, abs=0)
    for faders in (mix["voice"], hall["voice"], routing.feeds("echo")["voice"]):
        assert not faders.is_constant
        assert not np.any(gains(faders, 16_000 + EDGE, 1_000))
    assert drums["kick"].is_constant and hall["all"].is_constant


def test_the_pan_law_is_no_matter_in_mono(read):
    routing = read(
        SONG.replace("pan_law", "channels: 1, pan_law")
        .replace("pan: 0.5", "pan: 0")
        .replace("pan: -1", "pan: 0")
    ).routing
    assert routing.feeds("drums")["kick"].gains(0, 1) == pytest.approx(np.array([[0.1]]))


def test_buses_come_after_what_comes_into_them(read):
    routing = read(SONG).routing
    assert routing.buses == ["drums", "all", "echo", "hall"]
    assert routing.buses_after("kick") == ["drums", "all", "hall"]
    assert routing.buses_after("voice") == ["echo", "hall"]
    assert routing.buses_after("all") == ["hall"]
    assert routing.buses_after("hall") == routing.buses_after("key") == []


def test_parts_of_the_mix(read):
    separate, printed = read(SONG).document, read(PRINTED).document
    assert heard_stems(separate) == heard_stems(printed) == ["kick", "snare", "voice"]
    assert (is_printed(separate), is_printed(printed)) == (False, True)
    assert parts(separate) == ["all", "hall", "voice"]
    assert parts(printed) == ["kick", "snare", "voice"]
    assert [d.stem for d in read(SONG).deliverables] == ["", "all", "hall", "voice"]
    assert [d.stem for d in read(PRINTED).deliverables] == ["", "kick", "snare", "voice"]


def test_printed_without_buses_is_separate(read):
    song = read(
        "bpm: 120\nlength: 1 bar\nstems: {a: {source: {tone: {note: A2}}}}\ndelivery: {stems: {buses: printed}}\n"
    ).document
    assert not is_printed(song) and parts(song) == ["a"]


SOLOS = {
    "kick": {("kick", "drums"), ("drums", "all"), ("all", "mix"), ("all", "hall"), ("hall", "mix")},
    "voice": {("voice", "mix"), ("voice", "hall"), ("voice", "echo"), ("echo", "hall"), ("hall", "mix")},
    # What feeds the bus, on the way to it only: not the snare's own send to the hall. The bus's own send is heard.
    "all": {("kick", "drums"), ("snare", "drums"), ("drums", "all"), ("all", "mix"), ("all", "hall"), ("hall", "mix")},
    "echo": {("voice", "echo"), ("echo", "hall"), ("hall", "mix")},
    # All that feeds the hall, but neither the voice nor the drums beside it.
    "hall": {
        ("kick", "drums"), ("snare", "drums"), ("drums", "all"), ("all", "hall"), ("snare", "hall"),
        ("voice", "hall"), ("voice", "echo"), ("echo", "hall"), ("hall", "mix"),
    },
    "key": set(),
    "kick+echo": {
        ("kick", "drums"), ("drums", "all"), ("all", "mix"), ("all", "hall"), ("hall", "mix"),
        ("voice", "echo"), ("echo", "hall"),
    },
}  # fmt: skip


@pytest.mark.parametrize("names", SOLOS)
def test_what_is_heard_in_a_solo(read, names):
    assert soloed(read(SONG).document, names.split("+")) == SOLOS[names]


def test_a_stem_called_mix_is_a_stem_as_any(read):
    """As in a song that only masters a finished mix. What is routed to `mix` does not come into it."""
    text = SONG.replace("voice", "mix")
    song = read(text)
    assert {
        names: {tuple("voice" if i == 0 and end == "mix" else end for i, end in enumerate(way)) for way in
                soloed(song.document, names.replace("voice", "mix").split("+"))}
        for names in SOLOS
    } == SOLOS  # fmt: skip
    assert song.routing.buses_after("mix") == ["echo", "hall"]
    assert parts(song.document) == ["all", "hall", "mix"]


# --- mutes ------------------------------------------------------------------------------------


def muted(read, mute):
    """The gain of each frame of 64,000; the sections begin at 0, 16,000, 32,000 and 48,000."""
    song = read(
        f"""
bpm: 120
sections: [intro: 1 bar, verse: 1 bar, chorus: 1 bar, verse: 1 bar]
session: {{sample_rate: {RATE}}}
stems:
  a: {{source: &tone {{tone: {{note: A2}}}}, mute: {mute}}}
  b: {{source: *tone}}
"""
    )
    return song.routing, gains(song.routing.feeds()["a"], 0, song.timeline.frames)[:, 0]


def spans(*muted):
    """The gain of each frame, 0 or 1, NaN in the 5 ms after each change, but none at the start of the song."""
    gain = np.ones(64_000)
    for start, end in muted:
        gain[start:end] = 0
        if start:
            gain[start : start + EDGE] = np.nan
        gain[end : end + EDGE] = np.nan
    return gain


@pytest.mark.parametrize(
    "mute, expected",
    [
        ("false", spans()),
        ("true", spans((0, 64_000))),
        ("[chorus]", spans((32_000, 48_000))),
        ("[verse]", spans((16_000, 32_000), (48_000, 64_000))),
        ("[chorus, verse]", spans((16_000, 64_000))),
        ("[intro]", spans((0, 16_000))),
        ("[chorus, intro, verse]", spans((0, 64_000))),
        ("[{at: bar 2 beat 2, mute: true}, {at: 5 s, mute: false}]", spans((20_000, 40_000))),
        ("[{at: 0 s, mute: true}, {at: 5 s, mute: false}]", spans((0, 40_000))),
        ("[{at: bar 1, mute: true}, {at: 5 s, mute: false}]", spans((0, 40_000))),
        ("[{at: intro, mute: true}, {at: 5 s, mute: false}]", spans((0, 40_000))),
        ("[{at: verse, mute: true}, {at: chorus, mute: false}]", spans((16_000, 32_000), (48_000, 64_000))),
        ("[{at: chorus + 1/4, mute: true}]", spans((36_000, 64_000))),
        ("[{at: bar 1, mute: true}]", spans((0, 64_000))),
    ],
)  # fmt: skip
def test_where_a_mute_is(read, mute, expected):
    _, found = muted(read, mute)
    known = ~np.isnan(expected)
    assert np.array_equal(found[known], expected[known])
    assert np.all((found[~known] > 0) & (found[~known] < 1))


def test_a_mute_fades_in_a_raised_cosine(read):
    _, found = muted(read, "[chorus]")
    falls = 0.5 + 0.5 * np.cos(np.pi * (np.arange(EDGE) + 0.5) / EDGE)
    assert found[32_000 : 32_000 + EDGE] == pytest.approx(falls, abs=1e-12)
    assert found[48_000 : 48_000 + EDGE] == pytest.approx(1 - falls, abs=1e-12)


@pytest.mark.parametrize(
    "mute, is_muted",
    [
        ("true", True),
        ("[intro, verse, chorus]", True),
        ("[{at: bar 1, mute: true}]", True),
        ("false", False),
        ("[verse]", False),
        ("[{at: bar 1, mute: true}, {at: bar 4, mute: false}]", False),
    ],
)
def test_muted_from_start_to_end(read, mute, is_muted):
    routing, _ = muted(read, mute)
    assert routing.is_muted("a") is is_muted
    assert not routing.is_muted("b")


def test_a_bus_is_silent_if_all_that_comes_into_it_is_muted(read):
    text = SONG.replace("output: drums,", "output: drums, mute: true,")
    assert read(text).routing.silenced == {"drums", "all"}
    assert read(SONG).routing.silenced == set()
    assert read(text.replace("[verse]", "true")).routing.silenced == {"drums", "all", "echo", "hall"}
