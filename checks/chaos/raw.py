"""Requests no browser would send, byte by byte, and the files nobody should send."""

import socket
import threading
import time

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.trial import Trial
from tests.kit import hostile

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
# Pictures and the pages of a PDF are drawn anew: what hid in them is gone, and the rest is taken.
HARMLESS = (
    "gif.jpg",
    "eicar.jpg",
    "polyglot.jpg",
    "script.pdf",
    "launch.pdf",
    "many.pdf",
    "share.pdf",
    "link.pdf",
    "film.pdf",
    "af.pdf",
)
METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "DEBUG", "GARBAGE", "get", "")


def say(port: int, raw: bytes, wait: float = 10) -> bytes:
    """The first bytes of the answer; empty when the line was cut."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=wait) as line:
            line.sendall(raw)
            return line.recv(4096)
    except OSError:
        return b""


def status(answer: bytes) -> int:
    part = answer.split(b" ", 2)
    return int(part[1]) if answer.startswith(b"HTTP/") and len(part) > 1 and part[1].isdigit() else 0


def requests(found: Trial, clients: list[Client]) -> Finding:
    """Methods, paths, headers, cookies and bodies out of all measure: 4xx or a cut line, never 5xx."""
    finding, port, head = (
        Finding("странные запросы: методы, пути, UTF-8, NUL, заголовки, куки, тела"),
        found.house.base,
        b"Host: x\r\n",
    )
    cookie = f"cabinet={clients[0].http.cookies.get('cabinet')}".encode()
    lines = [
        f"{method} {path} HTTP/1.1\r\n".encode()
        for method in METHODS
        for path in ("/", "/login", "/payments/operator", "*")
    ]
    paths = (
        "/%00",
        "/%ff%fe",
        "/payments/%00",
        "/payments/1%00",
        "/../../etc/passwd",
        "/assets/../settings.py",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "//evil.example/",
        "/" + "a" * 20_000,
        "/inbox/" + "9" * 400,
        "/inbox/-1",
        "/payments/%F0%9F%98%80",
        "/statement?first=%ff",
        "/events?first=0000-00-00&last=99999-99-99",
        "/?" + "a=1&" * 5000,
        "/login?next=%0d%0aX-Injected:1",
        "/payments?before=%00",
        "/events?before=%ff%00",
    )
    lines += [f"GET {path} HTTP/1.1\r\n".encode() for path in paths]
    raws = [line + head + b"Cookie: " + cookie + b"\r\nConnection: close\r\n\r\n" for line in lines]
    get = b"GET / HTTP/1.1\r\n" + head
    raws += [
        get + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
        get + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
        get + b"Cookie: cabinet=" + b"A" * 60_000 + b"\r\n\r\n",
        get + b"Cookie: cabinet=\xff\xfe\x00; flash=\x00\r\n\r\n",
        get + b"Cookie: " + b"; ".join(b"c%d=1" % n for n in range(3000)) + b"\r\n\r\n",
        get + b"Accept-Encoding: \xff\r\n\r\n",
        get + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        get + b"Content-Length: -1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 4000,
        b"\x16\x03\x01\x02\x00" * 50,
        b"GET /\r\n\r\n",
        b"\r\n" * 5000,
        get + b"HX-Request: true\r\nHX-Current-URL: \xff\r\nHX-Target: \x01\r\n\r\n",
    ]
    token = clients[0].token().encode()
    post = (
        b"POST /login HTTP/1.1\r\n"
        + head
        + b"Cookie: "
        + clients_cookie(clients[0])
        + b"\r\nX-CSRFToken: "
        + token
        + b"\r\n"
    )
    for kind, body in BODIES:
        raws.append(post + b"Content-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        raws.append(
            post
            + b"Content-Type: "
            + kind
            + b"\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body)
            + body
            + b"\r\n0\r\n\r\n"
        )
    for raw in raws:
        code = status(say(port, raw))
        finding.expect(code < 500 or code in (501, 505), f"{code}: {raw[:80]!r}")
    finding.outcome = "4xx или обрыв"
    return finding


def clients_cookie(client: Client) -> bytes:
    return "; ".join(f"{name}={value}" for name, value in client.http.cookies.items()).encode()


BODIES = [
    (b"application/x-www-form-urlencoded", b"number=%ff%fe&password=%00"),
    (b"application/x-www-form-urlencoded", b"a=1&" * 10_000),
    (b"application/x-www-form-urlencoded", b"number=\xff\x00\x80&password=\xc3\x28"),
    (b"application/json", b"{" * 50_000),
    (b"multipart/form-data", b"no boundary"),
    (b"multipart/form-data; boundary=", b"----\r\n"),
    (b"text/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"),
    (
        b"multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="..\\..\\b"\r\n\r\n' + b"\x00" * 100,
    ),
    (b"multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 3000 + b"\r\n\r\n--x--\r\n"),
    (b"multipart/form-data; boundary=" + b"x" * 5000, b"--" + b"x" * 5000),
    (b"application/x-www-form-urlencoded; charset=utf-7", b"+ADw-=1"),
]


def uploads(found: Trial, clients: list[Client]) -> Finding:
    """Every hostile file under every hostile name: a page with a sentence; what is kept is only what is
    clean.
    """
    finding, client = (
        Finding("вложения: бомбы, скрипты, двойники, EICAR, имена ../ и абсолютные, 10 МБ + 1"),
        clients[0],
    )
    pdf, jpeg = hostile.pdf(), hostile.picture()
    files = {
        "eicar.pdf": EICAR,
        "eicar.jpg": jpeg + EICAR,
        "polyglot.pdf": jpeg + pdf,
        "polyglot.jpg": pdf + jpeg,
        "page.pdf": b"<html><script>1</script>",
        "zip.pdf": pdf + hostile.archive(),
        "gif.jpg": b"GIF89a/*" + jpeg,
        "svg.png": b"<svg onload=alert(1)>",
        "script.pdf": hostile.pdf_with_script(),
        "file.pdf": hostile.pdf_with_file(),
        "locked.pdf": hostile.pdf_with_password(),
        "launch.pdf": hostile.pdf_launching(),
        "share.pdf": hostile.pdf_going_to_a_share(),
        "link.pdf": hostile.pdf_with_link(),
        "film.pdf": hostile.pdf_with_film(),
        "af.pdf": hostile.pdf_with_associated_file(),
        "clip.pdf": hostile.pdf_with_file_note(),
        "hex.pdf": hostile.pdf_bomb_in_two_codings(),
        "bomb.pdf": hostile.pdf_bomb(),
        "many.pdf": hostile.pdf_of_many_parts(),
        "bomb.png": hostile.png_bomb(),
        "empty.pdf": b"",
        "big.pdf": pdf + b"\0" * (10 * 1024 * 1024 + 1),
        "nul.jpg": b"\0" * 5000,
        "torn.jpg": jpeg[:200],
        "torn.pdf": pdf[:100],
    }
    for name, body in files.items():
        tried(finding, client, name, body, refused=name not in HARMLESS)
    escape = found.house.folder.parent / "abuse-escaped.pdf"
    names = (
        "../../../../tmp/abuse-escaped.pdf",
        str(escape),
        "..\\..\\x.pdf",
        "a\0b.pdf",
        "CON.pdf",
        "a" * 5000 + ".pdf",
        "\u202efdp.exe",
        "<script>.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "%2e%2e%2fa.pdf",
        ".htaccess",
        "' OR 1=1 --.pdf",
    )
    for name in names:
        tried(finding, client, name, pdf, refused=False)
    finding.expect(not escape.exists(), "файл вышел за пределы папки")
    many = {f"field{n}": "x" for n in range(10_000)}
    finding.expect(
        client.post("/requests/new/letter", text="поля", key="много", **many).status_code < 500,
        "10 000 полей",
    )
    return finding


def tried(finding: Finding, client: Client, name: str, body: bytes, refused: bool) -> None:
    """One file with a letter; hostile ones must be refused (422, 413) with a page."""
    files = [("files", (name, body, "application/pdf"))]
    try:
        answer = client.post(
            "/requests/new/letter", files=files, text=f"Файл {len(name)} {time.time()}", key=str(time.time())
        )
        code = answer.status_code
    except OSError:
        code = 413
    finding.expect(code < 500 and (not refused or code in (413, 422, 400)), f"{name[:60]!r}: {code}")


def slow(found: Trial, clients: list[Client]) -> Finding:
    """Two hundred lines that never finish their headers, while a person goes on reading."""
    finding, held = Finding("200 медленных соединений прямо к серверу, без прокси"), []
    for _ in range(200):
        line = socket.create_connection(("127.0.0.1", found.house.base), timeout=5)
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        held.append(line)
    drip = threading.Thread(target=lambda: [line.send(b"a") for line in held for _ in range(3)], daemon=True)
    drip.start()
    worst = 0.0
    for _ in range(40):
        began = time.monotonic()
        finding.expect(clients[0].http.get("/").status_code == 200, "посетитель не дождался")
        worst = max(worst, time.monotonic() - began)
    for line in held:
        line.close()
    finding.outcome = f"посетитель ждал не дольше {worst * 1000:.0f} мс"
    return finding
