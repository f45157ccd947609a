"""What nikto and its kin ask every server: places that should not be there, methods nobody needs, headers
that tell too much.

nikto itself is in no registry we may use; Debian's `dirb` lends its lists of places where it is installed.
"""

import http.client
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import unquote

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.trial import Trial
from tests.kit.routes import plain
from tests.test_routes import CENSUS

LISTS = (
    "common.txt",
    "extensions_common.txt",
    "vulns/apache.txt",
    "vulns/cgis.txt",
    "vulns/tests.txt",
    "vulns/iis.txt",
    "vulns/tomcat.txt",
)
DIRB = Path("/usr/share/dirb/wordlists")
KEPT = """.git/config .git/HEAD .git/index .gitignore .svn/entries .svn/wc.db .hg/store .bzr/README
CVS/Entries .DS_Store Thumbs.db .env .env.local .env.production .envrc .htaccess .htpasswd
.bash_history .profile .ssh/id_rsa .ssh/authorized_keys .aws/credentials .docker/config.json
.npmrc .pypirc .netrc .vscode/settings.json .idea/workspace.xml .editorconfig .ci/run
.dockerignore web.config Makefile Dockerfile Containerfile docker-compose.yml deploy/Containerfile
deploy/nginx.conf deploy/env.example pyproject.toml requirements.txt requirements.lock
package.json composer.json README.md SECURITY.md app.py settings.py assets.py jobs.py
db/__init__.py web/authentication.py rules/access/sign_in.py __pycache__/app.cpython-311.pyc
partials/layout.html texts assets assets/app.js var/cabinet.sqlite
cabinet.sqlite cabinet.sqlite-wal cabinet.sqlite-shm
data/cabinet.sqlite db.sqlite3 database.sqlite server-status server-info status stub_status
nginx_status basic_status phpinfo.php info.php test.php phpmyadmin/ pma/ adminer.php wp-login.php
wp-admin/ wp-config.php wp-content/debug.log xmlrpc.php administrator/ admin admin/ manager/html
console jmx-console solr/ jenkins/ actuator actuator/env actuator/heapdump actuator/health metrics
debug debug/pprof/ debug/vars __debug__/ _profiler/ _debugbar/open graphql graphiql api api/v1
api/swagger.json swagger.json swagger-ui.html openapi.json schema schema/openapi.json docs redoc
elmah.axd trace.axd WEB-INF/web.xml META-INF/MANIFEST.MF crossdomain.xml clientaccesspolicy.xml
sitemap.xml .well-known/openid-configuration .well-known/security.txt cgi-bin/ cgi-bin/test-cgi
cgi-bin/printenv cgi-bin/bash HNAP1/ boaform/admin/formLogin setup.cgi shell cmd.php c99.php
upload upload.php uploads/ files/ tmp/ logs/ log/ error.log access.log web.log nohup.out core
dump.rdb dump.sql static/ media/ private/ secret/ keys/ priv.key privkey.pem server.key
fullchain.pem id_rsa passwd etc/passwd proc/self/environ demo/phone demo/clock bank/v3/payments
sandbox station/""".split()
STEMS = (
    "cabinet",
    "backup",
    "db",
    "site",
    "www",
    "index",
    "config",
    "app",
    "login",
    "staff",
    "registry",
    "contracts",
)
ENDS = (
    ".bak",
    ".old",
    ".orig",
    ".save",
    ".swp",
    "~",
    ".sql",
    ".sqlite",
    ".zip",
    ".tar.gz",
    ".7z",
    ".log",
    ".inc",
    ".txt",
)
UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "..\\",
    "%252e%252e%252f",
    "..%c0%af",
    "....//",
    "..;/",
    ".%2e/",
)
ROOMS = ("/", "/assets/", "/assets/..", "/help/", "/blanks/", "/demo/")
GOALS = ("etc/passwd", "settings.py", "cabinet.sqlite")
METHODS = (
    "TRACE",
    "TRACK",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "SEARCH",
    "DEBUG",
)
# What no answer may hold: files of the machine, the program's own words, its traces.
LEAKS = re.compile(
    rb"root:x:|\[core\]|SQLite format|PRIVATE KEY|Traceback|File "
    rb"\"/|site-packages|/tmp/abuse|CABINET_[A-Z]|from litestar|import |phpinfo"
)
# The real pages, whoever may see them.
OURS = {
    plain(line).split()[1].rstrip("/") for line in CENSUS if line.startswith("GET") and "{" not in line
} | {"/assets"}


def places() -> Iterator[str]:
    yield from (f"/{place}" for place in KEPT)
    yield from (f"/{stem}{end}" for stem, end in product(STEMS, ENDS))
    yield from (f"{room}{up * 6}{goal}" for room, up, goal in product(ROOMS, UP, GOALS))
    for name in LISTS:
        if (DIRB / name).exists():
            lines = (DIRB / name).read_text("ascii", "ignore").splitlines()
            yield from (
                f"/{line.strip('/ ')}"
                for line in lines
                if re.fullmatch(r"[!-~]+", line) and not line.startswith("#")
            )


def ask(
    line: http.client.HTTPConnection, method: str, place: str, cookie: str
) -> tuple[int, dict[str, str], bytes]:
    """The address as it is written: a client of any sense would have tidied it."""
    line.putrequest(method, place, skip_accept_encoding=True)
    if cookie:
        line.putheader("Cookie", cookie)
    line.putheader("X-Mark", "marked-by-the-asker")
    line.endheaders()
    answer = line.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def wrong(status: int, told: dict[str, str], body: bytes, place: str) -> str:
    """What is bad about this answer; nothing, if it is a refusal that tells nothing."""
    shut = status in (400, 404, 405) or (
        status == 303 and told.get("location", "").startswith(("/login", "/staff/login"))
    )
    known = status in (200, 204, 303, 403) and unquote(place.split("?")[0]).rstrip("/") in OURS
    found = LEAKS.search(body)
    banner = re.search(r"\d", told.get("server", "")) or {
        "x-powered-by",
        "x-aspnet-version",
        "x-litestar",
    } & set(told)
    reasons = (
        "" if shut or known else str(status),
        found and f"утечка {found[0]!r}",
        banner and "версия сервера в заголовке",
        b"marked-by-the-asker" in body and "эхо запроса",
        "x-content-type-options" not in told and body and "нет nosniff",
    )
    return ", ".join(str(reason) for reason in reasons if reason)


def wellknown(found: Trial, clients: list[Client]) -> Finding:
    """Everything asked by nobody and by a subscriber; the methods of the real pages too."""
    asked = sorted(set(places()))
    finding = Finding("известные опасные адреса, методы и заголовки (то, что ищет nikto)")
    cookies = {
        "никто": "",
        "абонент": "; ".join(f"{name}={value}" for name, value in clients[1].http.cookies.items()),
    }
    line = http.client.HTTPConnection("127.0.0.1", found.house.base, timeout=20)
    for who, cookie in cookies.items():
        for method, place in [("GET", place) for place in asked] + list(
            product(METHODS, ("/", "/login", "/payments/operator", "/assets/x", "*"))
        ):
            try:
                status, told, body = ask(line, method, place, cookie)
            except (http.client.HTTPException, OSError):
                line.close()  # cut is refused
                finding.expect(True, "")
                continue
            bad = "" if method == "OPTIONS" and status == 204 else wrong(status, told, body, place)
            finding.expect(not bad, f"{who}: {method} {place}: {bad}")
    finding.outcome = f"адресов {len(asked)}: 404, 405 или вход, ничего лишнего"
    return finding
