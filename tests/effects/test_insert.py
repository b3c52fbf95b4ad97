"""Programs as effects: what they are given, what they may give back, that they repeat, and how the bad ones end."""

import os
import tempfile
import time

import numpy as np
import pytest
from effect_runs import apply, noise
from pydantic import TypeAdapter, ValidationError
from scipy import signal

from stemwright.base.errors import StemwrightError
from stemwright.effects import make
from stemwright.effects.insert import Insert
from stemwright.music.render_context import RenderContext

RATE = 8_000
COPY = ["cp", "{input}", "{output}"]


@pytest.fixture
def sox(needs):
    """The arguments of sox, up to its effects."""
    return [needs("sox"), "{input}", "{output}"]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def through(argv, samples, rate=RATE, **keys):
    return apply({"insert": {"argv": argv, **keys}}, samples, rate=rate)


def fails(argv, told, samples=None, **keys):
    with pytest.raises(StemwrightError, match=told) as caught:
        through(argv, noise(500) if samples is None else samples, **keys)
    return str(caught.value)


def shell(code):
    """A shell's program whose $0 is the input, and $1 where to write."""
    return ["sh", "-c", code, "{input}", "{output}"]


# --- what it gives ------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
def test_what_is_copied_comes_back(channels):
    """In 32-bit float, beyond full scale too."""
    samples = noise(5_000, channels, level=2.0)
    assert np.array_equal(through(COPY, samples), samples.astype(np.float32))


def test_a_filter_of_sox_is_the_filter(sox):
    """RBJ's low-pass, as the Audio EQ Cookbook has it (sox computes in 32-bit integers)."""
    samples, cutoff = noise(4_000, 2, 0.1), 1_000
    w, q = 2 * np.pi * cutoff / RATE, np.sqrt(0.5)
    alpha, b = np.sin(w) / (2 * q), (1 - np.cos(w)) / 2
    expected = signal.lfilter([b, 2 * b, b], [1 + alpha, -2 * np.cos(w), 1 - alpha], samples, axis=0)
    found = through([*sox, "lowpass", "-2", str(cutoff)], samples)
    assert found == pytest.approx(expected, abs=1e-7)


def test_a_filter_of_ffmpeg(needs):
    samples = noise(4_000, 2, 0.1)
    argv = [needs("ffmpeg"), "-v", "error", "-i", "{input}", "-af", "pan=stereo|c0=-1*c1|c1=c0"]
    found = through([*argv, "-c:a", "pcm_f32le", "{output}"], samples)
    assert found == pytest.approx(np.stack([-samples[:, 1], samples[:, 0]], 1), abs=1e-7)


def test_placeholders(tmp_path):
    (tmp_path / "a file").write_text("x")
    tell = [
        "sh",
        "-c",
        'ls; printf "%s|" "$@"; exit 3',
        "sh",
        "{input}",
        "r={rate} c={channels}",
        "{seconds}",
        "{input:it}",
        "{{input}}",
        "{output}",
    ]
    keys = {"inputs": {"it": str(tmp_path / "a file")}, "latency_samples": 50}
    folder, words = fails(tell, "sh: failed with exit status 3", noise(750, 1), **keys).splitlines()[-2:]
    given, *words, output, _ = words.strip().split("|")
    assert folder.strip() == "input.wav" and os.path.isabs(given) and given.endswith("/input.wav")
    assert words == ["r=8000 c=1", "0.1", str(tmp_path / "a file"), "{input}"]
    assert output.endswith("/output.wav")


def test_by_a_shell_only_if_asked():
    samples = noise(300)
    words = ["cat", "{input}", "|", "cat", ">", "{output}"]
    assert np.array_equal(through(words, samples, shell=True), samples.astype(np.float32))
    fails(words, "cat: failed with exit status")


def test_its_latency_is_cut_and_its_end_is_kept(sox):
    samples = noise(3_000, 2, 0.1)
    late = [*sox, "pad", "100s", "trim", "0", "{seconds}"]
    assert through(late, samples)[100:] == pytest.approx(samples[:-100], abs=1e-7)
    assert through(late, samples, latency_samples=100) == pytest.approx(samples, abs=1e-7)


def test_another_length(sox, capfd):
    samples = noise(3_000, 2, 0.1)
    shorter = through([*sox, "trim", "0", "1000s"], samples)
    assert shorter[:1_000] == pytest.approx(samples[:1_000], abs=1e-7) and not shorter[1_000:].any()
    assert "output.wav: is 2,000 frames shorter: continued with silence" in capfd.readouterr().out
    longer = through([*sox, "pad", "0", "500s"], samples)
    assert longer == pytest.approx(samples, abs=1e-7)
    assert "output.wav: is 500 frames longer than its input: cut" in capfd.readouterr().out


def test_less_than_its_latency(sox):
    assert not through([*sox, "trim", "0", "10s"], noise(300), latency_samples=20).any()


def test_another_format_is_refused(sox):
    slow = [*sox[:2], "-r", "4000", sox[2]]
    fails(slow, "output.wav: has 4,000 Hz and 2 channels; expected those of its input, 8,000 Hz and 2 ch")
    fails([*sox, "remix", "1"], "output.wav: has 8,000 Hz and 1 channel; expected those of its input")


# --- that it repeats ----------------------------------------------------------------------------


@pytest.fixture
def forgets(tmp_path):
    """A program whose second run is silent from frame 100 on. With how many runs there were."""
    runs = tmp_path / "runs"
    code = f'[ -e {runs} ] && set -- "$1" trim 0 100s; echo >> {runs}; sox "$0" "$@"'
    return shell(code), lambda: len(runs.read_text().splitlines())


def test_one_that_does_not_repeat_is_refused(forgets, sox):
    argv, runs = forgets
    told = fails(argv, r"sh: gave another sound when it was run again, first at frame 100 \(0.013 s, by")
    assert "write repeatable: false" in told and runs() == 2


def test_one_of_which_that_is_known_is_run_once(forgets, sox):
    argv, runs = forgets
    samples = noise(500)
    assert through(argv, samples, repeatable=False) == pytest.approx(samples, abs=1e-7)
    assert runs() == 1


def test_one_that_changes_its_input_repeats():
    samples = noise(300)
    assert np.array_equal(through(["mv", "{input}", "{output}"], samples), samples.astype(np.float32))


# --- how it may fail ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, told",
    [
        (
            "echo no such plug-in >&2; exit 5",
            r"failed with exit status 5. Its last output:\n  no such plug-in",
        ),
        ("kill -11 $$", "was ended by SIGSEGV"),
        ("echo done", r"it succeeded, but did not write \{output\}. Its last output:\n  done"),
        (': > "$1"', "output.wav: is empty, expected an audio file"),
        ('echo a score > "$1"', "output.wav: is not WAV"),
        ('mkdir "$1"', "output.wav: is a folder, expected an audio file"),
        ('mkfifo "$1"', "output.wav: is not a regular file"),
        ('ln -s /dev/zero "$1"', "output.wav: is not a regular file"),
        ('head -c 1000 "$0" > "$1"', "output.wav: "),
    ],
)
def test_failures(code, told, temporary):
    said = fails(shell(code), told)
    assert said.startswith("sh: ") and "stemwright-" not in said
    assert not list(temporary.iterdir())


def test_one_that_is_not_there():
    fails(
        ["no-such-host", "{input}", "{output}"],
        "no-such-host: program not found: install it, or give its path",
    )


def test_one_that_hangs_is_stopped(temporary):
    start = time.monotonic()
    fails(shell("sleep 60"), "sh: did not end within timeout_s, 0.2 s, and was stopped", timeout_s=0.2)
    assert time.monotonic() - start < 10 and not list(temporary.iterdir())


def test_one_that_writes_too_much_is_stopped(temporary):
    fails(shell('cat /dev/zero > "$1"'), "wrote more than limit_mb, 1 MB, into one file", limit_mb=1)
    assert not list(temporary.iterdir())


def test_the_size_of_its_input_is_no_fault(sox):
    """1.6 MB of it, of which 1,000 frames come back."""
    samples = noise(200_000, 2, 0.1)
    found = through([*sox, "trim", "0", "1000s"], samples, limit_mb=1)
    assert found[:1_000] == pytest.approx(samples[:1_000], abs=1e-7) and not found[1_000:].any()


def test_what_is_no_number_is_not_given_to_it(temporary):
    samples = noise(300)
    samples[7] = np.nan
    fails(COPY, "cp: its input.wav: sample 7 is not a finite number", samples)
    assert not list(temporary.iterdir())


def test_nothing_is_left_if_the_rest_is_not_wanted(temporary):
    context = RenderContext(RATE, 2, 200_000)
    stream = make({"insert": {"argv": COPY}}).process(iter([noise(200_000)]), context)
    assert len(next(stream)) and len(list(temporary.iterdir())) == 2
    stream.close()
    assert not list(temporary.iterdir())


# --- what is written ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys, told",
    [
        ({"argv": []}, "at least 1"),
        ({"argv": ["sox", "{output}"]}, r"argv must say where to read: \{input\}"),
        (
            {"argv": ["sox", "{input:a}", "{output}"], "inputs": {"a": "x"}},
            r"must say where to read: \{input\}",
        ),
        ({"argv": ["sox", "{input}"]}, r"argv must say where to write: \{output\}"),
        ({"argv": [*COPY, "{inptu}"]}, r"must use only \{input\}, \{output\}, \{rate\}"),
        ({"argv": [*COPY, "{input:a}"]}, r"argv uses \{input:a\}, which is not among the inputs"),
        ({"argv": COPY, "latency_samples": -1}, "greater than or equal to 0"),
    ],
)
def test_mistakes(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(Insert).validate_python(keys)
