"""Ready-made answers: kept, changed and removed by those who answer."""

import pytest


@pytest.fixture
def maria(enter):
    return enter("maria")


def test_an_answer_is_kept_changed_and_removed(maria) -> None:
    maria.get("/staff/answers")
    page = maria.submit("/staff/answers", title="Спасибо", text="{имя}, спасибо!")
    assert "«Спасибо» сохранён" in page.text
    maria.get(page.links()["Спасибо"])
    page = maria.submit("/staff/answers", title="Благодарность", text="{имя}, благодарим!")
    assert "Благодарность" in page.links() and "Спасибо" not in page.links()
    path = page.links()["Благодарность"] + "/remove"
    page = maria.get(path)
    assert page.heading == "Удалить ответ «Благодарность»"
    assert "Готовых ответов пока нет" in maria.submit(path).text


@pytest.mark.parametrize(
    ("title", "text", "field"),
    [("", "Текст", "title"), ("Ответ", "", "text"), ("Ответ", "{фамилия}", "text")],
)
def test_what_cannot_be_kept_is_refused_with_what_was_typed(maria, title, text, field) -> None:
    maria.get("/staff/answers")
    page = maria.submit("/staff/answers", title=title, text=text, status=422)
    assert field in page.errors and text in page.source


def test_one_that_is_not_there_is_not_found(maria) -> None:
    maria.get("/staff/answers/999", status=404)
