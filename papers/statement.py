"""The statement of a period on paper."""

from datetime import date
from itertools import chain

from papers import Paper
from rules import periods
from rules.amounts import rubles
from rules.days import month_end, short
from rules.money.statement import Month, Statement

HEAD = ("День", "Операция", "Сумма", "Остаток")


def paper(said: Statement, today: date, facts: list[tuple[str, str]], company: str) -> bytes:
    """A PDF; `facts` say who and which contract."""
    sheet = Paper(f"Выписка за {periods.words(said.first, said.last)}", company)
    sheet.pairs([*facts, ("Составлена", short(today))])
    rows = chain.from_iterable(_rows(month, said.last) for month in reversed(said.months))
    start = ("*", "*Остаток на начало", "", f"*{rubles(said.before)}")
    end = ("*", "*Остаток на конец", "", f"*{rubles(said.after)}")
    sheet.grid(HEAD, [start, *rows, end], (16, 54, 15, 15), ("LEFT", "LEFT", "RIGHT", "RIGHT"))
    sheet.ln(3)
    sheet.line_of(_totals(said))
    return sheet.bytes()


def _rows(month: Month, last: date) -> list[tuple[str, str, str, str]]:
    found = [
        (
            short(line.entry.day),
            ". ".join(filter(None, (line.title, line.entry.note))),
            signed(line.entry.amount),
            rubles(line.balance),
        )
        for line in reversed(month.lines)
    ]
    if month.accrued:
        words = f"Начислено с начала месяца по {short(min(last, month_end(month.first)))}, ещё не закрыто"
        found.append((short(last), words, signed(-month.accrued), rubles(month.after)))
    return found


def _totals(said: Statement) -> str:
    other = f" Прочее: {signed(said.other)}." if said.other else ""
    brought = f"Перенесённый остаток: {signed(said.brought)}. " if said.brought else ""
    return f"{brought}Начислено: {rubles(said.charged)}. Оплачено: {rubles(said.paid)}.{other}"


def signed(kopecks: int) -> str:
    return f"+{rubles(kopecks)}" if kopecks > 0 else rubles(kopecks)
