"""Plug-ins of pedalboard's own in the place of VST3s that misbehave."""

import pedalboard

from stemwright.effects.vst3 import Vst3


class StandIn:
    """A brick-wall limiter that is late, as VST3s may be, with parameters that are checked as pedalboard does."""

    name = "Two"
    is_effect = True
    parameters = {"ceiling_db": (-24.0, 0.0), "release_ms": (1.0, 1_000.0)}  # noqa: RUF012 (as pedalboard has it)
    reported_latency_samples = 240

    def __init__(self):
        self.__dict__["plugin"] = pedalboard.BrickwallLimiter(-6)

    def __setattr__(self, name, value):
        low, high = self.parameters[name]
        if not low <= value <= high:
            raise ValueError(
                f"Value received for parameter '{name}' ({value})\nis out of range [{low}, {high}]"
            )
        setattr(self.plugin, name, value)

    def load_preset(self, path):
        with open(path) as file:
            self.ceiling_db = float(file.read())

    def reset(self):
        self.plugin.reset()

    def process(self, samples, rate, *, reset):
        return self.plugin.process(samples, rate, reset=reset)


def run_here(monkeypatch):
    """Run VST3s in this process, where their loading can be replaced."""
    monkeypatch.setattr(Vst3, "process", Vst3.process_here)
