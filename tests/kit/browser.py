"""A browser without a screen: reads pages, fills in their forms, and checks every page it receives."""

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import html5lib
from lxml import etree, html


class Page:
    """A page: `text`, `heading`, `title`, `errors` (field → sentence), `status`, `path`."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.path = response.url.path
        self.source = response.text
        self.tree = html.fromstring(self.source) if self.source.strip() else None

    @property
    def text(self) -> str:
        kept = etree.fromstring(etree.tostring(self.tree))
        for gone in kept.iter("script", "style"):
            gone.text = ""
        return words(" ".join(kept.itertext()))

    @property
    def heading(self) -> str:
        return words(self.tree.findtext(".//h1", default="") or "".join(self.tree.find(".//h1").itertext()))

    @property
    def errors(self) -> dict[str, str]:
        found = {}
        for link in self.tree.cssselect(".summary li"):
            anchor = link.find("a")
            name = anchor.get("href").removeprefix("#f-") if anchor is not None else "form"
            found[name] = words("".join(link.itertext()))
        return found or self._alone()

    def _alone(self) -> dict[str, str]:
        """Return {field: sentence} of a single error, which has no list above the form."""
        found = {}
        for line in self.tree.cssselect("p.wrong[id]"):
            name = line.get("id").removeprefix("f-").removesuffix("-error")
            found[name] = words("".join(line.itertext())).removeprefix("Ошибка: ")
        assert len(found) < 2, f"several errors without a list: {found}"
        return found

    def one(self, css: str):
        found = self.tree.cssselect(css)
        assert len(found) == 1, f"{len(found)} × {css} on {self.path}"
        return found[0]

    def links(self) -> dict[str, str]:
        return {words("".join(a.itertext())): a.get("href") for a in self.tree.cssselect("a[href]")}

    def goes_on(self) -> str:
        """Return the path the page redirects to by itself, within this site because TestClient knows no
        other; "" for most.
        """
        found = self.tree.cssselect("meta[http-equiv=refresh]") if self.tree is not None else []
        place = found[0].get("content").partition("url=")[2] if found else ""
        return place if urlsplit(place).netloc == self.response.url.netloc.decode() else ""

    def forms(self):
        return self.tree.forms

    def form(self, action: str | None = None):
        """Return the form with this action, or without one the page's own: the last POST form in <main>."""
        posting = [one for one in self.forms() if one.get("method", "").lower() == "post"]
        if action is not None:
            posting = [
                one
                for one in posting
                if urlsplit(urljoin(self.path, one.get("action") or self.path)).path == action
            ]
        else:
            posting = [one for one in posting if urlsplit(one.get("action") or self.path).path == self.path]
        assert posting, f"no form for {action or self.path} on {self.path}"
        return posting[0]


def words(text: str) -> str:
    return re.sub(r"[\s ]+", " ", text).strip()


class Browser:
    """`get`, `submit` and the last `page`; keeps cookies as a browser does; each whole page is checked."""

    def __init__(self, client):
        self.client = client
        self.page: Page | None = None

    def get(self, path: str, status: int = 200, **options) -> Page:
        return self._shown(self.client.get(path, follow_redirects=True, **options), status)

    def submit(
        self, path: str | None = None, *, status: int = 200, button: str | None = None, files=None, **fields
    ) -> Page:
        """Submit the form with this action on the current page, hidden fields and defaults included."""
        form = self.page.form(path)
        data = {name: value for name, value in form.form_values() if not isinstance(value, bytes)}
        data |= {name: value for name, value in fields.items() if value is not None}
        for name in [name for name, value in fields.items() if value is None]:
            data.pop(name, None)
        target = urljoin(self.page.path, form.get("action") or self.page.path)
        if "multipart" in (form.get("enctype") or "") or files:
            answer = self.client.post(
                target, data=data, files=files or [("", ("", b""))], follow_redirects=True
            )
        else:
            answer = self.client.post(target, data=data, follow_redirects=True)
        return self._shown(answer, status)

    def _shown(self, response, status: int) -> Page:
        self.page = Page(response)
        assert response.status_code == status, (
            f"{response.status_code} at {response.url}: {self.page.source[:2000]}"
        )
        if "text/html" in response.headers.get("content-type", ""):
            check(self.page)
            if place := self.page.goes_on():
                return self.get(place)
        return self.page


def check(page: Page) -> None:
    """Check the rules for every page: valid HTML5, one h1 that begins the title, labelled fields, unique ids,
    working forms.
    """
    errors = _syntax_errors(TOKEN.sub("", page.source))
    assert not errors, f"{page.path}: {errors[:3]}"
    headings = page.tree.findall(".//h1")
    assert len(headings) == 1, f"{page.path}: {len(headings)} h1"
    title = words(page.tree.findtext(".//title") or "")
    assert title.startswith(page.heading), f"{page.path}: «{title}» / «{page.heading}»"
    ids = [one.get("id") for one in page.tree.cssselect("[id]")]
    assert len(ids) == len(set(ids)), (
        f"{page.path}: repeated ids {sorted(i for i in ids if ids.count(i) > 1)}"
    )
    _check_fields(page, set(ids))
    for form in page.forms():
        assert form.get("method"), f"{page.path}: a form without a method"
        if form.get("method").lower() == "post":
            assert form.cssselect("[name=_csrf_token]"), f"{page.path}: a form without the token"
            signed_in = page.tree.cssselect("body.in")
            assert not signed_in or form.cssselect("[name=_for]"), f"{page.path}: a form of nobody"


TOLERATED = {"unexpected-doctype"}
# The value of a form's token differs in each browser, and it is plain hexadecimal digits.
TOKEN = re.compile(r'(?<= value=")[0-9a-f]{64,}(?=")')


@lru_cache(maxsize=1000)
def _syntax_errors(source: str) -> tuple:
    """Return syntax errors; cached, because html5lib takes twenty milliseconds and many tests open the same
    page.
    """
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(source)
    return tuple(error for error in parser.errors if error[1] not in TOLERATED)


TYPED = {"text", "tel", "email", "password", "search"}


def _check_fields(page: Page, ids: set) -> None:
    labelled = {label.get("for") for label in page.tree.cssselect("label[for]")}
    for field in page.tree.cssselect("input, select, textarea"):
        if field.get("type") in ("hidden", "submit", "button"):
            continue
        inside = any(parent.tag == "label" for parent in field.iterancestors())
        assert inside or field.get("id") in labelled or field.get("aria-label"), (
            f"{page.path}: {field.get('name')} has no label"
        )
        assert field.get("type", "text") not in TYPED or field.tag != "input" or field.get("autocomplete"), (
            f"{page.path}: {field.get('name')} does not say what may be filled in for its reader"
        )
    for field in page.tree.cssselect("[aria-describedby]"):
        for one in field.get("aria-describedby").split():
            assert one in ids, f"{page.path}: describedby {one} is nowhere"
