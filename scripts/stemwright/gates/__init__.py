"""Gates: what a file must be before anything is built on it; one file a gate.

A gate is a frozen dataclass whose fields are its limits in YAML. It names the kinds of artifact it
applies to and the meters it needs; `measure` runs all meters of all gates over the file once, and
then each gate judges. A measurement that cannot be made is a failure or a skip with a reason, never a pass.
"""

from stemwright.gates._base import AUDIO_STAGES, STAGES, Check, Gate, Subject
from stemwright.gates._verify import Verdict, line, make, table, verify

__all__ = ["AUDIO_STAGES", "STAGES", "Check", "Gate", "Subject", "Verdict", "line", "make", "table", "verify"]
