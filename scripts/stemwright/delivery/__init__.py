"""Delivery: what leaves the house. A zip of the delivered files, and three texts that say what they are."""

from stemwright.delivery.manifest import manifest, readme, sha256sums
from stemwright.delivery.zip_writer import Member, write_zip

__all__ = ["Member", "manifest", "readme", "sha256sums", "write_zip"]
