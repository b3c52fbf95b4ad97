"""A song's own rules, in songs/SONG.smk: they make what it is made from, and the rebuild contract goes on through them."""

import shutil

import pytest
import soundfile as sf

RULE = """
rule trim_loop:
    input:
        "raw/loop.wav",
    output:
        "audio/loop.wav",
    log:
        "logs/tune/loop.log",
    message:
        "tune: trim the loop"
    shell:
        "cp {input} {output}"
"""


STEM = "build/tune/stems/loop.wav"


@pytest.fixture
def ruled(workdir):
    """The song of `workdir`, its loop made by a rule of its own; neither that nor its stem is there."""
    (workdir / "raw").mkdir()
    shutil.move(workdir / "audio/loop.wav", workdir / "raw/loop.wav")
    (workdir / STEM).unlink()
    workdir.write("songs/tune.smk", RULE)
    return workdir


def test_an_input_that_a_rule_makes_need_not_be_there(ruled, built):
    assert ruled.snakemake("-n", STEM).jobs == ["render loop", "trim the loop"]
    assert ruled.snakemake(STEM).jobs == ["render loop", "trim the loop"]
    ruled.snakemake()
    assert ruled.tree("build") == built.tree("build")
    assert ruled.snakemake().jobs == []


def test_what_it_is_made_from_is_watched(ruled):
    ruled.snakemake()
    (ruled / "raw/loop.wav").touch()
    (ruled / "audio/loop.wav").touch()
    assert ruled.snakemake().jobs == []
    loop, rate = sf.read(ruled / "raw/loop.wav")
    sf.write(ruled / "raw/loop.wav", loop / 2, rate, subtype="PCM_16")
    jobs = {*ruled.snakemake().jobs}
    assert {"trim the loop", "render loop", "mix", "master"} < jobs and "render bass" not in jobs


@pytest.mark.long
def test_what_it_does_is_watched(ruled):
    """Its command, or its script's text: neither its place in the file nor a date."""
    ruled.snakemake()
    ruled.write("songs/tune.smk", f"# Looped.\n{RULE}")
    assert ruled.snakemake().jobs == []
    ruled.write("songs/tune.smk", RULE.replace("cp {input}", "cp -v {input}"))
    assert ruled.snakemake("-n", STEM).jobs == ["render loop", "trim the loop"]
    copying = "import shutil\nshutil.copy(snakemake.input[0], snakemake.output[0])\n"
    ruled.write("songs/tune/trim.py", copying)
    ruled.write(
        "songs/tune.smk", RULE.replace("shell:", "script:").replace("cp {input} {output}", "tune/trim.py")
    )
    assert "trim the loop" in ruled.snakemake().jobs
    (ruled / "songs/tune/trim.py").touch()
    assert ruled.snakemake().jobs == []
    ruled.write("songs/tune/trim.py", f"# copies\n{copying}")
    assert "trim the loop" in ruled.snakemake().jobs


@pytest.mark.long
def test_what_is_made_again_by_itself_and_is_the_same_is_no_reason(ruled):
    ruled.snakemake()
    (ruled / "audio/loop.wav").unlink()
    assert ruled.snakemake("audio/loop.wav").jobs == ["trim the loop"]
    assert ruled.snakemake().jobs == []


def test_a_rule_that_fails_stops_what_hangs_on_it(ruled):
    ruled.write("songs/tune.smk", RULE.replace("cp {input}", "false {input}"))
    run = ruled.fails(STEM)
    assert "trim_loop" in run.text and not (ruled / "audio/loop.wav").exists()


def test_the_length_of_a_reference_still_to_be_made_must_be_given(ruled):
    ruled.write("songs/tune.smk", RULE.replace("audio/loop", "audio/reference").replace("raw/", "audio/"))
    shutil.copyfile(ruled / "raw/loop.wav", ruled / "audio/loop.wav")
    ruled.edit("length", value="reference")
    ruled.edit("sections", value=[{"one": "1 bar"}, {"two": "remainder"}])
    told = "songs/tune.yaml:"
    text = ruled.fails("-n").text
    assert (
        told in text and "length: must be given: the reference audio/reference.wav is made by a rule" in text
    )


def test_without_the_rule_it_is_missing(ruled):
    (ruled / "songs/tune.smk").rename(ruled / "songs/other.smk")  # no song of that name is built
    assert "stems.loop.source.audio.file: there is no such file" in ruled.fails("-n").text


def test_no_rule_makes_an_input_in_build(ruled):
    ruled.write("songs/tune.smk", RULE.replace("audio/loop", "build/loop"))
    ruled.edit("stems", "loop", "source", value={"audio": {"file": "build/loop.wav"}})
    assert "must not be in build/, the folder of built files" in ruled.fails("-n").text


@pytest.mark.long
def test_one_that_fails_is_tried_again(ruled):
    """Even if all is then as it was when it was made last."""
    ruled.snakemake()
    raw = (ruled / "raw/loop.wav").read_bytes()
    (ruled / "raw/loop.wav").write_bytes(raw[:-400] + bytes(400))
    ruled.write("songs/tune.smk", RULE.replace("cp {input}", "head -c 9 {input} >{output}; false"))
    ruled.fails()
    ruled.fails()
    (ruled / "raw/loop.wav").write_bytes(raw)
    ruled.write("songs/tune.smk", RULE)
    assert "trim the loop" in ruled.snakemake().jobs
    assert ruled.snakemake().jobs == []


def test_what_it_lacks_is_told_before_anything_runs(ruled):
    ruled.snakemake()
    (ruled / "raw/loop.wav").unlink()
    lacks = "songs/tune.smk: rule trim_loop, which makes audio/loop.wav, lacks its input raw/loop.wav: there is no such file"
    assert lacks in ruled.fails("-n").text
    ruled.write("songs/tune.smk", RULE.replace("/loop.", "/{name}."))
    assert ruled.snakemake().jobs == []  # as of the reference: it is there, and may be no file of the rule's
    (ruled / "audio/loop.wav").unlink()
    assert "lacks its input raw/loop.wav" in ruled.fails("-n").text


def test_a_recording_may_have_a_name_that_a_rule_with_wildcards_could_make(ruled):
    """It is a recording as ever: its length is known, and what is no file is told."""
    ruled.write("songs/tune.smk", RULE.replace("/loop.", "/{name}."))
    ruled.edit("length", value="reference")
    ruled.edit("sections", value=[{"one": "1 bar"}, {"two": "remainder"}])
    assert "trim the loop" in ruled.snakemake("-n").jobs
    (ruled / "audio/reference.wav").unlink()
    (ruled / "audio/reference.wav").mkdir()
    assert "reference.file: must be a file, not a folder" in ruled.fails("-n").text


@pytest.mark.parametrize(
    "rules, told",
    [
        ("rule x:\n    output 'y'\n", "songs/tune.smk:2: cannot be used: Colon expected"),
        (
            "rule x:\n    output: nowhere\n",
            "songs/tune.smk:2: cannot be used: name 'nowhere' is not defined",
        ),
        (
            "rule x:\n    output: 'y'\n    shell: 'z'\na =\n",
            "songs/tune.smk:4: cannot be used: invalid syntax",
        ),
        ("a = [\n", "songs/tune.smk:2: cannot be used: EOF in multi-line statement"),
        ("\n\ninclude: 'lost.smk'\n", "songs/tune.smk:3: cannot be used: [Errno 2] No such file"),
        ("\ninclude: 'other.smk'\n", "songs/other.smk:1: cannot be used: invalid syntax"),
        ("\x00", "songs/tune.smk: cannot be used: "),
        (
            RULE.replace("trim_loop", "mix_stems"),
            "songs/tune.smk:2: cannot be used: The name mix_stems is already used",
        ),
        (
            RULE.replace("trim_loop", "all"),
            "songs/tune.smk:2: cannot be used: The name all is already used",
        ),
        (
            RULE.replace("/loop.", "/{name}.").replace("audio/", ""),
            "songs/tune.smk: rule trim_loop would make build/tune/",
        ),
    ],
)
def test_rules_that_cannot_be_used_are_told_by_their_file(ruled, rules, told):
    ruled.write("songs/tune.smk", rules)
    ruled.write("songs/other.smk", "a =\n")
    assert told in ruled.fails("-n").text


def test_a_link_to_nothing(ruled):
    (ruled / "songs/tune.smk").unlink()
    (ruled / "songs/tune.smk").symlink_to("nowhere.smk")
    assert "songs/tune.smk: cannot be used: " in ruled.fails("-n").text
