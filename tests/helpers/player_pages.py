"""Pages with a player and nothing else, and tracks for it: any sound, in the files that pages load."""

import base64
import io
import json
from importlib.resources import files

import numpy as np
import soundfile as sf

from stemwright.pages.render import render

RATE = 8_000
BASS, KEYS, DRUMS, KICK = 200, 520, 900, 1500  # Hz: each strip is a tone of its own
SECTIONS = [("intro", 0, 2), ("verse", 2, 4), ("chorus", 4, 6)]


def write_track(folder, name, sound, lufs=None, rate=RATE, chunk=RATE, overlap=800):
    """`tracks/NAME.js` and `tracks/NAME.audio.js` of a sound, shape (frames, channels): chunks of Ogg Vorbis."""
    frames = len(sound)
    count = -(-frames // chunk)
    spans = [slice(max(n * chunk - overlap, 0), (n + 1) * chunk + overlap) for n in range(count)]
    audio = {"rate": rate, "channels": sound.shape[1], "frames": frames, "chunk_frames": chunk}
    audio |= {"overlap_frames": overlap, "chunks": count, "mime": "audio/ogg", "integrated_lufs": lufs}
    view = {"stage": "stem", "file": f"stems/{name}.wav", "integrated_lufs": None, "peaks": "", "rms": ""}
    view |= {"columns": 0, "spectrogram": {"columns": 0, "bands": 0, "data": ""}, "loudness": None}
    track = {
        "id": name,
        "rate": rate,
        "frames": frames,
        "seconds": frames / rate,
        "views": [view],
        "audio": audio,
    }
    chunks = ",\n".join(f'"{_vorbis(sound[span], rate)}"' for span in spans)
    (folder / "tracks").mkdir(exist_ok=True)
    (folder / f"tracks/{name}.js").write_text(f"stemwright.track({json.dumps(track)});\n")
    (folder / f"tracks/{name}.audio.js").write_text(f'stemwright.audio("{name}", [\n{chunks}]);\n')


def _vorbis(sound, rate):
    """The best that Vorbis can, so that what a test hears is what it has written."""
    file = io.BytesIO()
    sf.write(file, sound.astype(np.float32), rate, format="OGG", subtype="VORBIS", compression_level=0)
    return base64.b64encode(file.getvalue()).decode()


def write_page(folder, seconds, strips=(), sources=(), sections=()):
    """A page with nothing but a player. A strip is an ID, or (ID, whether it feeds the mix, IDs of its buses).

    A source is an ID, or (ID, its own timeline).
    """
    rows = [(strip, True, ()) if isinstance(strip, str) else strip for strip in strips]
    player = {
        "seconds": seconds,
        "sections": [{"name": name, "start": start, "end": end} for name, start, end in sections],
        "strips": [
            {"id": name, "name": name, "direct": direct, "buses": [{"id": bus, "name": bus} for bus in buses]}
            for name, direct, buses in rows
        ],
        "sources": [
            {"id": name, "name": name} | ({"timeline": own} if own else {})
            for name, own in ((source, None) if isinstance(source, str) else source for source in sources)
        ],
    }
    html = render("base.html", {})
    for after, part in (
        ("<style>", (files("stemwright.pages") / "assets/player.css").read_text()),
        (
            '<main id="content" tabindex="-1">',
            f"<section><h1>Player</h1>{render('player.html', {'player': player})}</section>",
        ),
        ("</footer>", render("player_scripts.html", {})),
    ):
        html = html.replace(after, after + part, 1)
    page = folder / "index.html"
    page.write_text(html.replace("<title>", "<title>Player"), encoding="utf-8")
    return page


def tone(hertz, seconds, level=0.1, rate=RATE):
    """A sine in both channels, shape (frames, 2)."""
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave, wave], axis=1)


def write_song(folder):
    """Six seconds of three strips that feed the mix, one that is heard in a bus, a mix, and a louder master."""
    for name, hertz in (("bass", BASS), ("keys", KEYS), ("drums", DRUMS), ("kick", KICK)):
        write_track(folder, name, tone(hertz, 6))
    mix = sum(tone(hertz, 6) for hertz in (BASS, KEYS, DRUMS))
    write_track(folder, "mix", mix, -20.0)
    write_track(folder, "master", 2 * mix, -20.0 + 20 * np.log10(2))
    strips = ["bass", "keys", "drums", ("kick", False, ["drums"])]
    return write_page(folder, 6, strips, ["mix", "master"], SECTIONS)


_RENDER = """
const [from, seconds, ahead, moments] = arguments;
const { playback, desk } = stemwright.player;
const context = new OfflineAudioContext(2, Math.round(seconds * 8000), 8000);
Object.assign(playback, { context, soon: 0, ahead: ahead ?? seconds, open: () => desk.connect(context) });
const strip = (id) => desk.strips.find((each) => each.id === id);
const said = [];
for (const [time, does] of moments) {
  const act = new (async () => {}).constructor("playback", "desk", "strip", does);
  if (time === 0) said.push(await act(playback, desk, strip));
  else context.suspend(time).then(async () => {
    said.push(await act(playback, desk, strip));
    if (playback.running) await playback.tick();
    playback.place();
    context.resume();
  });
}
await playback.play(from);
await playback.ready();
playback.place();
const sound = await context.startRendering();
const text = [0, 1].map((n) => new Uint8Array(sound.getChannelData(n).buffer).toBase64());
return [text, said, document.querySelector(".player-problem").textContent];
"""


def rendered(browser, page, seconds, *moments, start=0, ahead=None):
    """What the player of a page sounds like, from a position on, without waiting for the real clock.

    Its own graph is rendered by an OfflineAudioContext at 8 kHz. A moment is (time in s, JavaScript that is run then),
    at 0 before it plays; it knows `playback`, `desk` and `strip(ID)`. Returns the sound, shape (frames, 2), and what
    each moment returned.
    """
    browser.open(page)
    channels, said, problem = browser.run(_RENDER, start, seconds, ahead, list(moments))
    assert problem == "", problem
    return np.stack([np.frombuffer(base64.b64decode(text), "<f4") for text in channels], axis=1), said
