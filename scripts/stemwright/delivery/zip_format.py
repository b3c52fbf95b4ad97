"""Records and constants of the zip format, shared by the reader and the writer.

Source: PKWARE APPNOTE 6.3.10, whose section numbers are given.
"""

from __future__ import annotations

import struct

LOCAL = struct.Struct("<4s3H4L2H")  # 4.3.7, signature PK 3 4
CENTRAL = struct.Struct("<4s4H4L5H2L")  # 4.3.12, PK 1 2
END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14, PK 6 6
LOCATOR = struct.Struct("<4sLQL")  # 4.3.15, PK 6 7
END = struct.Struct("<4s4H2LH")  # 4.3.16, PK 5 6
WIDE16, WIDE32 = 0xFFFF, 0xFFFFFFFF  # in place of a value that is in the zip64 record
ZIP64 = 1  # the id of the zip64 extra field (4.5.3)
UTF8 = 1 << 11  # the flag for a name in UTF-8 (4.4.4)
STORE, DEFLATE = 0, 8  # compression methods (4.4.5)
TIME = 0x0021_0000
"""1980-01-01 00:00:00, the earliest time in the format, as DOS date and time."""
