"""Braces and angle brackets in the name of a user's file are letters as any other."""

from small_workflow import SmallWorkflow

TEXT = """
rule make:
    input: lambda w: [MARK(name) for name in NAMES]
    output: "made/{song}"
    shell: "cat {input:q} > {output}"
"""
NAMES = [
    "{song}.wav",
    "<results>.wav",
    "{take2}.wav",
    "<lt>.wav",
    "{song}/<lt>/{.wav",
    "{{song}}{a,b+}<a<lt>>.wav",
]


def workflow(tmp_path, names, patches=()):
    text = TEXT.replace("MARK", "literal" if patches else "").replace("NAMES", repr(names))
    if patches:
        text = f"from stemwright.snakemake_patches import literal\n{text}"
    work = SmallWorkflow(tmp_path, text, patches)
    work.write("x.wav", "another file\n")
    work.write("results.wav", "another file\n")
    for name in names:
        work.write(name, f"{name}\n")
    return work


def test_snakemake_reads_another_file(tmp_path):
    """When this fails, Snakemake has a way to say it: the patch may go."""
    work = workflow(tmp_path, NAMES[:2])
    work.run("made/x")
    assert work.read("made/x") == "another file\nanother file"


def test_snakemake_knows_no_such_wildcard(tmp_path):
    assert "take2" in workflow(tmp_path, NAMES[2:3]).fails("made/x").text


def test_with_the_patch_each_name_is_its_file_s(tmp_path):
    work = workflow(tmp_path, NAMES, ["literal_inputs"])
    work.run("made/x")
    assert work.read("made/x").split("\n") == NAMES
    assert work.run("made/x").rules == set()
    work.write(NAMES[3], "edited\n")
    work.run("made/x")
    assert work.read("made/x").split("\n") == [*NAMES[:3], "edited", *NAMES[4:]]
