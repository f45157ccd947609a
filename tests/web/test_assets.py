"""What the face promises: names by content, small answers, nothing inline, colours one can read."""

import gzip
import re
from pathlib import Path

import brotli
import pytest

from web import assets

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / "partials").rglob("*.html"))
TOKENS = (ROOT / "assets/css/1-tokens.css").read_text("utf-8")


def served(name: str, accepted: str = "") -> tuple[bytes, dict[str, str]]:
    found = assets.find_response(assets.url(name).removeprefix("/assets/"), accepted)
    assert found, name
    return found


def test_a_name_carries_the_hash_of_its_content(tmp_path):
    for folder in ("css", "icons"):
        (tmp_path / folder).mkdir()
    for name in ("app-192.png", "app-512.png"):
        (tmp_path / "icons" / name).write_bytes(b"\x89PNG")
    (tmp_path / "app.js").write_text("{}")
    (tmp_path / "css/1.css").write_text("a { color: red; }")
    before = assets.Assets(tmp_path).url("app.css")
    (tmp_path / "css/1.css").write_text("a { color: blue; }")
    assert re.fullmatch(r"/assets/app-[0-9a-f]{12}\.css", before)
    assert assets.Assets(tmp_path).url("app.css") != before


def test_nobodys_cookie_goes_with_what_a_proxy_keeps_for_everybody(browser):
    answer = browser.client.get(assets.url("app.css"))
    assert answer.status_code == 200 and "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "form", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("", None, bytes),
        ("identity", None, bytes),
    ],
)
def test_answers_in_the_smallest_form_the_browser_reads(accepted, form, unpack):
    body, headers = served("app.css", accepted)
    assert headers.get("content-encoding") == form
    assert headers["vary"] == "Accept-Encoding"
    assert headers["content-length"] == str(len(body))
    assert unpack(body).decode() == assets.build_stylesheet()


def test_an_answer_may_be_kept_for_a_year():
    _, headers = served("icons.svg", "br")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", [".env", ".gitignore", "app.css", "css/1-tokens.css", "../app.py", "", "README.md"]
)
def test_only_hashed_names_are_served(name):
    assert assets.find_response(name, "br") is None


@pytest.mark.parametrize(
    ("name", "most"),
    [("app.css", 6144), ("icons.svg", 1200), ("htmx-4.0.1.min.js", 12300), ("app.js", 1228)],
)
def test_weighs_no_more_than_its_budget(name, most):
    assert len(served(name, "br")[0]) <= most


def test_the_minifiers_take_comments_and_spaces_away():
    for built in (assets.build_script(), assets.build_stylesheet()):
        assert "/*" not in built and "  " not in built


def test_no_script_asks_the_time():
    """A suite that begins at another moment leaves the browser its own clock (tests/kit/instant.py)."""
    for path in [ROOT / "assets/app.js", *(ROOT / "assets").glob("htmx-*.js")]:
        assert not re.search(r"\bDate\b|performance\.|Intl\b", path.read_text("utf-8")), path.name


def test_every_icon_used_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "assets/icons/icons.svg").read_text("utf-8")))
    used = {
        name
        for page in TEMPLATES
        for name in re.findall(r'icons\.svg"\) \}\}#([\w-]+)"', page.read_text("utf-8"))
    }
    assert used <= drawn


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_is_inline(page):
    text = page.read_text("utf-8")
    for banned in (
        r"\sstyle\s*=",
        r"<style",
        r"<script(?![^>]*\ssrc=)",
        r"\son[a-z]+\s*=\s*[\"']",
        r"hx-on",
        r"[\"'](?:js|javascript|data):",
        r"\s(?<!data-)hx-[a-z-]+\s*=",
        r"hx-trigger=\"[^\"]*\[",
        r"https?://(?!www\.w3\.org)[^\s\"']*\.(?:js|css|woff2?)",
    ):
        assert not re.search(banned, text, re.I), f"{page.name}: {banned}"


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_of_a_template_is_longer_than_120_columns(page):
    """`make check` keeps the indents (djhtml); where a line ends is ours to choose."""
    long = [n for n, line in enumerate(page.read_text("utf-8").splitlines(), 1) if len(line) > 120]
    assert not long


def colours(part: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part))


LIGHT = colours(TOKENS.split("@media")[0])
DARK = LIGHT | colours(TOKENS.split("@media")[1])
ON_SURFACES = ("ink", "quiet", "accent", "strong", "alarm", "good", "warn")
PAIRS = [
    *((words, surface, 4.5) for words in ON_SURFACES for surface in ("paper", "card")),
    *((words, "tint", 4.5) for words in ("ink", "quiet", "accent", "strong")),
    *((words, f"{mark}-tint", 4.5) for mark in ("good", "warn", "alarm") for words in ("ink", "quiet", mark)),
    ("on-accent", "accent", 4.5),
    ("on-accent", "strong", 4.5),
    ("on-hero", "hero", 4.5),
    ("hero-quiet", "hero", 4.5),
    ("paper", "ink", 4.5),
    ("edge", "card", 3),
    ("edge", "paper", 3),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_read(scheme, front, back, least):
    assert contrast(scheme[front], scheme[back]) >= least


def test_the_dark_half_repeats_every_colour():
    assert set(colours(TOKENS.split("@media")[1])) == set(LIGHT)


def test_a_page_finds_its_stylesheet_and_script_where_it_says(browser):
    page = browser.get("/login")
    for link in page.tree.cssselect("link[href], script[src]"):
        answer = browser.client.get(link.get("href") or link.get("src"))
        assert answer.status_code == 200, answer.url
    assert browser.client.get("/assets/fonts/DejaVuSans.ttf").status_code == 404
    assert browser.client.get("/assets/../settings.py").status_code == 404


def test_a_page_is_small_for_a_browser_without_brotli_too(anna):
    plain, packed = (anna.client.get("/", headers={"accept-encoding": one}) for one in ("identity", "gzip"))
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) * 2 < len(plain.content)


def test_the_stylesheet_names_only_what_the_pages_use():
    rules = re.findall(r"([^{}]+)\{", assets.build_stylesheet())
    named = {
        one
        for rule in rules
        if rule[0] != "@"
        for one in re.findall(r"[.#]([a-zA-Z][\w-]*)", re.sub(r"\[.*?\]", "", rule))
    }
    written = "\n".join(page.read_text("utf-8") for page in [*TEMPLATES, ROOT / "assets/app.js"])
    assert named - set(re.findall(r"[\w-]+", written)) <= {"htmx-request"}  # which htmx puts there itself
