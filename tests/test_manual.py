"""The manual's table is true: every sentence names a story that exists, and no story stands without a
sentence.
"""

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).parent.parent
ROW = re.compile(r"^\| ([\d.]+) \| (.+?) \| (test_\w+) \|$", re.M)


def rows() -> list[tuple[str, str, str]]:
    return ROW.findall((HOUSE / "docs" / "manual.md").read_text("utf-8"))


def stories() -> set[str]:
    paths = sorted((HOUSE / "e2e").glob("test_manual*.py"))
    nodes = [node for path in paths for node in ast.parse(path.read_text("utf-8")).body]
    return {
        node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_sentence_has_a_story_that_exists():
    assert len(rows()) >= 40
    assert not {story for _, _, story in rows()} - stories()


def test_every_story_follows_some_sentence():
    told = {story for _, _, story in rows()}
    assert not stories() - told


def test_no_number_stands_twice_and_every_section_is_there():
    numbers = [number for number, _, _ in rows()]
    assert len(numbers) == len(set(numbers))
    sections = {"1", "2", *(f"3.{n}" for n in range(8))}
    assert {re.match(r"3\.\d|\d", number)[0] for number in numbers} == sections
