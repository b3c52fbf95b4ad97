"""Tables: what a cell means, where it stands, and what is no table."""

import datetime
import math

import pytest

from stemwright.validation.problems import InvalidFileError
from stemwright.validation.tables import read_table


@pytest.fixture
def table(tmp_path, monkeypatch):
    """`table(text)` is a table read from a file of this content."""
    monkeypatch.chdir(tmp_path)

    def read(text, file="t.csv"):
        (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_table(file)

    return read


def test_cells_are_read_as_unquoted_yaml_and_as_the_text_that_is_written(table):
    header, cells = "a,b,c,d,e,f,g", '007, 1.50 ,true,null,1:30,"x, ""y""",$b'
    (row,) = table(f"\ufeff{header}\r\n{cells}\r\n").rows
    assert [row.value(c) for c in "abcdefg"] == [7, 1.5, True, None, "1:30", 'x, "y"', "$b"]
    assert [row.text(c) for c in "abcdefg"] == ["007", "1.50", "true", "null", "1:30", 'x, "y"', "$b"]


def test_lines_are_those_of_the_file(table):
    found = table('name\ttext\n\nx\t"two\nlines"\n \t \n\ny\t\n', "t.tsv")
    assert [(row.number, row.line, dict(row.cells)) for row in found.rows] == [
        (1, 3, {"name": "x", "text": "two\nlines"}),
        (2, 7, {"name": "y"}),
    ]
    assert found.rows[1].place == "t.tsv:7"


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "t.csv: is empty: its first line must name the columns"),
        ("a,b\n", "t.csv:1: has no rows"),
        (
            "a,b\n\n1,2,3\n",
            "t.csv:3: has 3 values, but there are 2 columns: a value with a comma in it must be in",
        ),
        ("a,,b\n1,2,3\n", "t.csv:1: column 2 must have a name, without control characters (is '')"),
        (
            "a,b\u202e\n1,2\n",
            "t.csv:1: column 2 must have a name, without control characters (is 'b\\u202e')",
        ),
        ("a,b,a\n1,2,3\n", "t.csv:1: a: is the name of two columns"),
        ('a\n"x"y\n', "t.csv:2: cannot be read: ',' expected after '\"'"),
        ('a\n"x\n', "t.csv:2: cannot be read: unexpected end of data"),
        ("a\nx\ny\0z\n", "t.csv:3: a: must be text without control characters (has '\\x00')"),
        ("a\nx\u202e\n", "t.csv:2: a: must be text without control characters (has '\\u202e')"),
        (b"a\n\xff\n", "t.csv:2: is not UTF-8 (byte 0xff): save the file as UTF-8"),
        ("a\n" + "x" * 200_000, "t.csv:2: cannot be read: field larger than field limit"),
    ],
)
def test_what_is_no_table(table, text, says):
    with pytest.raises(InvalidFileError) as caught:
        table(text)
    assert str(caught.value).startswith(says)


def test_a_table_that_is_too_long(table, monkeypatch):
    monkeypatch.setattr("stemwright.validation.tables._MAX_ROWS", 2)
    assert len(table("a\n1\n2\n").rows) == 2
    with pytest.raises(InvalidFileError, match=r"^t\.csv: has more than 2 rows"):
        table("a\n1\n2\n3\n")


@pytest.mark.parametrize(
    "file, says", [("t.xlsx", "must end in .csv, .tsv, .parquet"), ("no.csv", "is missing")]
)
def test_a_file_that_is_not_read(tmp_path, monkeypatch, file, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidFileError, match=says):
        read_table(file)


def test_without_pyarrow_the_remedy_is_told(table, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(
        InvalidFileError, match=r"^t\.parquet: to read Parquet, pyarrow is needed.*: pip install"
    ):
        table(b"PAR1", "t.parquet")


def test_parquet_has_types_of_its_own(table, tmp_path):
    """Written by pyarrow itself."""
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "n": pa.array([1, None], pa.int16()),
        "x": pa.array([0.5, math.nan], pa.float32()),
        "text": pa.array(["007", "a\0"]).dictionary_encode(),
        "yes": [True, False],
        "day": [datetime.date(2024, 5, 1), None],
        "list": [[1.0, 2.0], None],
    }
    parquet.write_table(pa.table(columns).slice(0, 1), tmp_path / "t.parquet")
    (row,) = read_table("t.parquet").rows
    assert {c: row.value(c) for c in columns} == {
        **{"n": 1, "x": 0.5, "text": "007", "yes": True, "day": "2024-05-01", "list": [1.0, 2.0]}
    }
    assert [row.text(c) for c in ("n", "x", "text", "yes")] == ["1", "0.5", "007", "true"]
    with pytest.raises(ValueError, match="can only stand alone"):
        row.text("list")
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    with pytest.raises(InvalidFileError, match=r"^t\.parquet: row 2\.text: must be text without control"):
        read_table("t.parquet")
    parquet.write_table(pa.table({"b": pa.array([b"x"])}), tmp_path / "t.parquet")
    with pytest.raises(
        InvalidFileError, match=r"row 1\.b: must be a number, text, a boolean or a date \(is bytes\)"
    ):
        read_table("t.parquet")
    with pytest.raises(InvalidFileError, match=r"^t\.parquet: cannot be read as Parquet: "):
        table(b"PAR1PAR1", "t.parquet")
