"""Rule pack_archive: the delivery files with manifest, checksums and a README for the client, in one zip."""

from stemwright.delivery import manifest, readme, sha256sums, write_zip
from stemwright.files import json_text, read_json
from stemwright.job import job

with job(snakemake) as spec:
    raise NotImplementedError
