"""`python -m checks.chaos.swarm PORT COUNT`: that many slow lines to a TLS front, from many addresses,
watched until each is dropped.

A process of its own: the slow are somebody else's machines. Says its figures as JSON.
"""

import json
import select
import socket
import ssl
import sys
import time

NAME = "lk.example.ru"
HEAD = f"Host: {NAME}\r\nUser-Agent: slow\r\n"
FIRST = {
    "body": f"POST /login HTTP/1.1\r\n{HEAD}Content-Type: "
    "application/x-www-form-urlencoded\r\nContent-Length: 8000\r\n\r\n",
    "read": f"GET %s HTTP/1.1\r\n{HEAD}\r\n" * 8,
    "kept": f"GET /health HTTP/1.1\r\n{HEAD}\r\n",
    "head": f"GET /login HTTP/1.1\r\n{HEAD}X-Slow: ",
    "idle": "",
}
# The longest lived are opened first, so that all stand together; a quarter of each kind, half of the idle
# after an answer.
SHARES = (("body", "kept", "body"), ("read", "head", "idle", "read", "head"))
AN_ADDRESS = 50  # lines from one address, below what the front allows one
AT_ONCE = 96
ENOUGH = 45.0


class Line:
    def __init__(self, kind: str, number: int, port: int, tls: ssl.SSLContext) -> None:
        self.kind, self.began, self.gone, self.spoke = kind, time.monotonic(), 0.0, False
        bare = socket.socket()
        bare.setblocking(False)
        if kind == "read":
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        address = number // AN_ADDRESS
        bare.bind((f"127.0.{1 + address // 250}.{1 + address % 250}", 0))
        bare.connect_ex(("127.0.0.1", port))
        self.raw = bare if kind == "idle" else tls.wrap_socket(bare, do_handshake_on_connect=False)
        self.spoke = kind == "idle"

    def step(self, asset: str) -> bool:
        """Go on with the handshake; whether the first words were said."""
        try:
            self.raw.do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        self.raw.send(FIRST[self.kind].replace("%s", asset).encode())
        self.spoke = True
        return True

    def drip(self) -> None:
        """What it does in a second: one byte sent, or one read."""
        if self.kind in ("body", "head"):
            self.raw.send(b"a")
        elif self.kind == "read":
            socket.socket.recv(self.raw, 1)


class Swarm:
    def __init__(self, port: int, asset: str) -> None:
        self.port, self.asset, self.poll, self.open = port, asset, select.epoll(), dict[int, Line]()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.lines: list[Line] = []
        self.peak, self.peaked = 0, 0

    def enter(self, kind: str) -> None:
        line = Line(kind, len(self.lines), self.port, self.tls)
        self.lines.append(line)
        self.open[line.raw.fileno()] = line
        self.poll.register(
            line.raw.fileno(),
            select.EPOLLRDHUP | (select.EPOLLIN if line.spoke else select.EPOLLOUT | select.EPOLLIN),
        )

    def heard(self, wait: float) -> None:
        for number, event in self.poll.poll(wait, 2000):
            line = self.open.get(number)
            if line is None:
                continue
            try:
                if event & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
                    self.lost(number, line)
                elif not line.spoke:
                    if line.step(self.asset):
                        self.poll.modify(
                            number, select.EPOLLRDHUP | (0 if line.kind == "read" else select.EPOLLIN)
                        )
                    else:
                        self.poll.modify(number, select.EPOLLRDHUP | select.EPOLLIN)
                elif not socket.socket.recv(line.raw, 4096):
                    self.lost(number, line)
            except BlockingIOError:
                pass
            except OSError:
                self.lost(number, line)
        self.peak = max(self.peak, sum(line.spoke for line in self.open.values()) if wait else 0)

    def lost(self, number: int, line: Line) -> None:
        line.gone = time.monotonic()
        self.poll.unregister(number)
        del self.open[number]
        line.raw.close()

    def drip(self) -> None:
        for number, line in list(self.open.items()):
            try:
                if line.spoke:
                    line.drip()
            except (BlockingIOError, ssl.SSLWantWriteError):
                pass
            except OSError:
                self.lost(number, line)

    def live(self, count: int) -> None:
        long = count * 3 // 8
        kinds = [SHARES[0][n % 3] for n in range(long)] + [SHARES[1][n % 5] for n in range(count - long)]
        dripped = time.monotonic()
        while (kinds or self.open) and (kinds or time.monotonic() < self.lines[-1].began + ENOUGH):
            shaking = sum(not line.spoke for line in self.open.values())
            for kind in kinds[: max(0, AT_ONCE - shaking)]:
                self.enter(kind)
            del kinds[: max(0, AT_ONCE - shaking)]
            self.heard(0.05)
            if time.monotonic() - dripped > 1:
                dripped = time.monotonic()
                self.drip()

    def told(self) -> dict:
        now, kinds = time.monotonic(), list(FIRST)
        ages = {
            kind: [(line.gone or now) - line.began for line in self.lines if line.kind == kind]
            for kind in kinds
        }
        return {
            "opened": len(self.lines),
            "together": self.peak,
            "left": len(self.open),
            "mute": sum(not line.spoke for line in self.lines),
            "in": round(self.lines[-1].began - self.lines[0].began, 1),
            "longest": {kind: round(max(many), 1) for kind, many in ages.items()},
        }


if __name__ == "__main__":
    swarm = Swarm(int(sys.argv[1]), sys.argv[3])
    swarm.live(int(sys.argv[2]))
    print(json.dumps(swarm.told()))
