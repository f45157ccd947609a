"""The cabinet in lynx, by keys alone, for those who have no other browser: in by contract number, about, and out."""

import os
import shutil
import subprocess

import pytest
from sqlmodel import Session

from db import access, contracts, passwords, writing
from tests import cast

PASSWORD = "four boats under a bridge"


@pytest.fixture
def javascript():
    return False


def keys(*parts: str) -> str:
    """A lynx command script: names in angle brackets are keys, the rest is typed."""
    lines = []
    for part in parts:
        if part.startswith("<"):
            lines.append("key " + part.strip("<>"))
        else:
            lines += ["key <space>" if sign == " " else f"key {sign}" for sign in part]
    return "\n".join(lines) + "\n"


def walk(house, tmp_path, *parts: str, start: str = "/login") -> str:
    """What lynx shows at the end of these keys, as it saves the page to a file."""
    assert shutil.which("lynx"), "apt-get install lynx"
    saved, script = tmp_path / "page.txt", tmp_path / "keys"
    saved.unlink(missing_ok=True)
    script.write_text(keys(*parts, "p", "<^J>", "<^U>", str(saved), "<^J>", "Q", "y"))
    subprocess.run(
        ["lynx", "-accept_all_cookies", "-assume_charset=utf-8", "-display_charset=utf-8", "-width=200",
         f"-cmd_script={script}", house.url + start],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "vt100", "HOME": str(tmp_path)},
    )  # fmt: skip
    return " ".join(saved.read_text("utf-8", errors="replace").split())


def sign_in_keys() -> tuple[str, ...]:
    return ("<Down Arrow>",) * 5 + (str(cast.ANNA), "<Down Arrow>", PASSWORD, "<Down Arrow>", "<^J>")


@pytest.fixture
def ascii_password(house):
    """lynx scripts keys, and keys are Latin."""
    with Session(house.engine) as db, writing(db):
        anna = contracts.numbered(db, cast.ANNA)[1]
        access.settle(db, anna.id, "password", passwords.hashed(PASSWORD), house.app.state.clock.now())


def test_a_subscriber_enters_and_sees_contract_and_balance(house, tmp_path, ascii_password):
    page = walk(house, tmp_path, *sign_in_keys())
    assert "Соколова Анна Игоревна" in page
    assert "78 000 001" in page
    assert "Баланс" in page and "₽" in page


def test_a_wrong_password_is_told_in_words(house, tmp_path):
    page = walk(house, tmp_path, *sign_in_keys())
    assert "Номер договора и пароль не подошли друг к другу" in page


def test_the_entry_reads_well_in_w3m(house):
    page = subprocess.run(["w3m", "-dump", house.url + "/login"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert page.index("Вход") < page.index("Номер договора") < page.index("Пароль") < page.index("Забыли пароль?")
