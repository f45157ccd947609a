"""Everything under /assets, read once at start, named by content, compressed ahead and answered from memory.

`Assets.url("app.css")` → "/assets/app-<hash>.css"; `Assets.answer(name, accept_encoding)` → (body, headers)
or None. A name carries the hash of its content, so an answer may be kept for a year and never asks again.
"""

import gzip
import hashlib
import json
import re
from pathlib import Path

import brotli

FOLDER = Path(__file__).parent.parent / "assets"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}

SHORT = 12  # signs that fit under an icon


def build_stylesheet(folder: Path = FOLDER) -> str:
    """The pieces in assets/css in the order of their names, minified."""
    import rcssmin  # needed once in the life of a process

    minified: str = rcssmin.cssmin(
        "".join(path.read_text("utf-8") for path in sorted((folder / "css").glob("*.css")))
    )
    return minified


def build_script(folder: Path = FOLDER) -> str:
    """assets/app.js, minified."""
    import rjsmin

    minified: str = rjsmin.jsmin((folder / "app.js").read_text("utf-8"))
    return minified


def manifest(url: "dict[str, str]", brand: str) -> str:
    """What a phone needs to keep the cabinet on its home screen, under the operator's name."""
    icons = [{"src": url[f"app-{n}.png"], "sizes": f"{n}x{n}", "type": "image/png"} for n in (192, 512)]
    icons += [{**icon, "purpose": "maskable"} for icon in icons[-1:]]
    about = {
        "name": f"{brand}: личный кабинет",
        "short_name": brand if len(brand) <= SHORT else brand.split()[0][:SHORT],
        "lang": "ru",
        "id": "/",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#f3f5f5",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return json.dumps(about, ensure_ascii=False)


class Assets:
    """A table name → ready answers. Dotfiles and sources are not in it, so they cannot be served."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._urls: dict[str, str] = {}
        self._answers: dict[str, dict[str, bytes]] = {}
        self._add("app.css", build_stylesheet(folder).encode())
        self._add("app.js", build_script(folder).encode())
        for path in sorted([*folder.glob("htmx-*.js"), *(folder / "icons").glob("*")]):
            if path.suffix in KINDS and not path.name.startswith("."):
                self._add(path.name, path.read_bytes())
        self.name("Личный кабинет")

    def _add(self, name: str, body: bytes) -> None:
        stem, suffix = name.rsplit(".", 1)
        hashed = f"{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{suffix}"
        self._urls[name] = f"/assets/{hashed}"
        forms = {"": body}
        if suffix != "png":
            forms["br"] = brotli.compress(body, quality=11)
            forms["gzip"] = gzip.compress(body, 9, mtime=0)
        self._answers[hashed] = forms

    def name(self, brand: str) -> None:
        """Call the cabinet by the operator's name where a phone asks for one; before the first page is
        compiled.
        """
        self._add("manifest.webmanifest", manifest(self._urls, brand).encode())

    def url(self, name: str) -> str:
        """The address for `name` as it lies in the folder; KeyError for what is not there."""
        return self._urls[name]

    def answer(self, name: str, accept_encoding: str = "") -> tuple[bytes, dict[str, str]] | None:
        """Body and headers for a hashed name, in the smallest form the browser says it reads; None: 404."""
        forms = self._answers.get(name)
        if forms is None:
            return None
        form = _best(accept_encoding, forms)
        headers = {
            "content-type": KINDS["." + name.rsplit(".", 1)[1]],
            "content-length": str(len(forms[form])),
            "cache-control": "public, max-age=31536000, immutable",
            "x-content-type-options": "nosniff",
        }
        if len(forms) > 1:
            headers["vary"] = "Accept-Encoding"
        if form:
            headers["content-encoding"] = form
        return forms[form], headers


def _best(accepted: str, forms: dict[str, bytes]) -> str:
    """The smallest form among those accepted; `;q=0` is a refusal, and an unknown header means plain."""
    refused = re.compile(r";\s*q=0(\.0*)?\s*$")
    names = {part.split(";")[0].strip().lower() for part in accepted.split(",") if not refused.search(part)}
    return min((form for form in forms if not form or form in names), key=lambda form: len(forms[form]))


_table = Assets()
url, answer, name = _table.url, _table.answer, _table.name
