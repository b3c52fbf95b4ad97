"""Programs that make or change sound: how they are written in a song, and how they are run, watched and bounded."""

from stemwright.audio.programs.arguments import argument
from stemwright.audio.programs.program import Program
from stemwright.audio.programs.supervisor import Supervisor

__all__ = ["Program", "Supervisor", "argument"]
