"""PDF documents in Cyrillic, made from the rules' values; they use no table and no page.

The font DejaVu Sans is in assets/fonts because a server has no fonts of its own. Only the characters used are
embedded in a file.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

FONTS = Path(__file__).parent.parent / "assets" / "fonts"
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it would log every character it embeds
GREY = (90, 100, 108)
# Replaces characters that the font lacks (emoji, rare scripts): they would be empty boxes with a warning.
LACKS = "\N{WHITE SQUARE}"


class PdfSheet(FPDF):
    """An A4 document in Russian with our own font; the subclasses draw its content."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.add_font("sans", "", FONTS / "DejaVuSans.ttf")
        self.add_font("sans", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.known = set.intersection(
            *(set(font.cmap) for font in self.fonts.values() if isinstance(font, TTFFont))
        )
        self.set_title(title)
        self.set_lang("ru-RU")

    def printable(self, text: str) -> str:
        """Return the text with characters that the font lacks replaced by squares."""
        return "".join(sign if ord(sign) in self.known or sign == "\n" else LACKS for sign in text)

    def bytes(self) -> bytes:
        return bytes(self.output())


class Paper(PdfSheet):
    """An A4 document with the operator at the top, page numbers at the bottom and paragraphs and tables."""

    def __init__(self, title: str, company: str) -> None:
        super().__init__(title)
        self.company = company
        self.set_margins(18, 16)
        self.set_auto_page_break(True, margin=20)
        self.alias_nb_pages()
        self.add_page()
        self.line_of(title, size=15, bold=True, after=3)

    def header(self) -> None:
        self.set_font("sans", "", 8)
        self.set_text_color(*GREY)
        self.cell(0, 6, self.printable(self.company), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(0)
        self.ln(2)

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("sans", "", 8)
        self.set_text_color(*GREY)
        self.cell(0, 6, f"Страница {self.page_no()} из {{nb}}", align="C")
        self.set_text_color(0)

    def line_of(self, words: str, *, size: float = 9.5, bold: bool = False, after: float = 0) -> None:
        """Write a paragraph over the whole width."""
        self.set_font("sans", "B" if bold else "", size)
        self.multi_cell(0, size * 0.55, self.printable(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(after)

    def pairs(self, facts: Iterable[tuple[str, str]]) -> None:
        """Write a line for each pair of term and value."""
        for term, value in facts:
            self.line_of(f"{term}: {value}", after=0.6)
        self.ln(2)

    def grid(
        self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], align: Sequence[str]
    ) -> None:
        """Draw a table with its head on each page; a "*" before the first cell makes the row bold."""
        self.set_font("sans", "", 8.5)
        bold = FontFace(emphasis="B")
        with self.table(
            col_widths=tuple(widths),
            text_align=tuple(align),
            line_height=4.6,
            padding=(1, 1.5),
            headings_style=FontFace(emphasis="B", fill_color=(236, 240, 241)),
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            for cells in (head, *rows):
                row, strong = table.row(), cells[0].startswith("*")
                for cell in cells:
                    row.cell(self.printable(cell.removeprefix("*")), style=bold if strong else None)
