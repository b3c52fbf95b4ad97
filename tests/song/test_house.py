"""config.yaml: what is said before Snakemake reads it."""

import pytest
from snakemake.common.configfile import load_configfile

from stemwright.song.house import check_config, load_house
from stemwright.validation.problems import MOST, InvalidFileError

CODE = {
    "plain": "__use_yte__: true\nsongs: [x]\n?open('pwned', 'w'):\n  a: 1\n",
    "in a value": "songs: ?[open('pwned', 'w').name]\n__use_yte__: 1\n",
    "quoted": "songs: ?[open('pwned', 'w').name]\n\"\\x5f_use_yte__\": on\n",
    "json": '{"songs": "?[open(\'pwned\', \'w\').name]", "__use_yte__": true}',
}


@pytest.mark.parametrize("text", CODE.values(), ids=CODE)
def test_python_in_a_config_file_is_not_run(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(
        InvalidFileError, match=r"^config.yaml:\d: __use_yte__: is not allowed: Snakemake would run"
    ):
        check_config("config.yaml")
    assert not (tmp_path / "pwned").exists()
    if text.startswith("{"):
        return  # Snakemake takes JSON for no template
    load_configfile("config.yaml")
    assert (tmp_path / "pwned").exists()  # else the test would hold of any text


NUMBER, DATE, WORD = (
    "takes it for a number and fails",
    "takes it for a date and fails",
    "takes it for a special word",
)
UNREADABLE = {
    "0x_": NUMBER,
    "-0b_": NUMBER,
    "9" * 5000: NUMBER,
    "2024-13-45": DATE,
    "0000-01-01": DATE,
    "=": WORD,
}


@pytest.mark.parametrize(("word", "says"), UNREADABLE.items())
def test_words_that_snakemake_fails_on_are_told_by_line(word, says, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(f"songs:\n  - x\n  - {word}\n")
    with pytest.raises(InvalidFileError) as caught:
        check_config(str(file))
    assert str(caught.value).startswith(f"{file}:3: songs[1]: Snakemake, which reads this file too, {says}")
    file.write_text(f"songs:\n  - x\n  - '{word}'\n")
    check_config(str(file))


@pytest.mark.parametrize("word", ["on", "2024-05-01", "1:30", "0x10", "1_000"])
def test_a_folder_must_be_text_for_snakemake_too(word, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(f"songs: [x]\npathvars:\n  logs: {word}\n")
    with pytest.raises(InvalidFileError) as caught:
        check_config(str(file))
    assert str(caught.value) == f"{file}:3: pathvars.logs: must be text: put it in quotes (is {word})"


def test_a_config_file_is_read_in_little_time(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("songs: [x]\n" + "a: 1\n" * 50_000)
    with pytest.raises(
        InvalidFileError, match=r"config\.yaml: is 250,011 bytes long; at most 250,000 are read$"
    ):
        check_config(str(file))


def test_of_very_many_mistakes_the_first_are_told(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("songs: [x]\n" + "".join(f"key{n}: {n}\n" for n in range(1_000)))
    with pytest.raises(InvalidFileError) as caught:
        load_house(load_configfile(str(file)), [str(file)])
    lines = str(caught.value).split("\n")
    assert len(lines) == MOST + 1 and lines[0].startswith(f"{file}:2: key0: is not a known key")
    assert lines[-1].startswith(f"{file}: there are more problems than these {MOST}")
