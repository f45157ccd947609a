"""CSV to take away: no cell of it runs as a formula, and an empty one stays empty."""

import ast
from pathlib import Path

import pytest

from rules import csv_tables

HOUSE = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "text", ["=1+1", "+79211234567", "-1+2", "@x", "\t=", "\r=1", "\n=1", "＝1+1", "-cmd|' /C calc'!A0"]
)
def test_a_spreadsheet_sees_no_formula(text):
    assert csv_tables.cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", ""),
        (None, ""),
        ("Иванова", "Иванова"),
        (12, "12"),
        ("-1 234,56", "-1 234,56"),
        ("-90\u00a0000,00", "-90\u00a0000,00"),
        ("а=б", "а=б"),
    ],
)
def test_an_empty_cell_a_word_and_a_sum_stay_as_they_are(value, told):
    assert csv_tables.cell(value) == told


def test_a_table_is_what_spreadsheets_here_open():
    body = csv_tables.file(["а", "б"], [["1;2", None], ["=x", 3]])
    assert body == '\ufeffа;б\r\n"1;2";\r\n\'=x;3\r\n'.encode() and csv_tables.line(["=x", ""]) == "'=x;\r\n"


def test_nothing_else_writes_csv():
    """A writer of its own would be a writer without the guard. The demonstration writes files for its own
    import.
    """
    rooms = [
        path
        for room in ("db", "routes", "web", "commands", "rules", "papers", "gateways", "monitor")
        for path in (HOUSE / room).rglob("*.py")
    ]
    writers = {
        str(path.relative_to(HOUSE))
        for path in rooms
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("writer", "DictWriter")
        and isinstance(node.value, ast.Name)
        and node.value.id == "csv"
    }
    assert writers == {"rules/csv_tables.py", "commands/demo/papers.py"}
