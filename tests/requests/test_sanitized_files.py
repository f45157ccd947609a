"""Each hostile file is refused by its kind; each honest one comes out without what its owner did not mean to
send.
"""

import io
import struct

import pytest
from PIL import Image

from rules import Refused
from rules.requests.attachments import LARGEST, MOST, QUOTA, Upload, check_all, kind_of, safe_name, size_words
from tests.kit import hostile
from tests.kit.sanitizing import cleaned, reason


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
        (hostile.pdf() + hostile.archive(), "архив"),
    ],
    ids=["jpeg+zip", "png+pdf", "pdf+zip"],
)
def test_a_file_of_two_natures_is_refused_by_the_second(data, says):
    assert says in reason(data)


@pytest.mark.parametrize(
    "data",
    [
        hostile.picture("JPEG", comment=b"<script>alert(1)</script>"),
        hostile.picture("JPEG", comment=b"<SVG onload=alert(1)> PK\x05\x06"),
        hostile.picture("PNG") + b"<?php system($_GET[0]); ?><svg>",
    ],
    ids=["script", "svg", "php"],
)
def test_words_that_stand_among_a_photos_bytes_are_nothing_and_are_gone(data):
    kept = cleaned(data, "снимок.jpg").data.lower()
    assert not any(words in kept for words in (b"<script", b"<svg", b"<?php"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf", b""),
        (b"\r\n" * 500, b""),
        (b"\0" * 900, b"\0" * 4096),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n", b""),
        (b"", b"\n" * 8192),
        (b"", b"\0" * 100_000),
    ],
    ids=["bom", "lines", "nul", "junk", "lines behind", "nul behind"],
)
def test_a_pdf_within_padding_keeps_its_page(before, after):
    assert cleaned(before + hostile.pdf_of_a_scan() + after, "скан.pdf").type == "application/pdf"


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_its_owner_may_change_is_taken(algorithm):
    locked = hostile.pdf(lambda writer: writer.encrypt("", "owner", algorithm=algorithm))
    assert cleaned(locked, "справка.pdf").type == "application/pdf"


GREYS = Image.linear_gradient("L")


@pytest.mark.parametrize(
    ("picture", "form"),
    [
        (GREYS, "PNG"),
        (GREYS.convert("P"), "PNG"),
        (GREYS.convert("1"), "PNG"),
        (GREYS.convert("LA"), "PNG"),
        (GREYS.convert("RGB").quantize(200), "PNG"),
        (GREYS.convert("I;16").point(lambda level: level * 257), "PNG"),
        (GREYS.convert("RGB").convert("CMYK"), "JPEG"),
        (GREYS.convert("RGB"), "MPO"),
    ],
    ids=["grey", "palette", "1 bit", "alpha", "colours", "16 bit", "cmyk", "mpo"],
)
def test_every_kind_of_pixels_keeps_its_picture(picture, form):
    out = io.BytesIO()
    picture.save(out, form)
    with Image.open(io.BytesIO(cleaned(out.getvalue(), "скан").data)) as kept:
        dark, light = kept.convert("RGB").convert("L").getextrema()
        assert kept.size == picture.size and dark < 20 and light > 235


def test_a_scan_whose_greys_would_become_one_is_refused():
    pixels = b"".join(struct.pack("<H", 260 + n % 50) for n in range(200 * 100))
    out = io.BytesIO()
    Image.frombytes("I;16", (200, 100), pixels).save(out, "PNG")
    assert "пустым листом" in reason(out.getvalue(), "скан.png")
    plain = io.BytesIO()
    Image.new("L", (200, 100), 255).save(plain, "PNG")
    assert cleaned(plain.getvalue(), "чистый лист.png").type == "image/png"


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
