"""The bank's name beside its БИК, when the operator keeps the Bank of Russia's directory."""

import os
import zipfile

import pytest

from tests.kit.requests import ACCOUNT, PASSPORT, fill

ED807 = """<?xml version="1.0" encoding="WINDOWS-1251"?>
<ED807 xmlns="urn:cbr-ru:ed:v2.0" EDNo="1" EDDate="2026-11-23" EDAuthor="4583001999">
<BICDirectoryEntry BIC="044030827"><ParticipantInfo NameP="{name}" Rgn="40"/><Accounts Account="1"/>
</BICDirectoryEntry>
<BICDirectoryEntry BIC="044525225"><ParticipantInfo NameP="ПАО СБЕРБАНК" Rgn="45"/></BICDirectoryEntry>
</ED807>"""


def as_xml(path, name):
    path.write_bytes(ED807.format(name=name).encode("cp1251"))


def as_zip(path, name):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("20261123_ED807_full.xml", ED807.format(name=name).encode("cp1251"))


@pytest.fixture
def review(anna, settings, tmp_path):
    """A function: the directory written, and the review of a refund in words."""
    settings.bic_file = str(tmp_path / "bic.xml")

    def show() -> str:
        return fill(anna, "refund", PASSPORT, amount="100", **ACCOUNT).text

    return show


@pytest.mark.parametrize("write", [as_xml, as_zip])
def test_the_bank_is_named_and_a_new_file_is_read(review, tmp_path, write):
    path = tmp_path / "bic.xml"
    write(path, "АО &quot;БАНК НЕВА&quot;")
    assert 'Банк АО "БАНК НЕВА"' in review()
    write(path, "АО БАНК ОХТА")
    os.utime(path, ns=(1, 1))
    assert "Банк АО БАНК ОХТА" in review()


@pytest.mark.parametrize("content", [None, b"", b"<ED807>", b"PK\x03\x04"])
def test_without_a_readable_directory_the_request_goes_on(review, tmp_path, content):
    if content is not None:
        (tmp_path / "bic.xml").write_bytes(content)
    assert "БИК 044030827" in review()
