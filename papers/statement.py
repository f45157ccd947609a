"""The statement of a period as PDF."""

from datetime import date
from itertools import chain

from papers import Paper
from rules import periods
from rules.amounts import rubles
from rules.days import month_end, short
from rules.money.statement import Statement, StatementMonth

HEAD = ("День", "Операция", "Сумма", "Остаток")


def statement_pdf(statement: Statement, today: date, facts: list[tuple[str, str]], company: str) -> bytes:
    """Return the PDF; `facts` are (term, value) lines about the subscriber and the contract."""
    sheet = Paper(f"Выписка за {periods.period_words(statement.first, statement.last)}", company)
    sheet.pairs([*facts, ("Составлена", short(today))])
    rows = chain.from_iterable(_rows(month, statement.last) for month in reversed(statement.months))
    start = ("*", "*Остаток на начало", "", f"*{rubles(statement.before)}")
    end = ("*", "*Остаток на конец", "", f"*{rubles(statement.after)}")
    sheet.grid(HEAD, [start, *rows, end], (16, 54, 15, 15), ("LEFT", "LEFT", "RIGHT", "RIGHT"))
    sheet.ln(3)
    sheet.line_of(_totals(statement))
    return sheet.bytes()


def _rows(month: StatementMonth, last: date) -> list[tuple[str, str, str, str]]:
    found = [
        (
            short(line.entry.day),
            ". ".join(filter(None, (line.title, line.entry.note))),
            signed_rubles(line.entry.amount),
            rubles(line.balance),
        )
        for line in reversed(month.lines)
    ]
    if month.accrued:
        words = f"Начислено с начала месяца по {short(min(last, month_end(month.first)))}, ещё не закрыто"
        found.append((short(last), words, signed_rubles(-month.accrued), rubles(month.after)))
    return found


def _totals(statement: Statement) -> str:
    other = f" Прочее: {signed_rubles(statement.other)}." if statement.other else ""
    brought = f"Перенесённый остаток: {signed_rubles(statement.brought)}. " if statement.brought else ""
    return f"{brought}Начислено: {rubles(statement.charged)}. Оплачено: {rubles(statement.paid)}.{other}"


def signed_rubles(kopecks: int) -> str:
    return f"+{rubles(kopecks)}" if kopecks > 0 else rubles(kopecks)
