"""Every mistake one can make in a song or in config.yaml, and exactly what is said of it, and where.

What a file is told stands in the file itself: `#! message` at the end of a line is expected of that line.
"""

import textwrap

import pytest
import soundfile as sf
import yaml as pyyaml

from stemwright.reading import read_house, read_song
from stemwright.spec.problems import SpecError

LENGTH = "must be a length such as 8 bars, 16 beats, 1/8, 1/8., 1/8t, 2.5 s, 40 ms, 1:22, or a sum of these"
POSITION = "must be a position such as bar 9, bar 9 beat 2.5, 12.5 s, 1:22, or one of these + a length"
TEMPO = "must be quarter notes a minute, 10 to 1000, a number or a fraction such as 400/3"
NAME = "must be letters, digits, - and _ only, at most 64, not beginning with -"
KNOWN = "known are: artist, bpm, changes, delivery, gates, key, length, master, meter, reference, sections, session, "
KNOWN += "stems, title"

SONGS = {
    "unknown keys": """\
        bmp: 120                            #! bmp: is not a known key; did you mean bpm?
        bpm: 120
        zzz: 1                              #! zzz: is not a known key; {KNOWN}
        length: 8 bars
        session: {{sample_rat: 1}}          #! session.sample_rat: is not a known key; did you mean sample_rate?
        gates:
          silense: {{}}                     #! gates.silense: is not a known key; did you mean silence?
          silence: {{floor: -60}}           #! gates.silence.floor: is not a known key; did you mean floor_dbfs?
        stems:
          bass:
            sorce: {{}}                     #! stems.bass.sorce: is not a known key; did you mean source?
            source:
              tone: {{nota: A2}}            #! stems.bass.source.tone.nota: is not a known key; did you mean note?
            effects:
              - lowpas: {{}}                #! stems.bass.effects[0].lowpas: is not a known key; did you mean lowpass?
              - lowpass:
                  cutoff_hz: 800
                  ordr: 2                   #! stems.bass.effects[1].lowpass.ordr: is not a known key; did you mean order?
          guitar:
            source:
              ton: {{note: A4}}             #! stems.guitar.source.ton: is not a known key; did you mean tone?
        master:
          limitr: null                      #! master.limitr: is not a known key; did you mean limiter?
        """,
    "wrong types": """\
        title: 1979                         #! title: must be text: put it in quotes (is 1979)
        artist: [a, b]                      #! artist: must be text (is a list)
        bpm: true                           #! bpm: {TEMPO} (is true)
        meter: 4                            #! meter: must be a meter such as 4/4 (is 4)
        length: 137                         #! length: {LENGTH} (is 137)
        changes: none                       #! changes: must be a list (is 'none')
        session:
          sample_rate: 44100.5              #! session.sample_rate: must be a whole number (is 44100.5)
          channels: true                    #! session.channels: must be 1 or 2 (is true)
        gates: {{finite: off}}              #! gates.finite: must be keys and values, or false to turn it off (is 'off')
        delivery: [WAV]                     #! delivery: must be keys and values (is a list)
        reference: ref.wav                  #! reference: must be keys and values (is 'ref.wav')
        stems:
          a:
            source: {{tone: {{note: A2}}}}
            gain_db: loud                   #! stems.a.gain_db: must be a number (is 'loud')
            pan: true                       #! stems.a.pan: must be a number (is true)
            deliver: yes                    #! stems.a.deliver: must be true or false (is 'yes')
            sections: verse                 #! stems.a.sections: must be a list (is 'verse')
            effects: {{gain: {{}}}}         #! stems.a.effects: must be a list (is keys and values: gain)
          b: [1]                            #! stems.b: must be keys and values (is a list)
          c:                                #! stems.c: must be keys and values (is empty)
          d:
            source: tone                    #! stems.d.source: must be keys and values (is 'tone')
            effects:
              - lowpass                     #! stems.d.effects[0]: must be keys and values (is 'lowpass')
              - compressor: 3               #! stems.d.effects[1].compressor: must be keys and values (is 3)
              - lowpass: {{cutoff_hz: '900'}} #! stems.d.effects[2].lowpass.cutoff_hz: must be a number (is '900')
              - fade: {{fade_in: 2}}        #! stems.d.effects[3].fade.fade_in: {LENGTH} (is 2)
          e:
            source:
              drums:
                seed: 1.5                   #! stems.e.source.drums.seed: must be a whole number (is 1.5)
                patterns: {{"*": {{kick: 9555}}}} #! stems.e.source.drums.patterns.*.kick: must be text: put it in quotes (is 9555)
        """,
    "out of range": """\
        bpm: 5                              #! bpm: {TEMPO} (is 5)
        length: 8 bars
        changes:
          - {{bar: 1, bpm: 90}}             #! changes[0].bar: must be at least 2 (is 1)
          - {{bar: 2000000, bpm: 90}}       #! changes[1].bar: must be at most 1000000 (is 2000000)
        title: ''                           #! title: must not be empty (is '')
        session: {{sample_rate: 384000, channels: 3}} #! session.sample_rate: must be at most 192000 (is 384000) #! session.channels: must be 1 or 2 (is 3)
        delivery: {{container: MP3}}        #! delivery.container: must be WAV or FLAC (is 'MP3')
        stems:
          bass:
            source: {{tone: {{frequency_hz: 0}}}} #! stems.bass.source.tone.frequency_hz: must be more than 0 (is 0)
            gain_db: 240                    #! stems.bass.gain_db: must be at most 24 (is 240)
            pan: -1.01                      #! stems.bass.pan: must be at least -1 (is -1.01)
            sections: []                    #! stems.bass.sections: must have at least 1 entry (is an empty list)
          keys:
            source: {{tone: {{note: A2, level_db: .nan}}}} #! stems.keys.source.tone.level_db: must be a number (is '.nan')
            gain_db: .inf                   #! stems.keys.gain_db: must be a number (is '.inf')
            pan: 1e999                      #! stems.keys.pan: must be a finite number (is inf)
            effects:
              - gain: {{gain_db: -{NINES}}} #! stems.keys.effects[0].gain.gain_db: must be at least -60 (is -{NINES:.76}...)
        """,
    "missing keys": """\
        sections: [a: 1 bar]                #! bpm: is required
        reference: {{}}                     #! reference.file: is required
        master:
          target: {{}}                      #! master.target.integrated_lufs: is required
        stems:
          bass: {{}}                        #! stems.bass.source: is required
          a: {{source: {{}}}}               #! stems.a.source: must be one kind and its keys (is nothing)
          b: {{source: {{tone: {{}}}}}}     #! stems.b.source.tone: needs one of note and frequency_hz
          c: {{source: {{audio: }}}}        #! stems.c.source.audio.file: is required
          d:
            source: {{tone: {{note: A2, frequency_hz: 110}}, reference: }} #! stems.d.source.tone: needs one of note and frequency_hz
          e:
            source: {{tone: {{note: A2}}, reference: }} #! stems.e.source: must be one kind and its keys (is reference, tone)
            effects:
              - lowpass:                    #! stems.e.effects[0].lowpass.cutoff_hz: is required
              - {{}}                        #! stems.e.effects[1]: must be one kind and its keys (is nothing)
              - {{gain: {{gain_db: 1}}, limiter: }} #! stems.e.effects[2]: must be one kind and its keys (is gain, limiter)
              - delay:                      #! stems.e.effects[3].delay: needs one of delay_seconds and delay_length
        """,
    "an empty song": """\
        stems: {{}}                         #! bpm: is required #! stems: must have at least 1 entry (is empty)
        """,
    "no length": """\
        bpm: 120                            #! length: is required where there are no sections
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "musical values": """\
        bpm: 120 bpm                        #! bpm: {TEMPO} (is '120 bpm')
        meter: 4/5                          #! meter: must be a meter such as 4/4, 3/4 or 7/8 (is '4/5')
        key: H minor                        #! key: must be a key such as G major, Ab major or F# minor (is 'H minor')
        length: 8 bar s                     #! length: {LENGTH} (is '8 bar s')
        sections:
          - a: 8                            #! sections[0].a: {LENGTH} (is 8)
          - b: {{length: rest, key: X}}     #! sections[1].b.length: {LENGTH} (is 'rest') #! sections[1].b.key: must be a key such as G major, Ab major or F# minor (is 'X')
          - verse                           #! sections[2]: must be keys and values (is 'verse')
          - {{c: 1 bar, d: 1 bar}}          #! sections[3]: must have at most 1 entry (is keys and values: c, d)
          - {{}}                            #! sections[4]: must have at least 1 entry (is empty)
        stems:
          a: {{source: {{tone: {{note: H2}}}}}} #! stems.a.source.tone.note: must be a note such as A4, C#3 or Bb2 (is 'H2')
          b: {{source: {{tone: {{note: G#9}}}}}} #! stems.b.source.tone.note: must be a note from C-1 to G9 (is 'G#9')
          c: {{source: {{audio: {{file: ref.wav, at: 4 bars}}}}}} #! stems.c.source.audio.at: {POSITION} (is '4 bars')
          d: {{source: {{audio: {{file: ref.wav, at: bar 0}}}}}} #! stems.d.source.audio.at: bars and beats count from 1 (is 'bar 0')
          e: {{source: {{audio: {{file: ref.wav, fade_in: 1 bar}}}}}} #! stems.e.source.audio.fade_in: must be in seconds, such as 2.5 s, 40 ms or 1:22: a file has no bars (is '1 bar')
          f:
            source:
              drums:
                step: 1 beat                #! stems.f.source.drums.step: must be a note length such as 1/16 or 1/8t (is '1 beat')
                levels_db: {{cowbell: 3}}   #! stems.f.source.drums.levels_db.cowbell: must be a piece of the kit: kick, snare, clap, hat, open_hat (is 'cowbell')
                patterns:
                  "*":
                    kick: x---x-z-          #! stems.f.source.drums.patterns.*.kick: step 7 must be x (hit), X (accent), o (ghost), 1 to 9 (softest to loudest) or - (rest) (is 'z' in 'x---x-z-')
                    hat: "| |"              #! stems.f.source.drums.patterns.*.hat: must have at least one step
        """,
    "names": """\
        bpm: 120
        sections: [../x: 8 bars]            #! sections[0].../x: {NAME} (is '../x')
        stems:
          ../x: &tone {{source: {{tone: {{note: A2}}}}}} #! stems.../x: {NAME} (is '../x')
          /etc/x: *tone                     #! stems./etc/x: {NAME} (is '/etc/x')
          "a\\0b": *tone                    #! stems.a\\x00b: {NAME} (is 'a\\x00b')
          "a\\nb": *tone                    #! stems.a\\nb: {NAME} (is 'a\\nb')
          -rf: *tone                        #! stems.-rf: {NAME} (is '-rf')
          {NINES}: *tone                    #! stems.{NINES:.77}...: {NAME} (is '{NINES:.79})
          bаss: *tone                       #! stems.bаss: {NAME} (is 'bаss', with CYRILLIC SMALL LETTER A)
          ｂass: *tone                      #! stems.ｂass: {NAME} (is 'ｂass', with FULLWIDTH LATIN SMALL LETTER B)
          Con: *tone                        #! stems.Con: is a name that some systems reserve for a device (is 'Con')
          lpt1: *tone                       #! stems.lpt1: is a name that some systems reserve for a device (is 'lpt1')
          a.b: *tone                        #! stems.a.b: {NAME} (is 'a.b')
          '': *tone                         #! stems.: {NAME} (is '')
          b:
            source: {{tone: {{note: A2}}}}
            sections: [a/b, 7]              #! stems.b.sections[0]: {NAME} (is 'a/b') #! stems.b.sections[1]: must be text: put it in quotes (is 7)
        """,
    "names of files": """\
        bpm: 120
        length: 1 bar
        delivery:
          names:
            master: "{{song}}/{{stem}}"     #! delivery.names.master: must be a name without folders (is '{{song}}/{{stem}}')
            stem: "{{stem}}_{{who}}"        #! delivery.names.stem: must use only {{song}}, {{title}}, {{artist}}, {{stem}}, {{bpm}} (is '{{stem}}_{{who}}')
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "names of files once they are filled in": """\
        bpm: 120
        title: Déjà vu
        length: 1 bar
        delivery:
          names:
            master: "{{title}}"             #! delivery.names.master: gives 'Déjà vu.wav', with LATIN SMALL LETTER E WITH ACUTE, no safe file name: at most 120 letters, digits, spaces and . , + # & ( ) [ ] - _, beginning with a letter, a digit, ( [ or _
            stem: "{{artist}} {{stem}}"     #! delivery.names.stem: uses {{artist}}, which this file has not (is '{{artist}} {{stem}}')
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "delivered files that collide": """\
        bpm: 120
        length: 1 bar
        delivery: {{names: {{master: x, stem: X}}}} #! delivery.names.stem: gives X.wav to a and to the master; each file needs its own name
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "stems that differ only in case": """\
        bpm: 120
        length: 1 bar
        delivery: {{names: {{stem: "{{stem}}"}}}} #! delivery.names.stem: gives bass.wav to bass and to Bass; each file needs its own name
        stems:
          bass: &tone {{source: {{tone: {{note: A2}}}}}}
          Bass: *tone                       #! stems.Bass: is bass again: names that differ only in case are one file on many systems
        """,
    "sections longer than the song": """\
        bpm: 120
        length: 2 bars
        sections: [a: 1 bar, b: 3 bars]     #! sections: sections last 8.000 s (to bar 5 beat 1), longer than the song: 4.000 s (to bar 3 beat 1). Shorten them, or the song's length
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "time in no section": """\
        bpm: 120
        length: 2 bars
        sections: [a: 1 bar]                #! sections: sections last 2.000 s (to bar 2 beat 1), the song 4.000 s (to bar 3 beat 1): 2.000 s are in no section. Add a section with length: remainder, or mend the length
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "a time off the grid": """\
        bpm: 120
        length: 4 bars
        sections:
          - a: 1 bar
          - b: 1.7 s                        #! sections[1]: section b would end at 3.700 s, off the grid: the nearest bar line is that of bar 3 at 4.000 s, 0.300 s later. Give its length in bars or beats
          - c: remainder
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "two remainders": """\
        bpm: 120
        length: 4 bars
        sections:
          - a: remainder                    #! sections[0]: only the last section can take the remainder
          - b: remainder
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "a remainder of nothing": """\
        bpm: 120
        sections: [a: remainder]            #! sections[0]: a remainder needs a length of the song (key length)
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "too long a song": """\
        bpm: 120
        length: 100000 bars                 #! length: the song is 56 hours long; at most 24 are built
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "changes of nothing, and out of order": """\
        bpm: 120
        length: 8 bars
        changes:
          - {{bar: 5, meter: 3/4}}
          - {{bar: 5, bpm: 90}}             #! changes[1].bar: must come after bar 5 (is 5)
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "a change of nothing": """\
        bpm: 120
        length: 8 bars
        changes: [bar: 5]                   #! changes[0]: must change bpm or meter
        stems: {{a: {{source: {{tone: {{note: A2}}}}}}}}
        """,
    "a length to be taken from no reference": """\
        bpm: 120
        length: reference                   #! length: takes the reference's length, but the song has no reference
        stems:
          a: {{source: {{reference: }}}}    #! stems.a.source.reference: needs a reference, and the song has none
        """,
    "a reference that is no audio": """\
        bpm: 120
        length: reference
        reference: {{file: text.wav}}       #! reference.file: text.wav: is not WAV, RF64, AIFF, FLAC, Ogg or MP3 (it begins with b'not soun')
        stems: {{a: {{source: {{reference: }}}}}}
        """,
    "files that are not there": """\
        bpm: 120
        length: reference
        reference:
          file: "no\\0thing.wav"            #! reference.file: there is no such file (is 'no\\x00thing.wav', from the working directory)
        stems:
          a: {{source: {{audio: {{file: no.wav}}}}}} #! stems.a.source.audio.file: there is no such file (is 'no.wav', from the working directory)
          b: {{source: {{audio: {{file: songs}}}}}} #! stems.b.source.audio.file: must be an audio file, not a folder (is 'songs')
          c: {{source: {{audio: {{file: /dev/null}}}}}} #! stems.c.source.audio.file: must be a regular file (is '/dev/null')
          d: {{source: {{audio: {{file: ''}}}}}} #! stems.d.source.audio.file: must not be empty (is '')
          e: {{source: {{audio: {{file: 5}}}}}} #! stems.e.source.audio.file: must be text: put it in quotes (is 5)
        """,
    "what does not go together": """\
        bpm: 120
        sections: [verse: 2 bars, chorus: 2 bars]
        session: {{channels: 1, sample_rate: 44100}}
        delivery:
          container: FLAC
          subtype: FLOAT_24                 #! delivery.subtype: must be PCM_16 or PCM_24 for FLAC (is FLOAT_24)
        stems:
          a:
            source: {{reference: }}         #! stems.a.source.reference: needs a reference, and the song has none
            pan: 0.25                       #! stems.a.pan: must be 0 in a mono song (is 0.25)
            sections: [verze, 'on', verse]  #! stems.a.sections[0]: there is no section 'verze'; did you mean verse? #! stems.a.sections[1]: there is no section 'on'; known are: verse, chorus
          b:
            source: {{tone: {{frequency_hz: 30000}}}} #! stems.b.source.tone.frequency_hz: must be below 22050 Hz, half the sample rate (is 30000)
            effects:
              - gain: {{gain_db: 0}}
              - lowpass: {{cutoff_hz: 22050}} #! stems.b.effects[1].lowpass.cutoff_hz: must be below 22050 Hz, half the sample rate (is 22050)
          c: {{source: {{audio: {{file: ref.wav, at: bar 9}}}}}} #! stems.c.source.audio: at must lie before the song's end at 8.000 s (is 'bar 9')
          d: {{source: {{audio: {{file: ref.wav, at: bar 2 beat 7}}}}}} #! stems.d.source.audio: bar 2 has 4 beats, no beat 7
          e:
            source:
              drums:
                patterns:
                  chorous: {{kick: x}}      #! stems.e.source.drums.patterns.chorous: there is no section 'chorous'; did you mean chorus?
        master:
          effects: [highpass: {{cutoff_hz: 23000}}] #! master.effects[0].highpass.cutoff_hz: must be below 22050 Hz, half the sample rate (is 23000)
        """,
    "of both kinds: of a key alone, and of keys together": """\
        bpm: 120
        length: 2 bars
        key: Q                              #! key: must be a key such as G major, Ab major or F# minor (is 'Q')
        sections: [a: 1 bar]                #! sections: sections last 2.000 s (to bar 2 beat 1), the song 4.000 s (to bar 3 beat 1): 2.000 s are in no section. Add a section with length: remainder, or mend the length
        stems:
          a: {{source: {{tone: {{note: A2}}}}, gain_db: 25}} #! stems.a.gain_db: must be at most 24 (is 25)
          b: {{source: {{audio: {{file: no.wav}}}}}} #! stems.b.source.audio.file: there is no such file (is 'no.wav', from the working directory)
          c: {{source: {{tone: {{note: A2}}}}, sections: [b]}} #! stems.c.sections[0]: there is no section 'b'; known are: a
        """,
    "behind an alias": """\
        bpm: 120
        length: 1 bar
        stems:
          a: {{source: &tone {{tone: {{note: A2}}}}, gain_db: &loud 99}} #! stems.a.gain_db: must be at most 24 (is 99)
          b:
            source: *tone
            gain_db: *loud                  #! stems.b.gain_db: must be at most 24 (is 99)
        """,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory: `ref.wav` is a second of audio, `text.wav` is none, `songs/` waits for songs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()
    (tmp_path / "text.wav").write_text("not sound at all")
    sf.write("ref.wav", [[0.0, 0.0]] * 48_000, 48_000, subtype="PCM_16")
    return tmp_path


def expected(file, text):
    """What the `#!` of a text ask for."""
    lines = enumerate(text.splitlines(), 1)
    return [f"{file}:{number}: {message.strip()}" for number, line in lines for message in line.split("#!")[1:]]


def told(read):
    with pytest.raises(SpecError) as caught:
        read()
    return str(caught.value).splitlines()


@pytest.mark.parametrize("name", SONGS)
def test_what_is_said_of_a_song(folder, name):
    words = {"LENGTH": LENGTH, "POSITION": POSITION, "TEMPO": TEMPO, "NAME": NAME, "KNOWN": KNOWN, "NINES": "9" * 250}
    text = textwrap.dedent(SONGS[name]).format(**words)
    (folder / "songs/x.yaml").write_text(text, encoding="utf-8")
    rules = read_house({"songs": ["x"]}, [])
    assert told(lambda: read_song("x", rules, "songs/x.yaml")) == expected("songs/x.yaml", text)


def test_the_line_of_the_contract(folder):
    above = "bpm: 120\nlength: 1 bar\n\n# a\n# comment\n\nstems:\n  bass:\n    source:\n      tone: {note: A2}\n\n"
    (folder / "songs/x.yaml").write_text(above + "    gain_db: 240\n")
    rules = read_house({"songs": ["x"]}, [])
    lines = told(lambda: read_song("x", rules, "songs/x.yaml"))
    assert lines == ["songs/x.yaml:12: stems.bass.gain_db: must be at most 24 (is 240)"]


@pytest.mark.parametrize("text", ["", "# only\n# comments\n", "~", "---\n"])
def test_a_song_with_nothing_in_it(folder, text):
    (folder / "songs/x.yaml").write_text(text)
    lines = told(lambda: read_song("x", read_house({"songs": ["x"]}, []), "songs/x.yaml"))
    assert lines == ["songs/x.yaml:1: must be keys and values at its top level (is nothing)"]


def test_a_song_that_is_not_there(folder):
    lines = told(lambda: read_song("x", read_house({"songs": ["x"]}, []), "songs/x.yaml"))
    assert lines == ["songs/x.yaml: is missing, or not a regular file"]


CONFIGS = [
    "session: {}                          #! songs: is required",
    "songs: []                            #! songs: must have at least 1 entry (is an empty list)",
    "songs: x                             #! songs: must be a list (is 'x')",
    f"songs:\n  - ../x                    #! songs[0]: {NAME} (is '../x')\n  - 7 #! songs[1]: must be text: put it in quotes (is 7)",
    "songs:\n  - x\n  - X                 #! songs[1]: is x again: names that differ only in case are one file on many systems",
    "songs: [x]\nsesion: {}               #! sesion: is not a known key; did you mean session?",
    "songs: [x]\nstems: {}                #! stems: is not a known key; known are: delivery, gates, pathvars, session, songs",
    "songs: [x]\nsession:\n  channels: 6  #! session.channels: must be 1 or 2 (is 6)",
    "songs: [x]\ngates:\n  dc:\n    warn: 99      #! gates.dc.warn: must be at most 1 (is 99)",
    "songs: [x]\ndelivery:\n  subtype: on #! delivery.subtype: must be PCM_16, PCM_24, FLOAT or FLOAT_24 (is 'on')",
    "songs: [x]\npathvars: {results: 1}   #! pathvars.results: must be text: put it in quotes (is 1)",
]


@pytest.mark.parametrize("text", CONFIGS)
def test_what_is_said_of_the_house_rules(folder, text):
    (folder / "config.yaml").write_text(text)
    lines = told(lambda: read_house(pyyaml.safe_load(text), ["config.yaml"]))  # as Snakemake reads it
    assert lines == expected("config.yaml", text)


def test_what_comes_from_the_command_line_is_said_to(folder):
    (folder / "config.yaml").write_text("songs: [x]\nsession:\n  sample_rate: 100\n  channels: 1\n")
    config = {"songs": ["y", 5], "session": {"sample_rate": 100, "channels": 3}, "gates": {"dc": {"warn": "no"}}, "x": None}
    assert told(lambda: read_house(config, ["config.yaml"])) == [
        "--config: songs[1]: must be text: put it in quotes (is 5)",
        "--config: session.channels: must be 1 or 2 (is 3)",
        "--config: gates.dc.warn: must be a number (is 'no')",
        "--config: x: is not a known key; known are: delivery, gates, pathvars, session, songs",
        "config.yaml:3: session.sample_rate: must be at least 8000 (is 100)",
    ]


def test_a_second_config_file_is_named_for_what_it_says(folder):
    (folder / "config.yaml").write_text("songs: [x]\nsession: {channels: 1}\ngates:\n  dc: {warn: 3}\n")
    (folder / "other.yaml").write_text("session:\n  channels: 7\n")
    config = {"songs": ["x"], "session": {"channels": 7}, "gates": {"dc": {"warn": 3}}}
    for files in (["other.yaml", "config.yaml"], ["config.yaml", "other.yaml"]):
        assert told(lambda files=files: read_house(config, files)) == [
            "config.yaml:4: gates.dc.warn: must be at most 1 (is 3)",
            "other.yaml:2: session.channels: must be 1 or 2 (is 7)",
        ]


def test_house_rules_without_a_file_and_keys_that_are_no_text(folder):
    assert told(lambda: read_house({"songs": ["x"], 3: 1, None: 2, ("a", 1): 3}, [])) == [
        "config: 3: is not a known key; known are: delivery, gates, pathvars, session, songs",
        "config: None: is not a known key; known are: delivery, gates, pathvars, session, songs",
        "config: ('a', 1): is not a known key; known are: delivery, gates, pathvars, session, songs",
    ]


def test_what_a_song_overrides_is_said_to_the_song_and_what_not_to_the_house(folder):
    (folder / "config.yaml").write_text("songs: [x]\nsession: {channels: 1}\ndelivery:\n  subtype: FLOAT\n  names: {stem: x}\n")
    (folder / "songs/x.yaml").write_text(
        "bpm: 120\nlength: 1 bar\ndelivery:\n  container: FLAC\ngates:\n  dc: {warn: 2}\nstems:\n"
        "  a: {source: {tone: {note: A2}}, pan: 1}\n  b: {source: {tone: {note: A3}}}\n"
    )
    rules = read_house(pyyaml.safe_load((folder / "config.yaml").read_text()), ["config.yaml"])
    assert told(lambda: read_song("x", rules, "songs/x.yaml")) == [
        "config.yaml:4: delivery.subtype: must be PCM_16 or PCM_24 for FLAC (is FLOAT) (in songs/x.yaml)",
        "config.yaml:5: delivery.names.stem: gives x.flac to b and to a; each file needs its own name (in songs/x.yaml)",
        "songs/x.yaml:6: gates.dc.warn: must be at most 1 (is 2)",
        "songs/x.yaml:8: stems.a.pan: must be 0 in a mono song (is 1)",
    ]
