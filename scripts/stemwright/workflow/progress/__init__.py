"""How a run is shown on the screen while it goes on, summed up at its end, and recorded for machines and pages."""
