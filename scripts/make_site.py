"""Writes the documents as a site with search, `site/index.html`: `make site`. To search it, serve it:
`python -m http.server --directory site`.

README, docs/ and the READMEs of examples/ link to each other by relative paths, so the site has their layout. A link
to nowhere fails.
"""

import argparse
import logging
import re
import shutil
import tempfile
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("*.md", "docs/**/*.md", "examples/*/README.md")
LINK = re.compile(r"\]\(([^)#:\s]+)(?=[)#])")


def stage(to: Path) -> None:
    """Copy all documents, and the files that they link to."""
    documents = [file for pattern in DOCUMENTS for file in sorted(ROOT.glob(pattern))]
    linked = {
        (document.parent / link).resolve()
        for document in documents
        for link in LINK.findall(document.read_text(encoding="utf-8"))
    }
    for file in filter(Path.is_file, {*documents, *linked}):
        copy = to / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def main() -> None:
    """Stage and build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "site", help="the folder of the site")
    args = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    with tempfile.TemporaryDirectory() as staged:
        stage(Path(staged))
        build(
            load_config(
                str(ROOT / "docs/site.yml"), docs_dir=staged, site_dir=str(args.to.resolve()), strict=True
            )
        )


if __name__ == "__main__":
    main()
