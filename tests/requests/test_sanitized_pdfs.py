"""What is kept of a PDF: its pages, redrawn, and nothing active."""

import io
import re

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader

from tests.kit import hostile
from tests.kit.sanitizing import cleaned, reason

ACTIVE = (
    "/JS",
    "/JavaScript",
    "/EmbeddedFile",
    "/EmbeddedFiles",
    "/EF",
    "/AF",
    "/Launch",
    "/URI",
    "/GoToR",
    "/GoToE",
    "/OpenAction",
    "/AA",
    "/A",
    "/RichMedia",
    "/XFA",
    "/AcroForm",
    "/Annots",
    "/SubmitForm",
    "/Names",
    "/Metadata",
    "/Info",
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (hostile.pdf_with_password(), "паролем"),
        (hostile.pdf_with_file(), "вложенные файлы"),
        (hostile.pdf_with_file_note(), "вложенные файлы"),
        (hostile.pdf()[:300], "повреждён"),
        (b"%PDF-1.7\n" + b"x" * 5000, "повреждён"),
        (hostile.pdf(pages=0), "не принят"),
        (hostile.pdf(pages=41), "больше 40 страниц"),
    ],
    ids=["password", "file", "paper-clip", "cut", "noise", "no-pages", "many-pages"],
)
def test_a_pdf_that_would_lose_something_or_does_not_open_is_refused_by_its_reason(data, says):
    assert says in reason(data, "договор.pdf")
    assert "договор.pdf" in reason(data, "договор.pdf")


def words_of(data: bytes) -> set[str]:
    """Every name the document is built of, escapes undone, streams of pixels left out."""
    bare = re.sub(rb"\nstream\n.*?\nendstream", b"", data, flags=re.DOTALL)
    return {f"/{name.decode('latin-1')}" for name in re.findall(rb"/([^\s/<>\[\]()]+)", bare)}


@pytest.mark.parametrize(
    "data",
    [
        hostile.pdf_with_script(),
        hostile.pdf_with_orphan_script(),
        hostile.pdf_launching(),
        hostile.pdf_launching_by_a_reference(),
        hostile.pdf_with_escaped_name(),
        hostile.pdf_with_associated_file(),
        hostile.pdf_going_to_a_share(),
        hostile.pdf_with_link(),
        hostile.pdf_with_film(),
        hostile.pdf_of_many_parts(),
        hostile.pdf_with_filled_field(),
        hostile.pdf() + b"\0" * 5000,
        hostile.pdf() + hostile.pdf_with_script(),
    ],
    ids=[
        "script",
        "orphan-script",
        "launch",
        "launch-by-ref",
        "escaped",
        "af",
        "share",
        "link",
        "film",
        "parts",
        "form",
        "tail",
        "two",
    ],
)
def test_of_a_pdf_only_its_pages_are_kept_and_nothing_active_survives(data):
    kept = cleaned(data, "договор.pdf").data
    assert words_of(kept) <= {
        "/Type",
        "/Catalog",
        "/Pages",
        "/Page",
        "/Count",
        "/Kids",
        "/Parent",
        "/MediaBox",
        "/Resources",
        "/XObject",
        "/P",
        "/Contents",
        "/Length",
        "/Subtype",
        "/Image",
        "/Width",
        "/Height",
        "/ColorSpace",
        "/DeviceGray",
        "/DeviceRGB",
        "/BitsPerComponent",
        "/Filter",
        "/DCTDecode",
        "/FlateDecode",
        "/DecodeParms",
        "/Predictor",
        "/Colors",
        "/Columns",
        "/Size",
        "/Root",
    }
    assert not words_of(kept) & set(ACTIVE) and b"evil" not in kept and b"MZ-program" not in kept
    assert cleaned(data, "договор.pdf").data == kept, (
        "the same file again is the same bytes: so a repeat is known"
    )
    assert len(PdfReader(io.BytesIO(kept), strict=True).pages) == 1


def drawn(data: bytes) -> Image.Image:
    """The first page of a document as its reader sees it."""
    return pypdfium2.PdfDocument(data)[0].render().to_pil().convert("L")


def test_a_scan_and_what_was_typed_into_a_form_are_still_there_to_be_read():
    for data, darkest in ((hostile.pdf_of_a_scan(shade=40), 60), (hostile.pdf_with_filled_field(), 20)):
        before, after = drawn(data), drawn(cleaned(data, "a.pdf").data)
        assert abs(before.width - after.width) <= 1 and abs(before.height - after.height) <= 1, (
            "the same sheet of paper"
        )
        assert after.getextrema()[0] <= darkest and after.getextrema()[1] >= 240


def test_a_page_of_text_stays_light_and_grey():
    text = FPDF()
    text.set_font("helvetica", size=10)
    for _ in range(10):
        text.add_page()
        text.multi_cell(0, 5, "The operator shall carry the signal to the station. " * 60)
    kept = cleaned(bytes(text.output()), "a.pdf").data
    assert b"/DeviceGray" in kept and b"/DeviceRGB" not in kept
    assert len(kept) < 1_500_000, "ten pages, 150 dots an inch"


def test_a_colour_stamp_keeps_its_colour():
    sheet = Image.new("RGB", (620, 877), "white")
    sheet.paste((40, 60, 200), (300, 600, 500, 700))
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=75)
    assert b"/DeviceRGB" in cleaned(out.getvalue(), "a.pdf").data


def test_a_scan_that_cannot_be_drawn_is_refused_and_never_becomes_a_white_sheet():
    """The picture's bytes are gone, the page around it is whole: a viewer shows white paper."""
    raw = hostile.pdf_of_a_scan()
    start = raw.index(b"\xff\xd8\xff")
    torn = raw[: start + 2] + b"\0" * 200 + raw[start + 202 :]
    assert len(torn) == len(raw)
    assert "не читается" in reason(torn, "паспорт.pdf")


def test_what_only_forbids_printing_and_what_stands_before_or_after_a_pdf_is_no_reason_to_refuse_it():
    locked = hostile.pdf(lambda writer: writer.encrypt("", owner_password="owner", algorithm="AES-128"))
    for data in (
        locked,
        b"\xef\xbb\xbf" + hostile.pdf(),
        b"\r\n" + hostile.pdf(),
        hostile.pdf() + b"\n" * 5000,
    ):
        assert cleaned(data, "a.pdf").type == "application/pdf"


def test_what_hides_right_behind_the_end_of_a_document_is_not_kept():
    raw, other = hostile.pdf(), hostile.picture(size=(8, 8))
    assert other not in cleaned(raw + other, "a.pdf").data
