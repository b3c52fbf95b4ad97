"""What the job of a page depends on besides its code: each file that its template is put together of."""

import pytest

from stemwright.pages import files

PARTS = (
    *(("templates", f"{name}.html") for name in ("base", "song", "player", "player_scripts", "checks")),
    *(("assets", f"{name}.css") for name in ("page", "song", "player")),
    *(("assets", f"{name}.js") for name in ("page", "song", "figures", "drawing", "desk", "voice", "sounds")),
)


@pytest.fixture
def digest(monkeypatch):
    """`digest(folder, name)`: that of a song's page, if this file had one more line."""
    read = files.read

    def of(*changed):
        monkeypatch.setattr(files, "read", lambda *file: read(*file) + "\n" * (file == changed))
        return files.digest_of_template.__wrapped__("song.html")

    return of


def test_an_edit_of_any_part_of_a_page_is_a_reason_to_write_it_again(digest):
    digests = [digest(*part) for part in (*PARTS, (), ("assets", "diff.css"), ("templates", "index.html"))]
    assert len(set(digests[: len(PARTS) + 1])) == len(PARTS) + 1
    assert digests[-1] == digests[-2] == digests[-3]  # other pages are none
