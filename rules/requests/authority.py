"""Who signs for an organisation: its head, or another person by a power of attorney (Гражданский кодекс, ст.
53, 185).

An organisation has no passport and no surname. It is identified by its card of details and a letter of its
bank. When another person than the head signs, the number, day and term of the power of attorney are needed.
"""

from datetime import date

from rules import Problems, Refused, days
from rules.requests.plans import Facts, Form
from rules.typed_text import clean_line

DIRECTOR, ATTORNEY = "director", "attorney"
SIGNERS = {DIRECTOR: "Руководитель, без доверенности", ATTORNEY: "Сотрудник по доверенности"}
LONGEST_NUMBER = 40
NUMBER = f"Укажите номер доверенности, до {LONGEST_NUMBER} знаков. Если номера нет, напишите «б/н»."


def parse(form: Form, today: date) -> dict[str, str | int]:
    """Return the facts for the request's payload. Refused at `signer`, `attorney_number`, `attorney_day`,
    `attorney_until`.
    """
    signer = form.get("signer", "")
    if signer not in SIGNERS:
        raise Refused(signer="Отметьте, кто подписывает: руководитель или сотрудник по доверенности.")
    if signer == DIRECTOR:
        return {"signer": signer}
    problems = Problems()
    number = clean_line(form.get("attorney_number", ""))
    if not 1 <= len(number) <= LONGEST_NUMBER:
        problems["attorney_number"] = NUMBER
    issued = problems.read(days.parse, form.get("attorney_day", ""), "attorney_day")
    until = problems.read(days.parse, form.get("attorney_until", ""), "attorney_until")
    if issued and issued > today:
        problems["attorney_day"] = "Этот день ещё не наступил. Проверьте дату доверенности."
    if until and until < today:
        problems["attorney_until"] = "Срок доверенности прошёл. Нужна действующая."
    if problems or not issued or not until:
        raise Refused(**problems)
    return {
        "signer": signer,
        "attorney_number": number,
        "attorney_day": issued.isoformat(),
        "attorney_until": until.isoformat(),
    }


def require_documents(facts: Facts, papers: str) -> int:
    """Return the number of files. Refused at `files` when there are none; the sentence names the `papers`
    that an organisation must attach.
    """
    if not facts.files:
        raise Refused(files=f"Приложите {papers}, а если подписывает сотрудник — и доверенность.")
    return facts.files
