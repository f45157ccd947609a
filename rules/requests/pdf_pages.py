"""Redraws a PDF: each page becomes an image in a new document that contains nothing else.

Actions, scripts, links, forms and attached files are not searched for: they are simply not copied, so no
active content survives. Content that would be lost without a trace on the page (attached files, a dynamic
form) makes the document refused with a reason.
"""

import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

MOST_PAGES = 40
# Pixels per point: 150 dpi. A page smaller than A4, such as a passport or a ticket, is drawn at a higher
# resolution (SHORTEST), so that it is as legible.
DOTS = 150 / 72
SHORTEST, LONGEST = 1754, 2600  # limits of the long side in pixels
HEAVIEST = 24 * 1024 * 1024
COLOUR = 24  # of 255; a smaller difference between red, green and blue is scanner noise
QUALITY = 78


class Unreadable(Exception):
    """Why the document is not accepted: the end of a sentence in Russian."""


@dataclass(frozen=True)
class Sheet:
    """One page. `size` is in points, `picture` is the encoded image, `head` is its PDF dictionary entries."""

    size: tuple[float, float]
    head: bytes
    picture: bytes


def redraw(raw: bytes) -> bytes:
    """Return a new PDF with the document's pages as images. Unreadable with the reason."""
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as wrong:
        if getattr(wrong, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("он закрыт паролем. Сохраните его без пароля.") from None
        raise Unreadable("он повреждён и не открывается. Сохраните его заново.") from None
    try:
        _check(document)
        return _write_document(_sheets(document))
    except pypdfium2.PdfiumError:
        raise Unreadable("он повреждён и не открывается. Сохраните его заново.") from None
    finally:
        document.close()


def _check(document: pypdfium2.PdfDocument) -> None:
    if not len(document):
        raise Unreadable("в нём нет ни одной страницы.")
    if len(document) > MOST_PAGES:
        raise Unreadable(f"в нём больше {MOST_PAGES} страниц. Разделите его на части.")
    if pdfium.FPDFDoc_GetAttachmentCount(document):
        raise Unreadable("он содержит вложенные файлы. Приложите их отдельно.")
    if document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        raise Unreadable(
            "он содержит форму, которую открывает только Adobe Reader. Напечатайте его в новый PDF и "
            "приложите."
        )


def _sheets(document: pypdfium2.PdfDocument) -> Iterable[Sheet]:
    document.init_forms()  # so that values typed into form fields are drawn with the page
    for number in range(len(document)):
        page = document[number]
        try:
            _check_notes(page)
            width, height = page.get_size()
            if not (1 <= width <= 20_000 and 1 <= height <= 20_000):
                raise Unreadable(
                    "его страница невозможного размера. Напечатайте его в новый PDF и приложите."
                )
            drawn = _render(page, max(width, height))
            if _blank(drawn) and _has_picture(page):
                raise Unreadable(
                    f"страница {number + 1} не читается. Сохраните его заново или сфотографируйте."
                )
            yield _sheet(drawn, (width, height))
        finally:
            page.close()


def _check_notes(page: pypdfium2.PdfPage) -> None:
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            raise Unreadable("он содержит вложенные файлы. Приложите их отдельно.")


def _render(page: pypdfium2.PdfPage, long: float) -> Image.Image:
    scale = min(max(DOTS, SHORTEST / long), LONGEST / long)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        return bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()


def _blank(drawn: Image.Image) -> bool:
    return all(low == high for low, high in drawn.getextrema())  # type: ignore[misc]


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    """Return whether a page drawn in one colour has an image that is not of one colour, or cannot be decoded.

    Such a page is refused, so that a scan never becomes an empty sheet.
    """
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        try:
            bitmap = found.get_bitmap()
            pixels = bitmap.to_pil().convert("L").getextrema()
            bitmap.close()
        except (pypdfium2.PdfiumError, ValueError):
            return True
        if pixels[0] != pixels[1]:
            return True
    return False


def _sheet(drawn: Image.Image, size: tuple[float, float]) -> Sheet:
    """Return the page encoded in the smallest form: JPEG, in grey when the page has no colour.

    A grey page is stored lossless with sixteen levels when that is smaller, as it is for text.
    """
    wide, high = drawn.size
    red, green, blue = drawn.split()
    differ = max(_most(ImageChops.difference(one, other)) for one, other in ((red, green), (green, blue)))
    plain = drawn if differ > COLOUR else drawn.convert("L")
    lossy = io.BytesIO()
    plain.save(lossy, "JPEG", quality=QUALITY, optimize=True)
    space = b"/DeviceRGB" if plain.mode == "RGB" else b"/DeviceGray"
    head = b"/Width %d/Height %d/ColorSpace%b/BitsPerComponent 8/Filter/DCTDecode" % (wide, high, space)
    best = Sheet(size, head, lossy.getvalue())
    if plain.mode == "L" and len(exact := _sixteen_greys(plain)) < len(best.picture):
        coding = (
            b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 1/BitsPerComponent 4/Columns %d>>" % wide
        )
        best = Sheet(
            size,
            b"/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 4%b" % (wide, high, coding),
            exact,
        )
    return best


def _most(channel: Image.Image) -> int:
    return int(channel.getextrema()[1])  # type: ignore[arg-type]


def _sixteen_greys(plain: Image.Image) -> bytes:
    """Return the pixels as a PNG IDAT stream, four bits each; PDF accepts this stream unchanged."""
    levels = plain.point([round(value / 17) for value in range(256)])
    levels.putpalette([value * 17 for value in range(16) for _ in range(3)])
    out = io.BytesIO()
    levels.save(out, "PNG", bits=4, compress_level=6)
    raw, at, found = out.getvalue(), 8, b""
    while at < len(raw):
        length, kind = struct.unpack(">I4s", raw[at : at + 8])
        found += raw[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return found


def _write_document(sheets: Iterable[Sheet]) -> bytes:
    """Return a PDF with three objects per page: the page, its content stream and its image. It has no
    metadata.
    """
    objects: dict[int, bytes] = {}
    weight, kids = 0, []
    for n, sheet in enumerate(sheets):
        page, drawing, picture = 3 + 3 * n, 4 + 3 * n, 5 + 3 * n
        weight += len(sheet.picture)
        if weight > HEAVIEST:
            raise Unreadable("его страницы слишком тяжелы вместе. Разделите его на части.")
        width, height = sheet.size
        word = b"q %.2f 0 0 %.2f 0 0 cm /P Do Q" % (width, height)
        kids.append(b"%d 0 R" % page)
        objects[page] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</XObject<</P %d 0 "
            b"R>>>>/Contents %d 0 R>>" % (width, height, picture, drawing)
        )
        objects[drawing] = _stream(b"", word)
        objects[picture] = _stream(b"/Type/XObject/Subtype/Image" + sheet.head, sheet.picture)
    objects[1] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[2] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(kids), b" ".join(kids))
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    for number in sorted(objects):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, objects.pop(number)))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    return out.getvalue()


def _stream(head: bytes, data: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (head, len(data), data)
