"""Everything under /assets: read once at start, named by content hash, compressed in advance, served from
memory.

`Assets.url("app.css")` → "/assets/app-<hash>.css"; `Assets.find_response(name, accept_encoding)` → (body,
headers) or None. A name carries the hash of its content, so a response may be cached for a year without
revalidation.
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

SHORT_NAME_LENGTH = 12  # characters that fit under an icon


def build_stylesheet(folder: Path = FOLDER) -> str:
    """Join the files of assets/css in the order of their names and minify."""
    import rcssmin  # needed once in the life of a process

    minified: str = rcssmin.cssmin(
        "".join(path.read_text("utf-8") for path in sorted((folder / "css").glob("*.css")))
    )
    return minified


def build_script(folder: Path = FOLDER) -> str:
    """Return assets/app.js, minified."""
    import rjsmin

    minified: str = rjsmin.jsmin((folder / "app.js").read_text("utf-8"))
    return minified


def build_manifest(url: "dict[str, str]", brand: str) -> str:
    """Build the web app manifest, with the operator's name, that lets a phone install the cabinet."""
    icons = [{"src": url[f"app-{n}.png"], "sizes": f"{n}x{n}", "type": "image/png"} for n in (192, 512)]
    icons += [{**icon, "purpose": "maskable"} for icon in icons[-1:]]
    about = {
        "name": f"{brand}: личный кабинет",
        "short_name": brand if len(brand) <= SHORT_NAME_LENGTH else brand.split()[0][:SHORT_NAME_LENGTH],
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
    """Maps hashed names to ready responses. Dotfiles and sources are not in it, so they cannot be served."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._urls: dict[str, str] = {}
        self._answers: dict[str, dict[str, bytes]] = {}
        self._add("app.css", build_stylesheet(folder).encode())
        self._add("app.js", build_script(folder).encode())
        for path in sorted([*folder.glob("htmx-*.js"), *(folder / "icons").glob("*")]):
            if path.suffix in KINDS and not path.name.startswith("."):
                self._add(path.name, path.read_bytes())
        self.set_brand("Личный кабинет")

    def _add(self, name: str, body: bytes) -> None:
        stem, suffix = name.rsplit(".", 1)
        hashed = f"{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{suffix}"
        self._urls[name] = f"/assets/{hashed}"
        forms = {"": body}
        if suffix != "png":
            forms["br"] = brotli.compress(body, quality=11)
            forms["gzip"] = gzip.compress(body, 9, mtime=0)
        self._answers[hashed] = forms

    def set_brand(self, brand: str) -> None:
        """Use the operator's name in the manifest. Call it before the first template is compiled."""
        self._add("manifest.webmanifest", build_manifest(self._urls, brand).encode())

    def url(self, name: str) -> str:
        """Return the URL of the asset called `name` in the folder; KeyError when there is none."""
        return self._urls[name]

    def find_response(self, name: str, accept_encoding: str = "") -> tuple[bytes, dict[str, str]] | None:
        """Return (body, headers) for a hashed name in the smallest accepted encoding; None means 404."""
        forms = self._answers.get(name)
        if forms is None:
            return None
        form = _smallest_encoding(accept_encoding, forms)
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


def _smallest_encoding(accepted: str, forms: dict[str, bytes]) -> str:
    """Return the smallest of the accepted encodings; `;q=0` excludes one, and an unknown header means
    identity.
    """
    refused = re.compile(r";\s*q=0(\.0*)?\s*$")
    names = {part.split(";")[0].strip().lower() for part in accepted.split(",") if not refused.search(part)}
    return min((form for form in forms if not form or form in names), key=lambda form: len(forms[form]))


_table = Assets()
url, find_response, set_brand = _table.url, _table.find_response, _table.set_brand
