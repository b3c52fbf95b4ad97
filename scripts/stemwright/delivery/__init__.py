"""Delivery: what leaves the house. A zip of the delivered files, and three texts that say what they are."""

from stemwright.delivery.archive import Member, write_zip
from stemwright.delivery.manifest import manifest, readme, sha256sums

__all__ = ["Member", "manifest", "readme", "sha256sums", "write_zip"]
