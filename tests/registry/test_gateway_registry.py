"""Files of the registry as they really come: encodings, delimiters, headers, quotes, and what is not data."""

from datetime import date
from pathlib import Path

import pytest

from gateways.registry import ParsedLine, RejectedLine, SkippedLine, contracts, keys
from rules import Refused
from tests.kit.samples import generate

TODAY = date(2026, 11, 22)
HEADER = "Номер договора;Дата договора;Код абонента;Абонент;Адрес;Телефон;Абонентская плата"
LINE = "78000001;01.02.2024;Ф-1;Соколова Анна;ул. Марата, 10;89001234567;450,00"
OTHER = "78000002;2024-02-01;Ф-2;Ёлкина Зоя;ул. Марата, 12;89001234568;1 450,00"


@pytest.fixture
def read(tmp_path):
    def read(*lines: str, encoding: str = "utf-8", end: str = "\r\n"):
        path = tmp_path / "contracts.csv"
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return list(contracts(path, TODAY))

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_reads_any_encoding_line_end_and_delimiter(read, encoding, end, delimiter):
    rows = read(*(line.replace(";", delimiter) for line in (HEADER, LINE, OTHER)), encoding=encoding, end=end)
    assert [(row.line, row.row.number, row.row.name) for row in rows] == [
        (2, 78000001, "Соколова Анна"),
        (3, 78000002, "Ёлкина Зоя"),
    ]


def test_reads_commas_with_quoted_sums(read):
    header, line = (
        HEADER.replace(";", ","),
        '78000001,01.02.2024,Ф-1,"Соколова, Анна",Марата,89001234567,"450,50"',
    )
    assert read(header, line)[0].row.price == 45050


def test_tells_cp1251_by_a_letter_far_behind_a_latin_beginning(tmp_path):
    path = tmp_path / "keys.csv"
    path.write_bytes(b"Number\n" + "Номер ключа;Номер договора\n001;78000001\n".encode("cp1251"))
    assert [row.row.number for row in keys(path, TODAY)] == ["001"]


def test_one_broken_byte_does_not_turn_a_utf8_file_into_cp1251(tmp_path):
    path = tmp_path / "contracts.csv"
    good = "\n".join([HEADER, *[LINE] * 2000]).encode()
    path.write_bytes(good + b"\n" + OTHER.encode().replace("Ё".encode(), b"\xd0") + b"\n")
    rows = list(contracts(path, TODAY))
    assert rows[0].row.name == "Соколова Анна"
    assert isinstance(rows[-1], RejectedLine) and "испорченные знаки" in rows[-1].reason


@pytest.mark.parametrize(
    "title", ["№ договора", "ДОГОВОР №", "Номер_договора", "Лицевой счёт", "номер  договора (ЛК)"]
)
def test_a_column_is_known_under_its_variations(read, title):
    assert read(HEADER.replace("Номер договора", title), LINE)[0].row.number == 78000001


def test_columns_may_stand_in_any_order_and_strangers_among_them(read):
    turn = lambda line: ";".join(["Ким", *reversed(line.split(";"))])  # noqa: E731
    assert read(turn(HEADER), turn(LINE))[0].row.code == "Ф-1"


def test_passes_over_titles_groups_repeated_headers_totals_and_blanks(read):
    rows = read(
        *[
            "Реестр договоров на 01.11.2026",
            "",
            HEADER,
            "Участок: Центральный;;;;;;",
            LINE,
            "",
            ";;;;;;",
            HEADER,
            OTHER,
        ],
        *["Итого;2;;;;;1 900,00", "Всего договоров: 2", "Выгружено 01.11.2026 18:04"],
    )
    assert [row.row.number for row in rows if isinstance(row, ParsedLine)] == [78000001, 78000002]
    skipped = [(row.line, row.skipped) for row in rows if isinstance(row, SkippedLine)]
    assert [line for line, _ in skipped] == [4, 8, 10, 11, 12]
    assert skipped[2] == (10, "Итого 2 1 900,00")


@pytest.mark.parametrize(
    "name", ["Итог-Сервис ООО", "Страница 16 ООО", "Всего хорошего ООО", "Количество АО"]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_line_with_a_contract_number_is_never_a_total(read, name, first):
    header, line = HEADER, LINE.replace("Соколова Анна", name)
    if first:  # the holder's column stands before the number's
        header, line = (
            f"Абонент;{HEADER.replace(';Абонент;', ';')}",
            f"{name};{LINE.replace(';Соколова Анна', '')}",
        )
    (row,) = read(header, line)
    assert (row.row.number, row.row.name) == (78000001, name)


def test_a_number_with_a_slip_is_rejected_and_not_passed_over(read):
    (row,) = read(HEADER, LINE.replace("78000001", "7800001").replace("Соколова Анна", "Итог-Сервис ООО"))
    assert isinstance(row, RejectedLine) and "Номер договора" in row.reason


def test_a_key_without_a_number_is_rejected_aloud(tmp_path):
    path = tmp_path / "keys.csv"
    path.write_text("Номер ключа;Номер договора;Объект\n;78000001;\n;78000002;Дом\nИтого;;2\n", "utf-8")
    rows = list(keys(path, TODAY))
    assert [row.reason for row in rows[:2]] == ["Номер ключа: не заполнено"] * 2
    assert isinstance(rows[2], SkippedLine)


@pytest.mark.parametrize("title", ["ИНН абонента", "ИНН", "ИНН/КПП", "ИНН_АБОНЕНТА"])
def test_the_tax_number_is_read(read, title):
    (row,) = read(f"{HEADER};{title}", f"{LINE};7707083893{'/770701001' if 'КПП' in title else ''}")
    assert row.row.inn == "7707083893" and row.remarks == []


@pytest.mark.parametrize(
    ("column", "cell", "balance"),
    [
        ("Сальдо", "500,00-", -50_000),
        ("Сальдо", "–500,00", -50_000),
        ("Сальдо", "500,00–", -50_000),
        ("Сальдо", "(500,00)", -50_000),
        ("Задолженность", "300,00-", 30_000),
        ("Задолженность", "300,00", -30_000),
        ("Долг", "−300,00", 30_000),
    ],
)
def test_a_sign_stands_in_front_or_behind_and_a_negative_debt_is_an_overpayment(read, column, cell, balance):
    (row,) = read(f"{HEADER};{column}", f"{LINE};{cell}")
    assert row.row.balance == balance


@pytest.mark.parametrize(
    ("cell", "mobile", "contact", "landline"),
    [
        ("(812) 326-17-20, 8-921-000-00-06", "+79210000006", None, "+78123261720"),
        ("(812) 326-17-20, 8-921-000-00-06 (мама)", "+79210000006", None, "+78123261720"),
        ("8-921-000-00-06 (мама); 8-921-000-00-07 (папа)", "+79210000006", "+79210000007", None),
        ("89210000006", "+79210000006", None, None),
        ("доб. 12, 8 921 000-00-06", "+79210000006", None, None),
    ],
)
def test_of_several_phones_the_first_mobile_is_taken_and_the_rest_kept(read, cell, mobile, contact, landline):
    (row,) = read(HEADER, LINE.replace("89001234567", f'"{cell}"'))
    assert (row.row.mobile, row.row.contact_mobile, row.row.landline) == (mobile, contact, landline)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "named"),
    [("cp866", ";", "cp866"), ("koi8-r", ";", "KOI8-R"), ("utf-8", "|", "«|»"), ("cp1251", "|", "«|»")],
)
def test_a_form_that_is_not_read_is_told_by_name(read, encoding, delimiter, named):
    with pytest.raises(Refused) as refused:
        read(*(line.replace("Ё", "Е").replace(";", delimiter) for line in (HEADER, LINE)), encoding=encoding)
    assert named in refused.value.problems["file"]


def test_a_cell_is_named_by_its_own_title(read):
    header = HEADER.replace("Код абонента", "Код клиента").replace("Абонентская плата", "Цена, руб.")
    (row,) = read(header, LINE.replace("Ф-1", "").replace("450,00", "много"))
    assert row.reason.startswith("Код клиента: ") and "; Цена, руб.: «много»" in row.reason


def test_a_cell_may_hold_line_ends_and_doubled_quotes(read):
    first = LINE.replace("ул. Марата, 10", '"ул. Марата,\r\nд. ""10"""')
    rows = read(HEADER, first, OTHER)
    assert rows[0].row.address == 'ул. Марата, д. "10"'
    assert (rows[1].line, rows[1].row.number) == (4, 78000002)


@pytest.mark.parametrize(
    "name", ['"ООО "Ромашка""', '"ООО ""Ромашка"""', 'ООО "Ромашка"', '"ООО ""Ромашка"""']
)
def test_quotes_in_a_name_are_understood(read, name):
    assert "Ромашка" in read(HEADER, LINE.replace("Соколова Анна", name), OTHER)[0].row.name


def test_an_unclosed_quote_costs_its_own_line_only(read):
    rows = read(HEADER, LINE, LINE.replace("Соколова", '"Соколова'), *[OTHER] * 30)
    assert isinstance(rows[1], RejectedLine) and "кавычка" in rows[1].reason
    assert [row.line for row in rows] == list(range(2, 34))
    assert sum(isinstance(row, RejectedLine) for row in rows) == 1


def test_a_stray_quote_inside_a_cell_is_a_letter(read):
    rows = read(HEADER, LINE.replace("Марата, 10", 'Марата 5", вход'), OTHER)
    assert [type(row) for row in rows] == [ParsedLine, ParsedLine]


def test_more_cells_than_columns_is_refused_and_fewer_are_empty(read):
    rows = read(HEADER, LINE + ";лишнее", OTHER.rsplit(";", 1)[0])
    assert "полей больше" in rows[0].reason
    assert rows[1].reason == "Абонентская плата: не заполнено"


def test_a_file_without_the_header_is_refused_by_naming_what_is_missing(read):
    with pytest.raises(Refused, match="«код абонента»"):
        read("Номер договора;Абонент", "78000001;Анна")


def test_an_empty_file_is_refused(read):
    with pytest.raises(Refused):
        read("")


def test_rubbish_is_refused(tmp_path):
    path = tmp_path / "photo.csv"
    path.write_bytes(bytes(range(256)) * 400)
    with pytest.raises(Refused):
        list(contracts(path, TODAY))


def test_progress_moves_to_the_end(tmp_path):
    path, seen = tmp_path / "contracts.csv", []
    path.write_text("\n".join([HEADER, *[LINE] * 5000]))
    list(contracts(path, TODAY, seen.append))
    assert seen == sorted(seen) and seen[-1] == path.stat().st_size


def test_the_shipped_samples_are_what_their_generator_makes():
    assert (generate.HERE / "contracts.csv").read_bytes() == generate.contracts_csv()
    assert (generate.HERE / "keys.csv").read_bytes() == generate.keys_csv()


def test_the_shipped_samples_read_but_for_the_lines_spoilt_on_purpose():
    folder = Path(generate.HERE)
    lines = list(contracts(folder / "contracts.csv", TODAY))
    assert (
        sum(isinstance(x, ParsedLine) for x in lines),
        sum(isinstance(x, RejectedLine) for x in lines),
    ) == (454, 15)
    lines = list(keys(folder / "keys.csv", TODAY))
    assert (
        sum(isinstance(x, ParsedLine) for x in lines),
        sum(isinstance(x, RejectedLine) for x in lines),
    ) == (455, 2)


@pytest.mark.parametrize("header", ["ИНН", "ИНН абонента"])
def test_a_taxpayer_number_is_read_under_each_of_its_headers(read, header):
    [row] = read(f"{HEADER};{header}", f"{LINE};7707083893")
    assert row.row.inn == "7707083893"
