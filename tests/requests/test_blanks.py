"""Blanks: six sheets of paper, empty for anybody, filled for the subscriber."""

import io

import pytest
from pypdf import PdfReader

from db.people.subscribers import Subscriber, get_subscriber
from rules.requests import blanks

A4 = (595, 842)


def sheet(browser, path: str) -> PdfReader:
    answer = browser.client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    assert "no-store" in answer.headers["cache-control"]
    return PdfReader(io.BytesIO(answer.content))


def words(reader: PdfReader) -> str:
    return " ".join(reader.pages[0].extract_text().split())


@pytest.mark.parametrize("kind", blanks.KINDS)
def test_each_is_one_sheet_of_a4_filled_from_the_contract(anna, kind):
    reader = sheet(anna, f"/blanks/{kind}.pdf")
    assert len(reader.pages) == 1
    assert tuple(round(float(side)) for side in reader.pages[0].mediabox[2:]) == A4
    said = words(reader)
    assert "ЗАЯВЛЕНИЕ" in said and "Соколова Анна Игоревна" in said and "78 000 001" in said


@pytest.mark.parametrize("kind", blanks.KINDS)
def test_a_stranger_gets_each_one_empty(browser, kind):
    reader = sheet(browser, f"/blanks/empty/{kind}.pdf")
    assert len(reader.pages) == 1
    said = words(reader)
    assert "ООО «Росохрана Телеком»" in said and "{" not in said and "Соколова" not in said


def test_the_letters_are_embedded(browser):
    fonts = sheet(browser, "/blanks/empty/refund.pdf").pages[0]["/Resources"]["/Font"]
    for font in fonts.values():
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


@pytest.mark.parametrize("kind", blanks.KINDS)
def test_the_longest_name_and_address_still_fit_one_sheet(anna, write, kind):
    with write() as db:
        row = get_subscriber(db, 1)
        assert isinstance(row, Subscriber)
        row.name = (
            "Общество с ограниченной ответственностью «Северо-Западное научно-производственное объединение "
            * 2
        )
        row.email = "a" * 60 + "@example.com"
    assert len(sheet(anna, f"/blanks/{kind}.pdf").pages) == 1


def test_the_page_offers_each_online_too(anna):
    page = anna.get("/blanks")
    hrefs = [a.get("href") for a in page.tree.cssselect("main a[href]")]
    for kind, title in blanks.KINDS.items():
        assert title in page.text and f"/requests/new/{kind}" in hrefs and f"/blanks/{kind}.pdf" in hrefs


def test_a_stranger_sees_the_page_with_empty_ones(browser):
    hrefs = [a.get("href") for a in browser.get("/blanks").tree.cssselect("main a[href]")]
    assert "/blanks/empty/refund.pdf" in hrefs and "/blanks/refund.pdf" not in hrefs


@pytest.mark.parametrize(
    "name", ["nothing.pdf", "refund", "refund.txt", "..%2Fconsent.pdf", "refund.pdf.pdf"]
)
def test_what_is_no_blank_is_not_found(anna, name):
    assert anna.client.get(f"/blanks/{name}").status_code == 404
    assert anna.client.get(f"/blanks/empty/{name}").status_code == 404


def test_a_changed_text_changes_the_paper(browser, monkeypatch, tmp_path):
    for path in blanks.TEXTS.glob("*.txt"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "refund.txt").write_text("# Прошение\nПрошу. {договор}", "utf-8")
    monkeypatch.setattr(blanks, "TEXTS", tmp_path)
    assert "ПРОШЕНИЕ" in words(sheet(browser, "/blanks/empty/refund.pdf"))
