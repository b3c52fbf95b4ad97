"""Gates: checks that a file must pass before anything is built from it. Each gate is one module.

A gate is a frozen dataclass whose fields are its limits in YAML. It names the stages whose artifacts it judges and the
meters that it needs. `measure` reads the file once for the meters of all gates, then each gate judges their results. A
measurement that cannot be made is a failure, or a skip with a reason, but never a pass.
"""

from stemwright.gates._base import AUDIO_STAGES, STAGES, Check, Gate, Subject
from stemwright.gates._verify import Verdict, format_line, format_table, make, verify

__all__ = [
    "AUDIO_STAGES",
    "STAGES",
    "Check",
    "Gate",
    "Subject",
    "Verdict",
    "format_line",
    "format_table",
    "make",
    "verify",
]
