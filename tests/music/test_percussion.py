"""The MIDI keys of percussion against those of the standard."""

from stemwright.music.percussion import GENERAL_MIDI

STANDARD = {
    36: "Bass Drum 1",
    37: "Side Stick",
    38: "Acoustic Snare",
    39: "Hand Clap",
    42: "Closed Hi-Hat",
    44: "Pedal Hi-Hat",
    45: "Low Tom",
    46: "Open Hi-Hat",
    47: "Low-Mid Tom",
    49: "Crash Cymbal 1",
    50: "High Tom",
    51: "Ride Cymbal 1",
    52: "Chinese Cymbal",
    53: "Ride Bell",
    54: "Tambourine",
    55: "Splash Cymbal",
    56: "Cowbell",
    60: "Hi Bongo",
    61: "Low Bongo",
    62: "Mute Hi Conga",
    63: "Open Hi Conga",
    64: "Low Conga",
    69: "Cabasa",
    70: "Maracas",
    75: "Claves",
    81: "Open Triangle",
    82: "Shaker",
}
"""General MIDI level 1, percussion key map; 82 is of level 2."""

ORDER = """kick rim snare clap hat pedal_hat tom_low open_hat tom_mid crash tom_high ride china ride_bell tambourine
splash cowbell bongo_high bongo_low conga_mute conga_high conga_low cabasa maracas claves triangle shaker"""


def test_pieces_have_the_keys_of_general_midi():
    assert sorted(GENERAL_MIDI, key=lambda piece: GENERAL_MIDI[piece]) == ORDER.split()
    assert sorted(GENERAL_MIDI.values()) == sorted(STANDARD)
