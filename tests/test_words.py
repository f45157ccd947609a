"""Words for people are made by rules, from values: db keeps rows and queries."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Modules of db/ whose job it is to make words: {module: why}. Everywhere else words for people are made by
# rules, from values.
MAKES_WORDS = {
    "backups": "its exception tells the operator what is wrong with a file",
    "export_contents": "the files of an export of one's own data: a letter and the headers of a table",
    "sealed_columns": "the names of what is sealed, listed beside the columns",
    "registry.contracts": "the report of an import",
    "registry.keys": "the report of an import",
    "requests.blanks": "the names of the blanks' own fields, as texts/blanks/ has them",
    "requests.canned_answers": "the rows that a new cabinet begins with",
}
RUSSIAN = re.compile(r"[а-яё]", re.I)
ADDRESS = re.compile(r"/[a-z]+|https?:", re.I)
MARKUP = re.compile(r"</?[a-z]+[ >]|&[a-z]+;", re.I)


def words_for_people(tree: ast.AST) -> list[str]:
    """String constants that a person could read: Russian, an address or markup; not docstrings, and not the
    descriptions of columns, which are for whoever reads the schema.
    """
    apart = {
        id(keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "description" and ast.unparse(node.func) == "Field"
    }
    apart |= {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart
        if RUSSIAN.search(node.value) or ADDRESS.match(node.value) or MARKUP.search(node.value)
    ]


def test_no_words_for_people_are_made_in_db():
    """Nor icons or addresses of pages: rules word, routes and partials address and draw."""
    made = {}
    for path in sorted((ROOT / "db").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT / "db").with_suffix("").parts)
        if not name.startswith("migrations.") and (
            found := words_for_people(ast.parse(path.read_text("utf-8")))
        ):
            made[name] = found
    wrong = {name: found for name, found in made.items() if name not in MAKES_WORDS}
    assert not wrong
    assert MAKES_WORDS.keys() == made.keys(), "a module that makes no words any more leaves the list"


@pytest.mark.parametrize(
    "code",
    [
        'words = "Не вышло"',
        'words = f"На счёте {sum}"',
        'raise Refused(form="ё")',
        'f"{origin}/payments/{id}"',
        'page = "/inbox"',
        'icon = "<svg class=icon>"',
        'Column(description="Номер")',
    ],
)
def test_words_for_people_are_found(code):
    assert words_for_people(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        '"""Сумма."""',
        'def f():\n    """Сумма."""',
        'Field(description="ФД")',
        'f"subscriber:{a}/{b}"',
        'kind = "refund"',
    ],
)
def test_docstrings_columns_and_identifiers_are_not_words_for_people(code):
    assert not words_for_people(ast.parse(code))
