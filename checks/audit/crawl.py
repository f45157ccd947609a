"""Over every page in every state: as it stands, and as it answers a form sent empty."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby

from playwright.sync_api import Browser, BrowserContext, Page, Response

from checks.audit import look
from checks.audit.look import Finding
from checks.audit.places import Place, confirmed
from checks.audit.world import World

Look = Callable[[Page, str], Iterator[Finding]]
POSTING = "[...document.querySelectorAll('main form')].filter(one => one.method === 'post').length"


class Crawl:
    """`findings` is what the looks found; `saw` keeps each page's source for the HTML checker: name →
    HTML.
    """

    def __init__(self, world: World, browser: Browser, state: str, *looks: Look) -> None:
        self.world, self.browser, self.state, self.looks = world, browser, state, looks
        self.saw: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.looked = 0

    def over(self, places: list[Place], *, errors: bool = True) -> "Crawl":
        def person(place: Place) -> tuple[str, str, str]:
            return str(place.who), place.stage, place.token

        for _, group in groupby(sorted(places, key=person), person):
            mine = list(group)
            with self._signed_in(mine[0]) as context:
                page = self._watched(context)
                for place in mine:
                    self._visit(page, place, errors)
        return self

    @contextmanager
    def _signed_in(self, place: Place) -> Iterator[BrowserContext]:
        context = self.browser.new_context(
            base_url=self.world.url,
            viewport=look.PHONE,
            locale="ru-RU",
            timezone_id="Europe/Moscow",
            reduced_motion="reduce",
        )
        context.add_cookies([self.world.device])  # type: ignore[list-item]
        if place.who is not None:
            token = place.token or self.world.cookie(place.who, place.stage)
            context.add_cookies([{"name": "cabinet", "value": token, "url": self.world.url}])
            if isinstance(place.who, int):
                confirmed(self.world, place.who)
        yield context
        context.close()

    def _watched(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("request", lambda request: self._elsewhere(page.url, request.url))
        page.on("console", lambda said: self._said(page.url, said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._said(page.url, str(error)))
        return page

    def _elsewhere(self, place: str, url: str) -> None:
        if not url.startswith((self.world.url, "data:")):
            self.findings.append(Finding("elsewhere", place, "", url))

    def _said(self, place: str, text: str) -> None:
        if "status of 4" not in text:
            self.findings.append(Finding("console", place, "", text[:200]))

    def _visit(self, page: Page, place: Place, errors: bool) -> None:
        """A file, a picture, or nothing new is no page: that it answers is enough; a live piece is only
        kept.
        """
        answer = page.context.request.get(place.path, max_redirects=0)
        if answer.status not in (place.status, 204):
            told = f"{answer.status} {answer.headers.get('location', '')}"
            self.findings.append(Finding("answer", self._name(place), "", told))
            return
        if "html" not in answer.headers.get("content-type", ""):
            return
        source = self.saw[self._name(place)] = answer.text()
        if "<html" not in source:
            return
        page.goto(place.path)
        self._look(page, self._name(place))
        for at in range(page.evaluate(POSTING) if errors else 0):
            page.goto(place.path)
            refused = _sent_blank(page, at)
            if refused and refused.status == 422:
                name = self._name(place, f", errors {at + 1}")
                self.saw[name] = refused.text()
                self._look(page, name)

    def _name(self, place: Place, state: str = "") -> str:
        return f"{place.line.removeprefix('GET ')} ({place.who or 'nobody'}, {self.state}{state})"

    def _look(self, page: Page, name: str) -> None:
        self.looked += 1
        look.laid(page)
        for one in self.looks:
            self.findings += one(page, name)


def _sent_blank(page: Page, at: int) -> Response | None:
    """The answer to the page's form number `at` sent with nothing in it, as a browser without script sends
    it.
    """
    page.evaluate(look.GLASS)
    if not page.evaluate(f"reach.emptied({at})"):
        return None
    with page.expect_navigation() as gone:
        page.evaluate(f"HTMLFormElement.prototype.submit.call(reach.posting()[{at}])")
    return gone.value
