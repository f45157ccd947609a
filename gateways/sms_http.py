"""SMS over HTTP: one JSON request per message with a bearer key, as in SendSMS of МТС Exolve and others.

`POST url {"number": sender, "destination": "79…", "text": …}` answers `{"message_id": …}`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from rules import machine_json

AT_ONCE = 8


@dataclass
class HttpGateway:
    url: str
    key: str
    sender: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=httpx.Timeout(10, connect=5)))

    def send(self, messages: list[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        """Return per (E.164, text): the gateway's id, an error, and whether the error is permanent."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._one, messages))

    def delivery_reports(self) -> list[tuple[str, bool]]:
        """Return nothing: this gateway sends its reports to us (routes/sms_delivery_reports.py)."""
        return []

    def _one(self, message: tuple[str, str]) -> tuple[str, str, bool]:
        to, text = message
        body = {"number": self.sender, "destination": to.lstrip("+"), "text": text}
        try:
            answer = self.client.post(self.url, json=body, headers={"authorization": f"Bearer {self.key}"})
        except httpx.HTTPError as wrong:
            return "", type(wrong).__name__, False
        if answer.is_success:
            return _id(answer), "", False
        # 4xx concerns this message; 401, 403, 408 and 429 concern our account and may be temporary.
        permanent = 400 <= answer.status_code < 500 and answer.status_code not in (401, 403, 408, 429)
        return "", f"HTTP {answer.status_code}", permanent


def _id(answer: httpx.Response) -> str:
    try:
        found = machine_json.load(answer.content)
    except ValueError:
        return ""
    return str(found.get("message_id", ""))[:65] if isinstance(found, dict) else ""
