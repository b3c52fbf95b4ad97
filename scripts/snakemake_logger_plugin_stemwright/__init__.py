"""The logger plug-in `stemwright` of Snakemake: `snakemake --logger stemwright`.

Snakemake finds it by the name of this package, wherever Stemwright is installed, and imports it at each of its starts:
so it imports nothing of Stemwright (a clone is to run on its own library). It writes what Snakemake itself would, until
a workflow that contains Stemwright's rules takes over (`stemwright.workflow.progress`). Such a workflow does so without
the plug-in, too, unless it uses them as a module: there, this option is the way to choose it.
"""

from __future__ import annotations

import logging
import sys

from snakemake.logging import ColorizingTextHandler
from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Snakemake's own handler for the screen, until it gives way."""

    def __post_init__(self) -> None:
        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self._own = ColorizingTextHandler(nocolor=self.common_settings.nocolor, stream=stream)
        self._gave_way_at = float("inf")

    def give_way_to_stemwright(self) -> ColorizingTextHandler:
        """Be silent about what is logged from now on. Returns the handler that has written until now."""
        self._own.setFormatter(self.formatter)
        self._own.filters = list(self.filters)
        self._gave_way_at = logging.LogRecord("", 0, "", 0, "", None, None).created
        return self._own

    def emit(self, record: logging.LogRecord) -> None:
        """Write what was logged before."""
        if record.created < self._gave_way_at:
            self._own.setFormatter(self.formatter)
            self._own.emit(record)

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return False

    @property
    def has_formatter(self) -> bool:
        return False

    @property
    def needs_rulegraph(self) -> bool:
        return False
