"""Settings for real people: what an operator copies from deploy/env.example, what refuses to start, and what
is only doubtful.
"""

import json
import os
import re
import subprocess
import sys

import pytest
from pydantic import ValidationError

from rules import production_checks as rule
from settings import DEMO_SECRET, Settings
from tests.kit import production
from tests.kit.process import ROOT, litestar

GOOD_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
DEMO_KEY = Settings.model_fields["attachment_keys"].default[0]


def default(name: str):
    return Settings.model_fields[name].default


def said(**change) -> list[str]:
    """The names of what these settings are refused for."""
    with pytest.raises(ValidationError) as wrong:
        production.settings(**change)
    return re.findall(r"CABINET_\w+(?=: )", str(wrong.value))


def test_the_example_holds_every_setting_once_and_no_other():
    names = [name for _, name, _ in production.lines()]
    assert sorted(names) == sorted(f"CABINET_{name.upper()}" for name in Settings.model_fields)


def test_what_the_example_leaves_out_says_the_default():
    for on, name, value in production.lines():
        field = default(name.removeprefix("CABINET_").lower())
        if not on and name != "CABINET_METRICS_PORT":  # there only 0 has a sense; each service names its own
            shown = json.dumps(field, ensure_ascii=False) if not isinstance(field, str) else field
            assert value == shown, name


def test_the_example_stands_in_blocks_from_what_must_be_to_what_need_not():
    text = production.EXAMPLE.read_text("utf-8")
    heads = re.findall(r"^# ── \d\. ([^:\n]+?)(?::| ─)", text, re.M)
    assert heads == [
        "Обязательное",
        "Деньги",
        "Сообщения",
        "Пульт",
        "Лицо",
        "Пределы и сроки",
        "Машина",
        "Только демонстрация",
    ]


def test_the_example_itself_starts_nothing_and_names_every_blank(settings, tmp_path):
    """As a process, by the file as it is: each blank a line, exit 2, nothing made."""
    asked = {name: value for on, name, value in production.lines() if on} | {
        "CABINET_DATABASE": str(tmp_path / "x" / "c.sqlite")
    }
    asked["CABINET_RECEIPTS"] = (
        ""  # a word that is none of the choices is refused even before the rest is read
    )
    mine = {name: value for name, value in os.environ.items() if not name.startswith("CABINET_")}
    done = subprocess.run(
        litestar("check"), env=mine | asked, cwd=ROOT, capture_output=True, text=True, check=False
    )
    blanks = {name for on, name, value in production.lines() if on and rule.PLACEHOLDER in value}
    assert done.returncode == 2 and len(blanks) >= 9
    assert {line.partition(":")[0] for line in done.stderr.splitlines()} >= blanks
    assert "Traceback" not in done.stderr and not (tmp_path / "x").exists()


def test_the_example_filled_in_is_a_cabinet_for_real_people():
    own = production.settings()
    assert (
        not own.demo
        and own.secure
        and own.receipts_by == "none"
        and own.requisites["inn"] == production.OUR_INN
    )


INVENTED = [
    "requisites",
    "police_requisites",
    "bank_shop",
    "bank_secret",
    "bank_police_shop",
    "bank_police_secret",
]


@pytest.mark.parametrize("name", INVENTED)
def test_invented_money_starts_nothing(name):
    assert said(**{name: default(name)}) == [f"CABINET_{name.upper()}"]


@pytest.mark.parametrize("part", ["account", "inn"])
@pytest.mark.parametrize("name", ["requisites", "police_requisites"])
def test_one_invented_number_among_ones_own_is_enough(name, part):
    own = production.REQUISITES | {part: default(name)[part]}
    assert said(**{name: own}) == [f"CABINET_{name.upper()}"]


def test_requisites_with_a_hole_are_refused_by_the_name_of_the_hole():
    with pytest.raises(ValidationError, match="не хватает account, bic"):
        production.settings(requisites=production.REQUISITES | {"account": "", "bic": ""})


def test_a_bank_that_is_not_used_needs_no_shop():
    own = production.settings(
        bank="sandbox",
        bank_shop="1001",
        bank_secret="sandbox-operator",
        bank_police_shop="1002",
        bank_police_secret="sandbox-police",
    )
    assert own.bank == "sandbox"


@pytest.mark.parametrize(
    "list_",
    [
        [DEMO_SECRET],
        [DEMO_SECRET, "s" * 40],
        ["s" * 40, DEMO_SECRET],
        ["s" * 40, DEMO_SECRET, "t" * 40],
        ["s" * 40, "short"],
        [],
    ],
)
def test_a_demo_secret_is_refused_wherever_it_stands_in_the_list(list_):
    assert said(secrets=list_) == ["CABINET_SECRETS"]


@pytest.mark.parametrize(
    "list_",
    [
        [DEMO_KEY],
        [DEMO_KEY, GOOD_KEY],
        [GOOD_KEY, DEMO_KEY],
        [],
        [GOOD_KEY, "c2hvcnQ="],
        ["%" * 44],
        [GOOD_KEY, "A" * 43],
        [GOOD_KEY[:-1]],
        ["QUFB" * 11],
        ["ключ"],
    ],
)
def test_every_key_is_ones_own_and_of_32_bytes(list_):
    assert said(attachment_keys=list_) == ["CABINET_ATTACHMENT_KEYS"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0", ""])
def test_every_spelling_of_all_addresses_is_refused_without_a_proxy(host):
    assert said(host=host, trusted_proxy=False) == ["CABINET_HOST"]
    assert production.settings(host=host, trusted_proxy=True).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.0.0.5", "localhost"])
def test_an_address_that_is_one_is_not(host):
    assert production.settings(host=host, trusted_proxy=False).host == host


def test_somebody_must_make_the_receipts():
    assert said(receipts="") == ["CABINET_RECEIPTS"]
    assert said(receipts="api") == [
        "CABINET_RECEIPTS_API",
        "CABINET_RECEIPTS_SHOP",
        "CABINET_RECEIPTS_SECRET",
    ]
    assert production.settings(receipts="bank").receipts_by == "bank"
    named = {"receipts_api": "https://api.yookassa.ru/v3", "receipts_shop": "1", "receipts_secret": "s"}
    assert production.settings(receipts="", **named).receipts_by == "api"


@pytest.mark.parametrize(
    ("name", "address", "good"),
    [
        ("bank_url", "http://bank.example/v3", False),
        ("bank_url", "ftp://bank.example", False),
        ("bank_url", "bank.example", False),
        ("bank_url", "http://127.0.0.1:9000/v3", True),
        ("bank_url", "http://localhost:9000/v3", True),
        ("bank_url", "https://bank.example/v3", True),
        ("receipts_api", "http://till.example", False),
    ],
)
def test_secrets_of_money_travel_over_tls_or_do_not_leave_the_machine(name, address, good):
    till = {"receipts": "api", "receipts_shop": "1", "receipts_secret": "s"}
    change = {name: address} | (till if name == "receipts_api" else {})
    if good:
        assert getattr(production.settings(**change), name) == address
    else:
        assert said(**change) == [f"CABINET_{name.upper()}"]


def test_a_word_of_the_example_left_anywhere_is_found():
    assert said(sms_secret="замените") == ["CABINET_SMS_SECRET"]
    assert said(station_secrets={"main": ["Замените меня"]}) == ["CABINET_STATION_SECRETS"]


@pytest.mark.parametrize(
    "mail", ["not a mailbox", "a@b.example\nContact: mailto:evil@example.ru", "mailto:a@b.example"]
)
def test_a_reporting_address_is_a_mailbox_and_nothing_else(mail):
    assert said(security_mail=mail) == ["CABINET_SECURITY_MAIL"]


def test_the_demonstration_goes_on_without_any_of_this():
    assert Settings(_env_file=None, demo=True).receipts_by == "embedded"


def test_names_written_in_the_file_beside_the_program_are_looked_at_too(tmp_path):
    """`.env` is read where the process stands."""
    (tmp_path / ".env").write_text(
        "CABINET_BANK_ORIGIN=https://yoomoney.ru\nCABINET_BRAND=Сигнал\nOTHER=1\n", "utf-8"
    )
    code = "import settings; print(*settings.unknown_names())"
    there = env_of() | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=there, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["CABINET_BANK_ORIGIN"]


def env_of() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CABINET_")}


def test_every_description_is_in_russian_for_the_operator():
    for name, field in Settings.model_fields.items():
        assert re.search("[а-яё]{3}", field.description or "", re.I), name


def test_all_units_of_the_operators_environment_read_it_as_the_example_writes_it():
    """JSON stands without quotes round it, so neither systemd nor podman takes anything off."""
    for _, name, value in production.lines():
        assert not value.startswith(("'", '"')) and not value.endswith(" "), name
