"""Delivery: the zip archive of the delivered files, and the texts that describe them."""

from stemwright.delivery.client_readme import readme
from stemwright.delivery.manifest import chapters, manifest, manifest_text, sha256sums
from stemwright.delivery.zip_writer import Member, write_zip

__all__ = ["Member", "chapters", "manifest", "manifest_text", "readme", "sha256sums", "write_zip"]
