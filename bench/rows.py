"""What a benchmark has found: rows of a table, each a ratio of two commands that ran in turn."""

from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """Ours beside theirs: medians of as many runs. Without theirs, a figure alone; with neither, why there is none."""

    name: str
    against: str = ""
    ours: float | None = None
    theirs: float | None = None
    unit: str = "s"
    runs: int = 1
    goal: float | None = None
    note: str = ""

    @classmethod
    def of(cls, name, against, ours, theirs, **keys):
        return cls(name, against, median(ours), median(theirs), runs=len(ours), **keys)

    @property
    def ratio(self):
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    def cells(self):
        """The row as texts: name, against, ours, theirs, ratio, goal, runs."""

        def figure(value, unit=""):
            return "" if value is None else f"{value:.3g}{unit}" if value < 100 else f"{value:.0f}{unit}"

        unit = f" {self.unit}"
        both = [figure(value, unit) for value in (self.ours, self.theirs)]
        runs = "" if self.ours is None else str(self.runs)
        return [self.name, self.against, *both, self.note or figure(self.ratio), figure(self.goal), runs]

    def as_json(self):
        return {**asdict(self), "ratio": self.ratio}

    @classmethod
    def from_json(cls, data):
        return cls(**{key: value for key, value in data.items() if key != "ratio"})


HEAD = ["what", "against", "ours", "theirs", "ratio", "goal", "runs"]


def as_text(rows):
    """A table for a terminal."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def as_markdown(rows):
    """A table for a document."""
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
