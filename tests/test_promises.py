"""The visible names promised in e2e/README.md stand on their pages."""

import re
from pathlib import Path

import pytest

from tests.kit.browser import words

README = Path(__file__).parent.parent / "e2e" / "README.md"
ROWS = [
    tuple(part.strip() for part in line.strip("|").split("|"))
    for line in README.read_text("utf-8").splitlines()
    if re.match(r"\| /", line)
]
FOUND = {
    "heading": "h1, h2, h3",
    "link": "a[href]",
    "button": "button",
    "textbox": "label",
    "checkbox": "label",
    "radio": "label",
}


@pytest.mark.parametrize(("path", "role", "name"), ROWS)
def test_a_promised_name_is_on_its_page(path, role, name, browser, enter):
    if path.startswith("/staff"):
        browser = enter("maria")
    elif path not in ("/login", "/register", "/recover", "/login/code"):
        from tests.kit import cast

        browser = enter(cast.ANNA)
    page = browser.get(path)
    assert page.path == path.split("?")[0]
    names = [words("".join(one.itertext())) for one in page.tree.cssselect(FOUND[role])]
    assert any(one.startswith(name) for one in names), names
