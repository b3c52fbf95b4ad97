"""Records of what jobs produced: what an archive says that its files were made from is what their jobs have read."""

from __future__ import annotations

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.records.account import Account
from stemwright.records.produced import check_accounts, write_produced


def test_a_file_that_a_job_has_read_otherwise_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bass.wav").write_bytes(b"")
    write_produced(
        "bass.wav.made", ["bass.wav"], Account("asked", {"take.wav": "1" * 64, "hall.wav": "2" * 64})
    )
    check_accounts(["bass.wav.made"], {"take.wav": "1" * 64, "other.wav": "3" * 64})
    with pytest.raises(
        StemwrightError, match=r"^hall\.wav: has changed since bass\.wav was made from it; run "
    ):
        check_accounts(["bass.wav.made"], {"take.wav": "1" * 64, "hall.wav": "3" * 64})
