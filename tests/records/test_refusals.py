"""The ledger of refusals: one line each, whatever happened to the line before."""

from __future__ import annotations

import json

import pytest

from stemwright.records.paths import ledger_of
from stemwright.records.refusals import record_refusal, refusal_count


@pytest.mark.parametrize(
    "song", ["tune", "stems", "mix", "master", "delivery", "timeline", "build", "refused"]
)
@pytest.mark.parametrize("results", ["build", "some/where", "/srv/out", "build/"])
@pytest.mark.parametrize(
    "artifact, ledger",
    [
        ("timeline.json", "timeline/timeline.json.jsonl"),
        ("reference/reference.wav", "reference/reference.wav.jsonl"),
        ("stems/bass.wav", "stems/bass.wav.jsonl"),
        ("processed/bass.wav", "processed/bass.wav.jsonl"),
        ("mix/mix.wav", "mix/mix.wav.jsonl"),
        ("master/master.wav", "master/master.wav.jsonl"),
        ("delivery/Tune - bass.flac", "delivery/Tune - bass.flac.jsonl"),
        ("{song}.zip", "archive/{song}.zip.jsonl"),
    ],
)
def test_where_refusals_are_kept(results, song, artifact, ledger):
    home = f"{results.rstrip('/')}/{song}"
    stage = {"timeline.json": "timeline", "{song}.zip": "archive"}.get(artifact, "of a folder")
    path = ledger_of(home, stage, artifact.format(song=song))
    assert path == f"{home}/refused/{ledger.format(song=song)}"


def test_refusals_are_counted_and_kept_in_order(tmp_path):
    ledger = tmp_path / "refused" / "stems" / "bass.wav.jsonl"
    assert refusal_count(ledger) == 0
    for count in range(1, 4):
        record_refusal(
            ledger, {"artifact": "bass.wav", "checks": [], "n": count, "text": "a line\nand „another“"}
        )
        assert refusal_count(ledger) == count
    records = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    assert [record["n"] for record in records] == [1, 2, 3]
    assert records[0]["text"] == "a line\nand „another“"


@pytest.mark.parametrize("cut", [1, 10, 30])
def test_a_line_cut_short_does_not_count_and_spoils_no_other(tmp_path, cut):
    ledger = tmp_path / "a.jsonl"
    for n in (1, 2):
        record_refusal(ledger, {"n": n, "checks": ["x" * 40]})
    ledger.write_bytes(ledger.read_bytes()[:-cut])
    assert refusal_count(ledger) == 1
    record_refusal(ledger, {"n": 3})
    assert refusal_count(ledger) > 1  # so the artifact is stale again
    assert json.loads(ledger.read_text().splitlines()[-1]) == {"n": 3}
    assert json.loads(ledger.read_text().splitlines()[0])["n"] == 1


def test_an_empty_ledger(tmp_path):
    ledger = tmp_path / "a.jsonl"
    ledger.touch()
    assert refusal_count(ledger) == 0
    record_refusal(ledger, {"n": 1})
    assert ledger.read_text() == '{"n": 1}\n'


def test_a_full_disk(tmp_path, room):
    ledger = tmp_path / "a.jsonl"
    record_refusal(ledger, {"n": 1})
    with pytest.raises(OSError, match=f"File too large: '{ledger}'"), room(20):
        record_refusal(ledger, {"n": 2, "checks": ["x" * 40]})
    assert refusal_count(ledger) == 1
    record_refusal(ledger, {"n": 3})
    assert refusal_count(ledger) == 3  # the line cut short is one more: the artifact is stale anyhow
