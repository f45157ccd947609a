"""Bodies too large for anybody: from many at once, declared or not; and what the worker still holds when all
is over.
"""

import socket
import threading
import time

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.raw import clients_cookie, status
from checks.chaos.trial import Trial

MB = 1 << 20
SIZE = 60 * MB
MANY = 40
PATIENT = 5.0  # seconds a visitor may wait meanwhile, on a machine that also makes the flood
GROWTH = 2.0  # times what it held before


def flood(found: Trial, clients: list[Client]) -> Finding:
    """Sixty megabytes of `a=b&` from forty at once, while somebody reads; each is refused before it is taken
    apart.
    """
    finding = Finding(f"форма {SIZE // MB} МБ от {MANY} сразу: с длиной, без неё, от никого и от вошедшего")
    codes: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: codes.append(_post_large(found.house.base, n, clients[n % 4])), daemon=True
        )
        for n in range(MANY)
    ]
    for thread in threads:
        thread.start()
    worst, pages = 0.0, 0
    while any(thread.is_alive() for thread in threads):
        began = time.monotonic()
        finding.expect(clients[0].http.get("/contacts").status_code == 200, "посетитель не дождался")
        worst, pages = max(worst, time.monotonic() - began), pages + 1
        time.sleep(0.02)
    for code in codes:
        finding.expect(code in (0, 303, 403, 413, 503), f"ответ {code}")
    finding.expect(worst < PATIENT, f"посетитель ждал {worst:.1f} с")
    peak = found.house.memory_used()
    told = ", ".join(f"{code or 'обрыв'} × {codes.count(code)}" for code in sorted(set(codes)))
    finding.outcome = f"{told}; {pages} страниц, не дольше {worst * 1000:.0f} мс; память {peak // MB} МБ"
    return finding


def _post_large(port: int, n: int, client: Client) -> int:
    """The status of one such form, 0 when the line was cut: to the entry or, signed in, with files; declared
    or chunked.
    """
    declared, inside = n % 2 == 0, n % 4 >= 2
    path, cookie = (
        ("/requests/new/letter", b"Cookie: " + clients_cookie(client) + b"\r\n")
        if inside
        else ("/login", b"")
    )
    length = b"Content-Length: %d" % SIZE if declared else b"Transfer-Encoding: chunked"
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    head = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%b%b%b\r\n\r\n" % (
        path.encode(),
        port,
        cookie,
        kind,
        length,
    )
    piece = b"a=b&" * (MB // 4)
    sent = piece if declared else b"%x\r\n%b\r\n" % (len(piece), piece)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            try:
                line.sendall(head)
                for _ in range(SIZE // MB):
                    line.sendall(sent)
            except OSError:
                pass  # it answers before it has everything: that is the point
            return status(line.recv(4096))
    except OSError:
        return 0


def memory(found: Trial, clients: list[Client]) -> Finding:
    """After everything: what the worker holds at rest, beside what it held before anybody came."""
    finding = Finding("память рабочего процесса после всего")
    now = found.house.memory_at_rest()
    finding.expect(now <= GROWTH * found.idle, f"{now // MB} МБ, а было {found.idle // MB}")
    finding.outcome = f"{now // MB} МБ; до всего {found.idle // MB} МБ, предел — вдвое больше"
    return finding
