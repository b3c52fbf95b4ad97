"""Random single edits, built, compared, and scored: is what the comparison says what was edited?"""

import json
from pathlib import Path

from song_edits import random_edit

from stemwright.audio import write_audio
from stemwright.base.hashing import sha256
from stemwright.comparison import Side, Track, compare
from stemwright.mixing.faders import Faders, read_levels
from stemwright.mixing.sums import mix
from stemwright.song.routing import MIX, strips


def side_of(workshop, song, with_sources):
    """A song's side: of each strip what it adds to what it feeds, the mix, the master."""
    plan, made = workshop.build(song)
    loaded, tracks = plan.song, []
    delivered = {
        each.stem or each.role: made[f"build/tune/delivery/{each.file}"] for each in loaded.delivered.values()
    }
    for name, keys in strips(loaded.document).items():
        role = "stem" if name in loaded.document.stems else "bus"
        path = delivered.get(name) or _contribution(loaded, made, name, keys.output)
        source = made.get(f"build/tune/stems/{name}.wav")
        tracks.append(
            Track(role, name, path, sha256(path), sha256(source) if source and with_sources else "")
        )
    for role in ("mix", "master"):
        tracks.append(Track.of_file(role, role, delivered[role]))
    return Side(tracks, json.loads(Path(made["build/tune/timeline.json"]).read_text()))


def _contribution(song, made, name, output):
    session = song.document.session
    processed = made[f"build/tune/processed/{name}.wav"]
    faders = song.routing.feeds(output or MIX)[name].to_dict()
    path = Path(processed).with_name(f"fader-{sha256_of(faders)}.wav")
    if not path.exists():
        frames = song.timeline.frames
        blocks = mix([processed], [Faders.from_dict(faders, session.channels, read_levels(()))])
        write_audio(str(path), blocks, rate=session.sample_rate, channels=session.channels, frames=frames)
    return str(path)


def sha256_of(data):
    import hashlib

    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()[:12]


def judged(workshop, samples, seed, with_sources=False):
    """(what was edited, what is wrong with what was said of it or "", all that was said)."""
    old, new, truth = random_edit(seed, samples)
    sides = [side_of(workshop, song, with_sources) for song in (old, new)]
    found = compare(*sides)
    return truth, "; ".join(_faults(truth, found)), found


def _faults(truth, found):
    told = {track.name: track for track in found.tracks}
    for name, status in truth.statuses.items():
        if told[name].status != status:
            yield f"{name} is {told[name].status}"
    song_kinds = {change.kind for change in found.changes}
    if not truth.tracks and not truth.statuses:
        if song_kinds != set(truth.kinds):
            yield f"song: {sorted(song_kinds)}"
    elif song_kinds:
        yield f"song: {sorted(song_kinds)}"
    for track in found.tracks:
        if track.name in truth.tracks:
            if track.status != "changed" or not track.changes:
                yield f"{track.name} is {track.status}, follows {track.follows}"
                continue
            first, *_ = track.changes
            if first.kind not in truth.kinds:
                yield f"{track.name}: {first.kind}"
            bars = {bar for w in first.where for bar in range(w.bars[0], w.bars[1] + 1)}
            is_whole = all(w.is_whole for w in first.where)
            if truth.bars is None and not is_whole:
                yield f"{track.name}: not the whole, but {sorted(bars)}"
            if truth.bars is not None and not is_whole and bars != truth.bars:
                yield f"{track.name}: {sorted(bars)}, not {sorted(truth.bars)}"
            if truth.bars is not None and is_whole and not bars <= truth.bars:
                yield f"{track.name}: the whole"
        elif track.changes:
            yield f"{track.name} is said to be changed: {[c.words for c in track.changes]}"
