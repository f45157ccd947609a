"""A fuzzer over every form a person or the desk can reach: 100,000 cases unless told otherwise, none answered
5xx.
"""

import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
from lxml import html

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.trial import Trial
from rules.requests.kinds import KINDS
from tests.kit.routes import plain
from tests.test_routes import CENSUS

NASTY = [
    "",
    " ",
    "0",
    "-1",
    "1e309",
    "NaN",
    "99999999999999999999",
    "9" * 5000,
    "1,00",
    "1.005",
    "0,001",
    "-0",
    "١٢٣",
    "½",
    "\u0000",
    "\ud7ff",
    "\u202e",
    "а" * 3000,
    "👨‍👩‍👧‍👦" * 300,
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%s%n%x",
    "../../etc/passwd",
    "2026-02-30",
    "31.02.2026",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "01.01.0001",
    "24:60",
    "+79211234567",
    "+7" + "9" * 50,
    "a@b",
    "a@" + "b" * 300 + ".ru",
    "on",
    "null",
    "true",
    "[]",
    "{}",
    "\r\n\r\n",
    "a\nb\rc",
    "＋７９２１",
    "й" + "\u0306" * 200,
    "044525225",
    "40702810900000000001",
    "78000001",
    "key",
    "\u00a0",
    "\ufeff",
    "CON",
    "=cmd|' /C calc'!A0",
    "1" * 20,
    "2026-11-23T00:00:00Z",
    "12.11.2026 10:00",
]
LEAVES = {
    "/logout",
    "/devices/end",
    "/settings/password",
    "/settings/entry",
    "/settings/phone",
    "/callbacks/bank",
    "/station/events",
    "/demo/clock",
}


def forms(client: Client, paths: list[str]) -> list[tuple[str, dict[str, list[str]]]]:
    """(action, field → values offered) of each form that posts, found on these pages."""
    found = {}
    for path in paths:
        answer = client.http.get(path, follow_redirects=True)
        if answer.status_code != 200 or "html" not in answer.headers.get("content-type", ""):
            continue
        for form in html.fromstring(answer.text).forms:
            place = (form.get("action") or path).partition("?")[0]
            if (form.get("method") or "").lower() == "post" and place not in LEAVES:
                found[place] = {
                    name: [str(v) for v in ([form.fields[name]] if form.fields[name] else [""])]
                    for name in form.fields
                    if name
                }
    return list(found.items())


def run(cases: int):
    def fuzz(found: Trial, clients: list[Client]) -> Finding:
        from checks.chaos.storms import staff

        finding, seen, lock = Finding("фаззер форм"), Counter(), threading.Lock()
        pages = [plain(line).split()[1] for line in CENSUS if line.startswith("GET")]
        plains = (
            [path for path in pages if "{" not in path]
            + [f"/requests/new/{kind}" for kind in KINDS]
            + ["/inbox/1", "/keys/1", "/staff/requests/1"]
        )
        askers = [
            (one, forms(one, plains))
            for one in [*clients, *(staff(found, login) for login in ("maria", "alexey", "egor", "ada"))]
        ]
        until, left = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", "3600")), iter(range(cases))

        def work(n: int) -> None:
            chance, (client, known) = random.Random(n), askers[n % len(askers)]
            for _ in left:
                if time.monotonic() > until or not known:
                    return
                place, fields = chance.choice(known)
                typed = {
                    name: chance.choice(NASTY) if chance.random() < 0.6 else values[0]
                    for name, values in fields.items()
                }
                if chance.random() < 0.2:
                    typed[chance.choice(NASTY)[:40] or "x"] = chance.choice(NASTY)
                if chance.random() < 0.2 and typed:
                    typed.pop(chance.choice(list(typed)))
                typed["_csrf_token"] = client.token()
                try:
                    code = client.http.post(place, data=typed).status_code
                except httpx.HTTPError as lost:
                    code = 599 if not isinstance(lost, httpx.TimeoutException) else 598
                with lock:
                    seen[code] += 1
                    finding.expect(
                        code < 500,
                        f"{code} {place} { ({k: v[:30] for k, v in typed.items() if k != '_csrf_token'}) }",
                    )

        with ThreadPoolExecutor(len(askers)) as pool:
            list(pool.map(work, range(len(askers))))
        finding.outcome = f"форм {sum(len(known) for _, known in askers)}; " + ", ".join(
            f"{code} × {many}" for code, many in sorted(seen.items())
        )
        return finding

    return fuzz
