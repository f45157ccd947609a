"""assets/app.js in a real browser: what a lost connection keeps, where the focus goes, when a poll is
silent.
"""

import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from db.journal import Person
from settings import Settings
from web import assets
from web.templates import build_environment

ANNA = Person(1, "subscriber", 1, "Анна Петрова", contract_id=1, contract_number=78000001)
HEAD = '{% extends layout %}{% import "parts/form.html" as form %}{% block title %}'
PAGES = {
    "/events": (
        "События",
        '<p><a href="/form">Написать</a> <a href="/code">Код</a></p>'
        '<b data-hx-get="/poll" data-hx-trigger="every 300ms">…</b>',
    ),
    "/form": (
        "Обращения",
        '<form method="post" action="/form" novalidate>{{ form.field("name", "Имя", typed, errors) }}'
        "{{ form.buttons('Отправить') }}</form>",
    ),
    "/secret": ("Пароль", '<form method="post">{{ form.field("secret", "Секрет", type="password") }}</form>'),
    "/code": ("Код", '<form method="post">{{ form.code("code", "Код", autofocus=true) }}</form>'),
    "/letter": (
        "Письмо",
        '<p><a href="/events">События</a></p>'
        '<form method="post" action="/form">{{ form.area("name", "Текст", typed, errors) }}'
        "{{ form.buttons('Отправить') }}</form>",
    ),
    "/done": ("Готово", ""),
    "/boom": ("У нас ошибка", ""),
}


def html(path: str, fragment: bool, **context) -> bytes:
    title, body = PAGES[path]
    main = f"{{{{ form.summary(errors) }}}}<h1>{title}</h1>{body}"
    source = f"{HEAD}{title}{{% endblock %}}{{% block main %}}{main}{{% endblock %}}"
    frame = {
        "person": ANNA,
        "layout": "fragment.html" if fragment else "layout.html",
        "section": title,
        "shown": "14:05",
        "csrf_token": lambda: "token",
        "form_token": lambda: "",
        "unread": 0,
        "contracts": [],
        "demo": False,
        "flash": "",
        "duplicate": None,
        "key": "",
        "settings": Settings(_env_file=None, demo=True),
        "today": date(2026, 11, 23),
        "path": path,
        "typed": {},
        "errors": {},
    } | context
    return build_environment(True).from_string(source).render(**frame).encode()


class Cabinet(BaseHTTPRequestHandler):
    """The smallest server that answers as ours does; `asked` keeps what came, `status` makes it fail."""

    asked: list[str] = []  # noqa: RUF012
    status = 0

    def log_message(self, *_):
        pass

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        fixed = {"content-security-policy": "default-src 'self'", "content-length": str(len(body))}
        # One of each, whatever its letters: a browser believes no file that comes with two types.
        given = {name.lower(): value for name, value in headers.items()}
        for name, value in ({"content-type": "text/html; charset=utf-8"} | fixed | given).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if (
            found := assets.find_response(
                self.path.removeprefix("/assets/"), self.headers.get("Accept-Encoding", "")
            )
        ) is not None:
            return self.reply(200, found[0], **found[1])
        self.asked.append(f"GET {self.path}")
        if self.path == "/poll":
            return self.reply(self.status or 204)
        if self.path not in PAGES:
            return self.reply(404)
        return self.reply(500 if self.path == "/boom" else 200, html(self.path, "HX-Request" in self.headers))

    def do_POST(self):
        self.asked.append(f"POST {self.path}")
        typed = {
            k: v[0]
            for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
        }
        if self.status:
            return self.reply(self.status, b"<h1>Bad gateway</h1>")
        if "name" not in typed:
            return self.reply(422, html("/form", True, errors={"name": "Введите имя."}, typed=typed))
        return self.reply(303, Location="/done")


@pytest.fixture(scope="module")
def site(browser):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cabinet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield browser, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def page(site):
    browser, origin = site
    Cabinet.status, Cabinet.asked[:] = 0, []
    context = browser.new_context(base_url=origin, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent")


def test_a_link_swaps_the_page_and_moves_the_focus_to_its_heading(page):
    page.goto("/events")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Написать").click()
    page.wait_for_url("**/form")
    page.locator("h1:focus").wait_for()
    assert page.title().startswith("Обращения")
    assert page.locator("#nav [aria-current]").inner_text().strip() == "Обращения"
    assert page.evaluate("window.same && scrollY == 0 && document.querySelectorAll('main').length == 1")


def test_a_refused_form_is_swapped_in_place_with_the_summary_in_focus(page):
    page.goto("/form")
    page.get_by_role("button", name="Отправить").click()
    page.locator("#summary:focus").wait_for()
    assert "Введите имя." in focused(page)


@pytest.mark.parametrize("held", ["Control", "Shift"])
def test_a_click_with_a_key_held_is_the_browsers_own(page, held):
    page.goto("/events")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Написать").click(modifiers=[held])
    opened.value.wait_for_url("**/form")
    assert page.url.endswith("/events")
    assert page.locator("h1").inner_text() == "События"


def test_a_password_is_shown_and_hidden_again(page):
    page.goto("/secret")
    field = page.get_by_label("Секрет")
    field.fill("синий трамвай")
    page.get_by_role("button", name="Показать пароль").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="Скрыть пароль").click()
    assert field.get_attribute("type") == "password" and field.input_value() == "синий трамвай"


def test_the_field_of_a_code_just_sent_has_the_focus(page):
    page.goto("/events")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Код").click()
    page.locator("#f-code:focus").wait_for()
    assert page.evaluate("window.same && document.querySelector('#f-code').tabIndex == 0")


def test_back_gives_a_whole_page(page):
    page.goto("/events")
    page.get_by_role("link", name="Написать").click()
    page.wait_for_url("**/form")
    page.go_back()
    page.get_by_role("heading", name="События").wait_for()
    assert page.locator("header.head").count() == 1


@pytest.mark.parametrize("trouble", ["offline", "bad gateway"])
def test_a_form_that_was_not_sent_keeps_what_was_typed_and_sends_it_once_more(page, trouble):
    page.goto("/form")
    page.get_by_label("Имя").fill("Анна")
    page.context.set_offline(trouble == "offline")
    Cabinet.status = 502 if trouble == "bad gateway" else 0
    page.get_by_role("button", name="Отправить").click()
    page.get_by_text("Не отправлено: нет связи").wait_for()
    assert page.get_by_label("Имя").input_value() == "Анна"
    page.context.set_offline(False)
    Cabinet.status, Cabinet.asked[:] = 0, []
    page.get_by_role("button", name="Отправить ещё раз").click()
    page.get_by_role("heading", name="Готово").wait_for()
    assert Cabinet.asked.count("POST /form") == 1
    assert page.locator("#lost").inner_text() == ""


def test_a_poll_that_fails_says_since_when_and_recovers(page):
    page.goto("/events")
    page.context.set_offline(True)
    page.get_by_text("Нет связи, показано на 14:05").wait_for()
    page.context.set_offline(False)
    expect(page.locator("#lost")).to_be_empty()


def test_a_poll_stops_when_the_session_ends(page):
    page.clock.install()
    page.goto("/events")
    Cabinet.status = 401
    with page.expect_response("**/poll"):
        page.clock.run_for(300)
    polls = []
    page.on("request", lambda request: polls.append(request.url) if request.url.endswith("/poll") else None)
    page.clock.run_for(3_000)
    assert polls == []
    assert page.locator("h1").inner_text() == "События"


def test_a_poll_is_silent_in_a_hidden_tab(page):
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.clock.install()
    page.goto("/events")
    polls = []
    page.on("request", lambda request: polls.append(request.url) if request.url.endswith("/poll") else None)
    page.clock.run_for(3_000)
    assert polls == []


def test_every_section_opens_without_script(site):
    browser, origin = site
    with browser.new_context(
        base_url=origin, viewport={"width": 390, "height": 844}, java_script_enabled=False
    ) as context:
        page = context.new_page()
        page.goto("/events")
        page.locator("#nav summary").click()
        assert page.locator("#nav li:visible").count() == 10


@pytest.mark.parametrize("leave", [False, True], ids=["stay", "leave"])
def test_leaving_a_text_that_was_begun_asks(page, leave):
    page.goto("/letter")
    page.get_by_label("Текст").fill("Кнопка не нажимается.")
    questions = []

    def answer(dialog):
        questions.append(dialog.message)
        dialog.accept() if leave else dialog.dismiss()

    page.on("dialog", answer)
    page.get_by_role("link", name="События").first.click()
    if leave:
        page.get_by_role("heading", name="События").wait_for()
    else:
        assert page.get_by_label("Текст").input_value() == "Кнопка не нажимается."
    assert questions == ["Уйти со страницы? Что вы написали, не отправлено."]


def test_sending_a_text_asks_nothing(page):
    page.goto("/letter")
    page.get_by_label("Текст").fill("Кнопка не нажимается.")
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Отправить").click()
    page.get_by_role("heading", name="Готово").wait_for()
    assert questions == []


def test_closing_a_tab_with_a_text_asks_the_browsers_own_question(page):
    page.goto("/letter")
    page.get_by_label("Текст").press_sequentially("Кнопка")
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.close(run_before_unload=True)
    page.wait_for_event("close")
    assert questions == ["beforeunload"]
