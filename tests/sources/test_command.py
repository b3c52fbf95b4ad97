"""Commands: what they are given, what they may write, and how the ones that fail, hang or run wild end."""

import os
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import pytest
import soundfile as sf
from commands import rendered
from pydantic import TypeAdapter, ValidationError

from stemwright import sources
from stemwright.base.errors import StemwrightError
from stemwright.sources.command import Command

PYTHON = sys.executable
WRITE = "import sys, numpy as np, soundfile as sf; out, rate, channels, seconds = sys.argv[1:5]; "
SINE = WRITE + (
    "t = np.arange(round(float(seconds) * int(rate))) / int(rate); "
    "sf.write(out, np.repeat(0.5 * np.sin(2 * np.pi * 440 * t)[:, None], int(channels), 1), int(rate), 'FLOAT')"
)
ASKED = ["{output}", "{rate}", "{channels}", "{seconds}"]


def fails(argv, told, **keys):
    with pytest.raises(StemwrightError, match=told) as caught:
        rendered(argv, **keys)
    return str(caught.value)


def alive(mark):
    """Processes that have a mark in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read()
            with open(f"/proc/{pid}/stat") as file:
                state = file.read().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if mark.encode() in line and state != "Z" and int(pid) != os.getpid():
            found.append(int(pid))
    return found


def gone(mark):
    """Whether none is left: one that was just killed may be seen for a moment."""
    deadline = time.monotonic() + 2
    while alive(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(mark)


# --- what it is given -------------------------------------------------------------------------


def test_what_it_writes_is_the_stem():
    wave = rendered([PYTHON, "-c", SINE, *ASKED])
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(12_345) / 8_000)
    assert wave.shape == (12_345, 2) and wave == pytest.approx(np.repeat(expected[:, None], 2, 1), abs=1e-6)


@pytest.mark.parametrize("rate, channels", [(8_000, 1), (44_100, 2), (48_000, 1)])
def test_it_is_conformed_to_the_session(rate, channels):
    """Written at 22.05 kHz in mono, and too short."""
    wave = rendered([PYTHON, "-c", SINE, "{output}", "22050", "1", "0.25"], rate, channels, rate)
    assert wave.shape == (rate, channels)
    inside = slice(rate // 20, rate // 5)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    assert wave[inside] == pytest.approx(np.repeat(expected[inside, None], channels, 1), abs=1e-3)
    assert not wave[rate // 4 + rate // 100 :].any()


def test_what_is_too_long_is_cut_without_a_click():
    long = WRITE + "sf.write(out, np.full(20_000, 0.5), 8000, 'FLOAT')"
    wave = rendered([PYTHON, "-c", long, *ASKED], channels=1, frames=8_000)
    assert len(wave) == 8_000 and wave[7_900] == pytest.approx(0.5, abs=1e-6) and abs(wave[-1]) < 0.01


def test_placeholders(tmp_path):
    """Each word as it reaches the program, which stands in an empty folder of its own."""
    (tmp_path / "a file.wav").write_text("x")
    tell = "import os, sys; print(sorted(os.listdir())); print(*sys.argv[1:], sep='|'); sys.exit(3)"
    words = [
        PYTHON,
        "-c",
        tell,
        "{output}",
        "r={rate} c={channels}",
        "{seconds}",
        "{{rate}}",
        "{input:it}",
        "$HOME;*",
    ]
    said = fails(words, "failed with exit status 3", files={"it": tmp_path / "a file.wav"})
    folder, words = said.splitlines()[-2:]
    output, *words = words.strip().split("|")
    assert folder.strip() == "[]" and os.path.isabs(output) and output.endswith("output.wav")
    assert words == ["r=8000 c=2", "1.543125", "{rate}", str(tmp_path / "a file.wav"), "$HOME;*"]
    assert not os.path.exists(os.path.dirname(output))


def test_by_a_shell_only_if_asked(needs, tmp_path):
    """There, placeholders are quoted, and the words are joined."""
    needs("sox")
    sf.write(tmp_path / 'it\'s; a "file".wav', 0.25 * np.ones(4_000), 8_000)
    words = ["sox", "{input:it}", "-t wav - |", "cat", "> {output}", "&& true"]
    wave = rendered(words, channels=1, shell=True, files={"it": tmp_path / 'it\'s; a "file".wav'})
    assert wave[:4_000] == pytest.approx(0.25, abs=1e-4)
    fails(words, "sox: failed with exit status", files={"it": tmp_path / 'it\'s; a "file".wav'})


def test_a_relative_path_is_from_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "make.sh").write_text(f'#!/bin/sh\nexec {PYTHON} -c "$0" "$@"\n')
    program = tmp_path / "make.py"
    program.write_text(f"#!{PYTHON}\n{SINE}\n")
    program.chmod(0o755)
    before = rendered(["./make.py", *ASKED])
    assert before.any()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert np.array_equal(rendered(["~/make.py", *ASKED]), before)


def test_what_it_says_is_in_the_log(capfd):
    rendered([PYTHON, "-c", "import sys; print('to out'); print('to err', file=sys.stderr); " + SINE, *ASKED])
    said = capfd.readouterr().out
    assert "to out" in said and "to err" in said


def test_only_the_end_of_much_is_in_the_log(capfd):
    much = "print('x' * 3_000_000); print('the end'); "
    rendered([PYTHON, "-c", much + SINE, *ASKED])
    said = capfd.readouterr().out
    assert len(said) < 210_000 and "2,800,009 bytes before this" in said and said.endswith("the end\n")


# --- how it may fail --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, told",
    [
        (
            "import sys; sys.exit('no such opcode')",
            r"failed with exit status 1. Its last output:\n  no such opcode",
        ),
        ("import os; os.kill(os.getpid(), 11)", "was ended by SIGSEGV"),
        (
            "print('nothing to do')",
            r"it succeeded, but did not write \{output\}. Its last output:\n  nothing to do",
        ),
        ("import sys; open(sys.argv[1], 'w')", "output.wav: is empty, expected an audio file"),
        ("import sys; open(sys.argv[1], 'w').write('a score')", "output.wav: is not WAV"),
        ("import sys, os; os.mkdir(sys.argv[1])", "output.wav: is a folder, expected an audio file"),
        ("import sys, os; os.mkfifo(sys.argv[1])", "output.wav: is not a regular file"),
        ("import sys, os; os.symlink('/dev/zero', sys.argv[1])", "output.wav: is not a regular file"),
        ("import sys, os; os.symlink('/nowhere', sys.argv[1])", "output.wav: cannot be read"),
        (WRITE + "sf.write(out, np.zeros((9, 3)), 8000)", "output.wav: has 3 channels"),
        (WRITE + "sf.write(out, np.zeros(0), 8000)", "output.wav: has no audio in it"),
        (
            WRITE + "sf.write(out, np.zeros(9999), 8000); os = __import__('os'); os.truncate(out, 999)",
            "output.wav: ",
        ),
    ],
)
def test_failures(code, told):
    said = fails([PYTHON, "-c", code, *ASKED], told)
    assert said.startswith(f"{PYTHON}: ") and "stemwright-" not in said


def test_programs_that_cannot_be_started(tmp_path):
    fails(["no-such-program", "{output}"], "no-such-program: program not found: install it")
    fails([str(tmp_path / "none"), "{output}"], "none: program not found")
    (tmp_path / "plain").write_text("echo")
    fails([str(tmp_path / "plain"), "{output}"], "plain: cannot be started: Permission denied")
    (tmp_path / "plain").chmod(0o755)
    (tmp_path / "plain").write_bytes(b"\0\1\2")
    fails([str(tmp_path / "plain"), "{output}"], "plain: cannot be started: Exec format error")
    fails(["no-such-program", "{output}"], r"failed with exit status 127.*\n.*not found", shell=True)


def test_one_that_hangs_is_stopped_with_all_it_started():
    mark = f"stemwright-test-{os.getpid()}-{time.monotonic_ns()}"
    child = f"import time; time.sleep(60) # {mark}"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); "
    code += "print('begun', flush=True); time.sleep(60)"
    start = time.monotonic()
    fails(
        [PYTHON, "-c", code, *ASKED],
        r"did not end within timeout_s, 1.5 s, and was stopped.*\n  begun",
        timeout_s=1.5,
    )
    assert time.monotonic() - start < 10 and gone(mark)


def test_what_it_leaves_running_is_stopped():
    mark = f"stemwright-test-{os.getpid()}-{time.monotonic_ns()}"
    child = f"import time; time.sleep(60) # {mark}"
    code = f"import subprocess; subprocess.Popen([sys.executable, '-c', {child!r}])"
    assert rendered([PYTHON, "-c", f"{SINE}; {code}", *ASKED]).any()
    assert gone(mark)


@pytest.mark.parametrize(
    "code",
    [
        "out = open(sys.argv[1], 'wb')\nwhile True: out.write(bytes(1 << 16))",
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "out = open(sys.argv[1], 'wb')\nwhile True: out.write(bytes(1 << 16))",
        "while True: print('x' * 65_536)",
    ],
)
def test_one_that_writes_for_ever_is_stopped(code, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    start = time.monotonic()
    fails(
        [PYTHON, "-c", "import sys\n" + code, *ASKED],
        "wrote more than limit_mb, 3 MB, into one file",
        limit_mb=3,
    )
    assert time.monotonic() - start < 20 and os.listdir(tmp_path) == []


def test_one_that_does_not_heed_that_its_file_is_full():
    code = "import os, sys\nout = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)\n"
    code += "try:\n  while True: os.write(out, bytes(1 << 16))\nexcept OSError: pass"
    fails([PYTHON, "-c", code, *ASKED], "wrote more than limit_mb, 3 MB, into one file", limit_mb=3)


DETACHED = """
import os, sys, time
for _ in range(2):  # a daemon, in a session of its own
    if os.fork():
        break
    os.setsid()
open("file", "w").close()
os.mkdir("closed-%d" % os.getpid(), 0)
time.sleep(60) # {mark}
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_however_the_job_ends_all_that_it_started_ends(number, tmp_path):
    """Daemons too; and the folder is removed. As a cluster does it, or as when Snakemake is killed."""
    mark = f"stemwright-test-{os.getpid()}-{time.monotonic_ns()}"
    code = f"""if True:
        import sys
        sys.path[:0] = {sys.path!r}
        from commands import rendered
        rendered([{PYTHON!r}, "-c", {DETACHED.format(mark=mark)!r}, "{{output}}"])
    """
    job = subprocess.Popen([PYTHON, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)})
    deadline = time.monotonic() + 20
    while len([pid for pid in alive(mark) if pid != job.pid]) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len([pid for pid in alive(mark) if pid != job.pid]) == 3
    job.send_signal(number)
    assert job.wait(10) == -number and gone(mark)
    while os.listdir(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert os.listdir(tmp_path) == []


def test_a_daemon_is_stopped_when_the_program_has_ended():
    mark = f"stemwright-test-{os.getpid()}-{time.monotonic_ns()}"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {DETACHED.format(mark=mark)!r}])"
    assert rendered([PYTHON, "-c", f"{SINE}; {code}; import time; time.sleep(0.5)", *ASKED]).any()
    assert gone(mark)


def test_a_very_deep_folder_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = "; [(os.mkdir('d'), os.chdir('d')) for _ in range(1200)]"
    assert rendered([PYTHON, "-c", f"{SINE}; import os{code}", *ASKED]).any()
    assert os.listdir(tmp_path) == []


# --- what is written --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"argv": []}, "at least 1"),
        ({"argv": ["sox"]}, r"argv must say where to write: \{output\}"),
        ({"argv": ["sox", "{ouput}"]}, r"must use only \{output\}, \{rate\}"),
        ({"argv": ["sox", "{output:x}"]}, "must use only"),
        ({"argv": ["sox", "{output!r}"]}, "must use only"),
        ({"argv": ["sox", "{output}", "{}"]}, "must use only"),
        ({"argv": ["sox", "{input}", "{output}"]}, "must use only"),
        ({"argv": ["sox", "{", "{output}"]}, "for braces that are not placeholders"),
        ({"argv": ["sox", "{input:a}", "{output}"]}, r"argv uses \{input:a\}, which is not among the inputs"),
        ({"argv": ["sox", "a\0b", "{output}"]}, "must be text"),
        ({"argv": ["sox", 440, "{output}"]}, "must be text: put it in quotes"),
        ({"argv": ["{output}"], "inputs": {"a b": "x"}}, "must be letters, digits"),
        ({"argv": ["{output}"], "inputs": {"a": ""}}, "at least 1 character"),
        ({"argv": ["{output}"], "timeout_s": 0}, "greater than 0"),
        ({"argv": ["{output}"], "limit_mb": 0}, "greater than or equal to 1"),
    ],
)
def test_mistakes(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(Command).validate_python(keys)


def test_its_inputs():
    source = Command(["sox", "{input:b}", "{output}"], {"b": "~/b.wav", "a": "a.orc"})
    assert source.input_files() == [(("inputs", "b"), "~/b.wav"), (("inputs", "a"), "a.orc")]
    assert not source.needs_timeline


DEEP = """
import os, shutil, sys
shutil.copyfile(sys.argv[1], sys.argv[2])
for n in range(3_000):
    os.mkdir("deep")
    os.chdir("deep")
"""


def test_a_program_that_leaves_3000_nested_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "deep.py").write_text(DEEP)
    sf.write(tmp_path / "a.wav", np.full((100, 1), 0.5), 8_000)
    files = {"a": tmp_path / "a.wav", "script": tmp_path / "deep.py"}
    samples = rendered([sys.executable, "{input:script}", "{input:a}", "{output}"], files=files, channels=1)
    assert np.all(samples[:100] == 0.5)
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize(
    ("argv", "shell", "lacking"),
    [
        (["sh", "-c", "true {output}"], False, None),
        (["no-such-synth", "{output}"], False, "there is no program 'no-such-synth' in PATH here"),
        (["no-such-synth {{x}}", "{output}"], False, "there is no program 'no-such-synth {x}' in PATH here"),
        (["./own", "{output}"], False, None),
        (["./locked", "{output}"], False, "there is no program './locked' that may be executed here"),
        (["./folder", "{output}"], False, "there is no program './folder' that may be executed here"),
        (["~/nothing", "{output}"], False, "there is no program '~/nothing' that may be executed here"),
        (["own", "{output}"], False, "there is no program 'own' in PATH here"),
        (["{input:a}", "{output}"], False, None),  # the inputs are checked anyway
        (["no-such-synth", "{output}"], True, None),  # a line for the shell
    ],
)
def test_programs_that_are_lacking(tmp_path, monkeypatch, argv, shell, lacking):
    """In a folder of its own, each is looked for as the job would start it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (tmp_path / "folder").mkdir()
    for name, mode in (("own", 0o755), ("locked", 0o644)):
        (tmp_path / name).write_text("#!/bin/sh")
        (tmp_path / name).chmod(mode)
    entry = {"command": {"argv": argv, "shell": shell, "inputs": {"a": "own"}}}
    stack = sources.make({"stack": {"layers": {"x": {"source": entry}}}})
    expected = [] if lacking is None else [(("argv", 0), f"{lacking}: install it, or give its path")]
    assert list(sources.make(entry).lacks()) == expected
    assert list(stack.lacks()) == [(("layers", "x", "source", "command", *p), what) for p, what in expected]
