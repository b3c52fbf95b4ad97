"""Delivery: the zip archive of the delivered files, and the three texts that describe them."""

from stemwright.delivery.manifest import manifest, readme, sha256sums
from stemwright.delivery.zip_writer import Member, write_zip

__all__ = ["Member", "manifest", "readme", "sha256sums", "write_zip"]
