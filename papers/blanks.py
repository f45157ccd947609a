"""A paper form drawn on one sheet of A4: a heading at the right, lines and cells to write in, a signature."""

from collections.abc import Sequence

from fpdf.enums import XPos, YPos

from papers import GREY, PdfSheet
from rules.requests.blanks import Piece

LEFT, RIGHT, TOP = 22.0, 14.0, 14.0  # the wide left margin is for binding
WIDTH = 210 - LEFT - RIGHT
HALF = 88.0
LINE = 7.6
CELL = 5.8
TEXT = 10.5


class Blank(PdfSheet):
    """Draws pieces from top to bottom; `tight` below 1 makes text and line spacing smaller."""

    def __init__(self, title: str, tight: float = 1) -> None:
        super().__init__(title)
        self.tight, self.row = tight, LINE * tight
        self.set_margins(LEFT, TOP, RIGHT)
        self.set_auto_page_break(True, margin=12)
        self.add_page()
        self.set_line_width(0.2)

    def draw(self, pieces: Sequence[Piece]) -> "Blank":
        for piece in pieces:
            self.at(piece.aside)
            getattr(self, f"_{piece.kind}")(piece)
        return self

    def at(self, aside: bool) -> None:
        self.set_left_margin(210 - RIGHT - HALF if aside else LEFT)
        self.set_x(self.l_margin)

    def say(self, words: str, size: float = TEXT, style: str = "", align: str = "L") -> None:
        size *= self.tight
        self.set_font("sans", style, size)
        self.multi_cell(
            0, size * 0.53, self.printable(words), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _title(self, piece: Piece) -> None:
        self.ln(3 * self.tight)
        self.say(piece.text.upper(), 14, "B", "C")

    def _subtitle(self, piece: Piece) -> None:
        self.say(piece.text, 11.5, "", "C")
        self.ln(1.5)

    def _text(self, piece: Piece) -> None:
        self.say(piece.text, 10 if piece.aside else TEXT)
        self.ln(0.6)

    def _small(self, piece: Piece) -> None:
        self.ln(0.8)
        self.set_text_color(*GREY)
        self.say(piece.text, 8.5)
        self.set_text_color(0)

    def _tip(self, piece: Piece) -> None:
        self.set_text_color(*GREY)
        self.say(piece.text, 7.5, "", "C")
        self.set_text_color(0)

    def _gap(self, piece: Piece) -> None:
        self.ln(2.6 * self.tight)

    def _rule(self, piece: Piece) -> None:
        self.line(self.get_x(), self.get_y() + 1, 210 - RIGHT, self.get_y() + 1)
        self.ln(3)

    def _write(self, piece: Piece) -> None:
        """Draw a label and ruled lines up to the margin; known text is printed on them."""
        size = (10 if piece.aside else TEXT) * self.tight
        self.set_font("sans", "", size)
        label = self.printable(piece.text)
        start = self.get_x() + (self.get_string_width(label) + 2 if label else 0)
        self.cell(0, self.row, label)
        lines = self._wrapped(piece.value, 210 - RIGHT - start, 210 - RIGHT - self.l_margin) or [""]
        for n, words in enumerate(lines):
            left = start if n == 0 else self.l_margin
            self.set_x(left)
            self.set_font("sans", "B" if words else "", size - 0.5)
            self.cell(0, self.row, words)
            self.line(left, self.get_y() + self.row - 0.9, 210 - RIGHT, self.get_y() + self.row - 0.9)
            self.ln(self.row)

    def _wrapped(self, words: str, first: float, rest: float) -> list[str]:
        """Break the words into lines: the first has the width `first`, the following ones `rest`."""
        self.set_font("sans", "B", TEXT * self.tight - 0.5)
        lines: list[str] = []
        line = ""
        for word in self.printable(words).split():
            room = (first if not lines else rest) - 2
            if line and self.get_string_width(f"{line} {word}") > room:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        return [*lines, line] if line else lines

    def _cells(self, piece: Piece) -> None:
        """Draw labels followed by rows of cells for digits, which must be easy to read."""
        for label, count in piece.cells:
            self.set_font("sans", "", TEXT)
            self.cell(
                self.get_string_width(self.printable(label)) + 2.5, self.row + 0.4, self.printable(label)
            )
            x, y = self.get_x(), self.get_y() + 0.8
            for n in range(count):
                self.rect(x + n * CELL, y, CELL, CELL + 0.4)
            self.set_x(x + count * CELL + 3)
        self.ln(self.row + 1.8)

    def _tick(self, piece: Piece) -> None:
        self.rect(self.get_x() + 0.6, self.get_y() + 0.8, 3.6, 3.6)
        self.set_left_margin(self.l_margin + 7)
        self.set_x(self.l_margin)
        self.say(piece.text, 10)
        self.set_left_margin(LEFT)
        self.ln(1)

    def _sign(self, piece: Piece) -> None:
        self.ln(5 * self.tight)
        y = self.get_y() + self.row - 1
        for x, width, tip in (
            (LEFT, 42, "дата"),
            (LEFT + 50, 42, "подпись"),
            (LEFT + 100, WIDTH - 100, "фамилия и инициалы"),
        ):
            self.line(x, y, x + width, y)
            self.set_font("sans", "", 7.5)
            self.set_text_color(*GREY)
            self.set_xy(x, y + 0.4)
            self.cell(width, 4, tip, align="C")
            self.set_text_color(0)
        self.set_xy(LEFT, y + 6)
        self.set_font("sans", "", 7.5)

    def _marks(self, piece: Piece) -> None:
        """Draw a frame that the operator's staff fill in."""
        self.ln(2)
        x, y = LEFT, self.get_y()
        self.rect(x, y, WIDTH, 21)
        self.set_xy(x + 2, y + 1)
        self.set_font("sans", "B", 8)
        self.cell(0, 4, "Заполняет сотрудник")
        self.set_font("sans", "", 8.5)
        for row, words in enumerate(MARKS):
            self.set_xy(x + 2, y + 6 + row * 7)
            self.cell(0, 6, words)
        self.set_xy(x, y + 23)


MARKS = (
    "Входящий № ________________   Принято «____» ______________ 20____ г.   Сотрудник ____________________",
    "Решение ______________________________________________   Исполнено «____» ______________ 20____ г.",
)


def blank_pdf(title: str, pieces: Sequence[Piece]) -> bytes:
    """Return the form as PDF, always one sheet: if it does not fit, it is set smaller."""
    for tight in (1, 0.93, 0.86, 0.79, 0.72):
        sheet = Blank(title, tight).draw(pieces)
        if sheet.page_no() == 1:
            break
    return sheet.bytes()
