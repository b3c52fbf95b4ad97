"""Tables: rows of values by the names of their columns, from CSV, TSV or Parquet, each with the place where it stands.

In CSV and TSV (RFC 4180, UTF-8), the first line names the columns. A cell is read as an unquoted value of our YAML is:
`120` is a number, `true` a boolean, `null` nothing, and all else text; as text it is what is written, `007` too. Spaces
around it do not count, and lines without a value are left out. A column of Parquet has a type of its own.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Any

from stemwright.validation import yaml
from stemwright.validation.names import find_control
from stemwright.validation.problems import InvalidFileError, Problem

_MAX_BYTES, _MAX_ROWS = 100_000_000, 200_000
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_NAMES = {",": "a comma", "\t": "a tab"}
_PARQUET = ".parquet"
ENDINGS = (*_SEPARATORS, _PARQUET)
"""The endings of files that are tables."""


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    file : str
        The file of the table.
    number : int
        Its number, from 1, without the names of columns.
    line : int or None
        The line in which it begins; None in a file that has no lines.
    cells : mapping of str to object
        By column, what is in the file: text in CSV, values in Parquet. A column without a value is not in it.
    """

    file: str
    number: int
    line: int | None
    cells: Mapping[str, Any]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"row {self.number} of {self.file}" if self.line is None else f"{self.file}:{self.line}"

    def value(self, column: str) -> Any:
        """What a cell means: a number, a boolean, text, None; in Parquet also a list, or keys and values."""
        cell = self.cells[column]
        return cell if self.line is None else yaml.parse_scalar(cell)

    def text(self, column: str) -> str:
        """A cell as text. Raises ValueError for a list, and for keys and values."""
        cell = self.cells[column]
        if isinstance(cell, (list, dict)):
            raise ValueError("is a list, or keys and values, and can only stand alone")
        if isinstance(cell, bool):
            return str(cell).lower()
        return f"{cell:.15g}" if isinstance(cell, float) else str(cell)

    def problem(self, column: str, message: str) -> Problem:
        """A problem in a column of this row."""
        path = (column,) if self.line is not None else (f"row {self.number}", column)
        return Problem(self.file, self.line, path, message)


@dataclass(frozen=True)
class Table:
    """A table: its file, the names of its columns, and its rows."""

    file: str
    columns: Sequence[str]
    rows: Sequence[Row]

    @cached_property
    def has_lines(self) -> bool:
        """Whether its file has lines."""
        return Path(self.file).suffix.lower() in _SEPARATORS

    def problem(self, message: str, column: str = "") -> Problem:
        """A problem of the table as a whole, or of a column."""
        return Problem(self.file, 1 if self.has_lines else None, (column,) if column else (), message)


def read_table(file: str) -> Table:
    """Read a table. Raises InvalidFileError, with file and line, for what is none."""
    ending = Path(file).suffix.lower()
    if ending not in ENDINGS:
        raise _invalid(file, None, f"must end in {', '.join(ENDINGS)}")
    table = _read_parquet(file) if ending == _PARQUET else _read_text(file, _SEPARATORS[ending])
    for index, column in enumerate(table.columns, 1):
        if not column or find_control(column):
            message = f"column {index} must have a name, without control characters (is {column!r:.80})"
            raise InvalidFileError([table.problem(message)])
        if column in table.columns[: index - 1]:
            raise InvalidFileError([table.problem("is the name of two columns", column)])
    if not table.rows:
        raise InvalidFileError([table.problem("has no rows")])
    return table


def _invalid(file: str, line: int | None, message: str) -> InvalidFileError:
    return InvalidFileError([Problem(file, line, (), message)])


def _read_text(file: str, separator: str) -> Table:
    text = yaml.read_text(file, _MAX_BYTES).removeprefix("\ufeff")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    is_plain = text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable()
    columns: list[str] = []
    rows: list[Row] = []
    for line, written in _numbered(lines, file):
        cells = [cell.strip() for cell in written]
        if not any(cells):
            continue
        if not columns:
            columns = cells
            continue
        if len(cells) != len(columns):
            found = f"has {len(cells)} values, but there are {len(columns)} columns"
            raise _invalid(file, line, f"{found}: a value with {_NAMES[separator]} in it must be in quotes")
        row = Row(file, len(rows) + 1, line, {c: v for c, v in zip(columns, cells, strict=True) if v})
        if not is_plain:
            _check_texts(row)
        rows.append(row)
    if len(rows) > _MAX_ROWS:
        raise _too_long(file)
    if not columns:
        raise _invalid(file, None, "is empty: its first line must name the columns")
    return Table(file, columns, rows)


def _numbered(lines: Any, file: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV reader, each with the number of the line in which it begins."""
    while True:
        line = lines.line_num + 1
        try:
            yield line, next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise _invalid(file, line, f"cannot be read: {error}") from None


def _check_texts(row: Row) -> None:
    for column, cell in row.cells.items():
        if isinstance(cell, str) and not cell.isprintable() and (sign := find_control(cell, "\n\r\t")):
            message = f"must be text without control characters (has {sign!r})"
            raise InvalidFileError([row.problem(column, message)])


def _too_long(file: str) -> InvalidFileError:
    return _invalid(file, None, f"has more than {_MAX_ROWS:,} rows")


def _read_parquet(file: str) -> Table:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError:
        remedy = "pip install pyarrow, or save it as CSV"
        raise _invalid(
            file, None, f"to read Parquet, pyarrow is needed, which is not installed: {remedy}"
        ) from None
    if not Path(file).is_file():
        raise _invalid(file, None, "is missing, or not a regular file")
    try:
        with parquet.ParquetFile(file) as opened:
            if opened.metadata.num_rows > _MAX_ROWS:
                raise _too_long(file)
            columns = list(opened.schema_arrow.names)
            found = opened.read().to_pylist() if len(set(columns)) == len(columns) else []
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _invalid(
            file, None, f"cannot be read as Parquet: {' '.join(str(error).split()):.200}"
        ) from None
    rows = []
    for number, cells in enumerate(found, 1):
        row = Row(file, number, None, {})
        plain = {column: _plain(cell, row, column) for column, cell in cells.items()}
        rows.append(Row(file, number, None, {c: value for c, value in plain.items() if value is not None}))
        _check_texts(rows[-1])
    return Table(file, columns, rows)


def _plain(cell: Any, row: Row, column: str) -> Any:
    """A value of Parquet as YAML could have it; None for none, such as NaN. Raises InvalidFileError for another."""
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, list):
        return [_plain(each, row, column) for each in cell]
    if isinstance(cell, dict):
        return {str(key): _plain(each, row, column) for key, each in cell.items()}
    if cell is None or isinstance(cell, (bool, int, float, str)):
        return cell
    message = f"must be a number, text, a boolean or a date (is {type(cell).__name__})"
    raise InvalidFileError([row.problem(column, message)])
