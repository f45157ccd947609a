"""Each hostile file is refused by its kind; each honest one comes out without what its owner did not mean to
send.
"""

import io
import re

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader

from rules import Refused
from rules.requests import sanitized_files
from rules.requests.attachments import LARGEST, MOST, QUOTA, Upload, check_all, kind_of, safe_name, size_words
from tests.kit import hostile


def cleaned(data: bytes, name: str = "a.jpg"):
    return sanitized_files.clean(Upload(name, len(data), io.BytesIO(data)))


def reason(data: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(Refused) as refused:
        cleaned(data, name)
    return refused.value.problems["files"]


@pytest.mark.parametrize(
    ("data", "type", "ending"),
    [
        (hostile.picture("JPEG"), "image/jpeg", ".jpg"),
        (hostile.picture("PNG"), "image/png", ".png"),
        (hostile.picture("HEIF"), "image/jpeg", ".jpg"),
        (hostile.pdf(), "application/pdf", ".pdf"),
    ],
    ids=["jpeg", "png", "heic", "pdf"],
)
def test_takes_the_four_kinds_whatever_the_name_says(data, type, ending):
    for name in ("паспорт.jpg", "scan.exe", "без имени"):
        kept = cleaned(data, name)
        assert kept.type == type
        assert kept.name.endswith(ending)


def test_a_photo_keeps_its_look_and_loses_where_it_was_taken():
    raw = hostile.photo_with_place()
    assert b"Secret Author" in raw
    kept = cleaned(raw)
    with Image.open(io.BytesIO(kept.data)) as picture:
        assert picture.size == (40, 80), "turned upright, for the mark that said so is gone"
        assert not picture.getexif()
        assert "comment" not in picture.info
    assert b"Secret Author" not in kept.data
    assert b"hidden words" not in kept.data


def test_a_heic_photo_loses_its_exif_too():
    exif = Image.Exif()
    exif[0x013B] = "Secret Author"
    raw = hostile.picture("HEIF", exif=exif.tobytes())
    assert b"Secret Author" in raw
    assert b"Secret Author" not in cleaned(raw).data


def test_words_and_profiles_inside_a_png_are_gone():
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "Secret Author")
    exif = Image.Exif()
    exif[0x010F] = "Secret Phone"
    profile = b"Secret Profile" + b"\0" * 200
    raw = hostile.picture("PNG", pnginfo=words, exif=exif, icc_profile=profile)
    kept = cleaned(raw)
    assert b"Secret Phone" in raw
    with Image.open(io.BytesIO(kept.data)) as picture:
        picture.load()
        assert not picture.info and not picture.getexif()
    assert cleaned(hostile.picture("JPEG", icc_profile=profile)).data.count(b"Secret") == 0


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


def test_sixteen_bits_of_grey_keep_their_picture():
    with Image.open(io.BytesIO(cleaned(hostile.grey_of_sixteen_bits(), "a.png").data)) as kept:
        low, high = kept.convert("L").getextrema()
        assert abs(low - 6_000 // 257) <= 1 and abs(high - 60_000 // 257) <= 1


def test_a_picture_too_large_to_open_is_refused_before_it_is_opened():
    assert "мегапикселей" in reason(hostile.png_bomb())
    assert "мегапикселей" in reason(hostile.png_bomb(7_100))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (hostile.picture("JPEG") + hostile.archive(), "архив"),
        (hostile.picture("PNG") + hostile.pdf(), "PDF"),
        (hostile.picture("JPEG", comment=b"<script>alert(1)</script>"), "скрипт"),
        (hostile.picture("PNG") + b"<?php system($_GET[0]); ?>", "скрипт"),
        (hostile.pdf() + hostile.archive(), "архив"),
    ],
    ids=["jpeg+zip", "png+pdf", "jpeg+script", "png+php", "pdf+zip"],
)
def test_a_file_of_two_natures_is_refused_by_the_second(data, says):
    assert says in reason(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (hostile.archive(), "архив"),
        (hostile.picture("GIF"), "GIF"),
        (hostile.picture("WEBP"), "WebP"),
        (hostile.picture("BMP"), "другого вида"),
        (b"MZ" + b"\0" * 100, "программа"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<html><body>", "страница"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "другого вида"),
        ("просто текст".encode(), "другого вида"),
        (b"\xff\xd8\xff" + b"\0" * 50, "повреждён"),
        (hostile.picture("PNG")[:200], "повреждён"),
        (b"GIF89a" + hostile.pdf(), "GIF"),
    ],
)
def test_other_kinds_and_broken_files_are_refused_with_what_they_are(data, says):
    assert says in reason(data, "снимок.jpg")


def test_a_html_page_at_the_start_is_no_pdf_even_if_one_follows():
    assert kind_of(b"<html>%PDF-1.4") is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("паспорт.pdf", "паспорт.pdf"),
        ("../../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Анна\\скан 1.PDF", "скан 1.pdf"),
        ("fdp.\u202eexe", "fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
        ("..", "файл.pdf"),
        ("", "файл.pdf"),
        ("con|?*.jpg", "con.pdf"),
        ("и\u0306од.jpeg", "йод.pdf"),
        ("д" * 300 + ".jpg", "д" * 80 + ".pdf"),
        ('x" onload="a.png', "x onload= a.pdf"),
    ],
)
def test_a_name_is_only_words(name, shown):
    assert safe_name(name, "pdf") == shown


def test_an_eleven_megabyte_file_a_sixth_file_and_an_empty_one_are_refused_unread():
    def upload(size):
        return Upload("a.pdf", size, io.BytesIO())

    for uploads, says in (
        ([upload(LARGEST + 1)], "10 МБ"),
        ([upload(1)] * (MOST + 1), "5 файлов"),
        ([upload(0)], "пуст"),
    ):
        with pytest.raises(Refused) as refused:
            check_all(uploads)
        assert says in refused.value.problems["files"]
    check_all([upload(LARGEST)] * MOST)


def test_files_of_one_message_and_the_place_of_one_subscriber_are_counted_together():
    one = Upload("a.pdf", 1, io.BytesIO())
    with pytest.raises(Refused):
        check_all([one] * 2, already=MOST - 1)
    with pytest.raises(Refused):
        check_all([one], used=QUOTA)
    check_all([one], already=MOST - 1, used=QUOTA - 1)


def test_sizes_are_said_in_russian():
    assert size_words(1_258_291) == "1,2\u00a0МБ"
    assert size_words(340_000) == "332\u00a0КБ"
    assert size_words(1) == "1\u00a0КБ"


def test_what_hides_right_behind_the_end_of_a_document_is_not_kept():
    raw, other = hostile.pdf(), hostile.picture(size=(8, 8))
    assert other not in cleaned(raw + other, "a.pdf").data
