"""A small DAW: it parses a project, and plays each track's media at the place, the gain and the pan that it says.

Tracks are balanced: a pan to one side takes the other side down linearly, and a mono file is heard on both.
"""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import rpp
import soundfile as sf


def play(project):
    """The sound of a project, of shape (frames, 2), and its sample rate; from the files that it names."""
    read = _rpp if project.suffix == ".rpp" else _dawproject
    sounds = []
    for file, start, length, gain, pan in read(project):
        samples, rate = sf.read(project.parent / file, always_2d=True)
        samples = np.repeat(samples, 2 // samples.shape[1], axis=1)[: round(length * rate)]
        before = np.zeros((round(start * rate), 2))
        sounds.append(np.concatenate([before, samples * gain * [min(1, 1 - pan), min(1, 1 + pan)]]))
    longest = max(map(len, sounds))
    return sum(np.pad(sound, ((0, longest - len(sound)), (0, 0))) for sound in sounds), rate


def _rpp(path):
    """Each item that is heard: file, start and length in s, gain, pan (-1 to 1)."""
    for track in rpp.loads(Path(path).read_text(encoding="utf-8")).findall("TRACK"):
        keys = {child[0]: child[1:] for child in track.children if isinstance(child, list)}
        assert keys["MAINSEND"][0] == "1" and keys["BEAT"] == ["0"]
        for item in track.findall("ITEM"):
            own = {child[0]: child[1:] for child in item.children if isinstance(child, list)}
            assert own["VOLPAN"][1] == "0" and own["LOOP"] == ["0"]
            gain = float(keys["VOLPAN"][0]) * float(own["VOLPAN"][0]) * float(own["VOLPAN"][2])
            ((_, file),) = item.find("SOURCE").children
            if keys["MUTESOLO"][0] == "0":
                yield file, float(own["POSITION"][0]), float(own["LENGTH"][0]), gain, float(keys["VOLPAN"][1])


def _dawproject(path):
    """The same of a DAWproject, along the routing of each channel to the master."""
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("project.xml"))
    channels = {channel.get("id"): channel for channel in root.iter("Channel")}
    for track in root.findall("Structure/Track"):
        channel, gain, pan = track.find("Channel"), 1.0, 0.0
        while channel is not None:  # to where it goes, until the master, which goes nowhere
            last = channel
            gain *= float(channel.find("Volume").get("value")) * (
                channel.find("Mute").get("value") == "false"
            )
            pan += 2 * float(channel.find("Pan").get("value")) - 1
            channel = channels.get(channel.get("destination"))
        assert last.get("role") == "master"
        for clip in root.findall(f"Arrangement/Lanes/Lanes[@track='{track.get('id')}']/Clips/Clip"):
            assert clip.get("playStart") == "0" and clip.get("contentTimeUnit") == "seconds"
            file = clip.find("Audio/File")
            assert file.get("external") == "true"
            if gain:
                yield file.get("path"), float(clip.get("time")), float(clip.get("duration")), gain, pan
