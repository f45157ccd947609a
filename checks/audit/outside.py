"""Tools that are not Python: the Nu HTML checker (Java) and Lighthouse (node), installed into var/ by `make
audit`.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from checks.audit.look import Finding
from checks.audit.world import World
from e2e.conftest import chromium
from tests.kit import cast

TOOLS = Path(__file__).parent.parent.parent / "var" / "audit" / "node_modules"
VNU, LIGHTHOUSE = TOOLS / "vnu-jar/build/dist/vnu.jar", TOOLS / "lighthouse/cli/index.js"
# A live piece has no page of its own: it is checked where it stands.
AROUND = '<!DOCTYPE html><html lang="ru"><title>Кусок</title><h1>Кусок</h1>'
SIGNED_IN = ["/", "/events", "/payments/new", "/requests/new", "/inbox", "/statement", "/settings"]


def vnu(pages: dict[str, str]) -> list[Finding]:
    """Errors and warnings in these pages: name → HTML."""
    names = dict(enumerate(pages))
    with tempfile.TemporaryDirectory() as folder:
        for at, name in names.items():
            (Path(folder) / f"{at:04}.html").write_text(_whole(pages[name]), "utf-8")
        command = ["java", "-jar", str(VNU), "--format", "json", "--skip-non-html", folder]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    found = json.loads(told)["messages"]
    return [
        Finding("vnu", names[int(one["url"][-9:-5])], one["type"], one["message"])
        for one in found
        if one["type"] != "info" or one.get("subType") == "warning"
    ]


def _whole(source: str) -> str:
    if "<html" in source:
        return source
    return ('<!DOCTYPE html><html lang="ru">' if "<title" in source else AROUND) + source


def lighthouse(world: World, paths: list[str] | None = None) -> dict[str, tuple[int, int, int, int]]:
    """Address → performance, accessibility, best practices, SEO; mobile, as Lighthouse comes."""
    cookie = f"cabinet={world.cookie(cast.ANNA)}"
    found = {}
    for path in paths or ["/login", *SIGNED_IN]:
        if path != "/login":
            world.enter(cast.ANNA).get(path)
        found[path] = _scores(world.url + path, "" if path == "/login" else cookie)
    return found


def _scores(url: str, cookie: str) -> tuple[int, int, int, int]:
    flags = ["--output=json", "--quiet", "--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    if cookie:
        flags.append("--extra-headers=" + json.dumps({"Cookie": cookie}))
    env = os.environ | {"CHROME_PATH": chromium() or ""}
    for _ in range(3):  # a busy machine may not start a browser in time
        told = subprocess.run(
            ["node", str(LIGHTHOUSE), url, *flags], capture_output=True, text=True, check=False, env=env
        )
        if not told.returncode:
            break
    kinds = json.loads(told.stdout)["categories"]
    a, b, c, d = (
        round(100 * kinds[kind]["score"])
        for kind in ("performance", "accessibility", "best-practices", "seo")
    )
    return a, b, c, d
