"""What answers carry (the Observatory's rules by our own reckoning), and what the logs must not say."""

import re

from checks.chaos.abuse import Finding, own_files
from checks.chaos.client import Client
from checks.chaos.trial import Trial
from tests.kit.cast import PASSWORD

PAGES = (
    "/",
    "/login",
    "/payments/operator",
    "/nothing",
    "/assets/nothing",
    "/contacts",
    "/help",
    "/statement.pdf",
)


def score(headers: dict[str, str], cookies: list[str], tls: bool) -> tuple[int, list[str]]:
    """Points and what costs some, by MDN HTTP Observatory's table; without TLS nothing is taken for it."""
    policy = {
        part.split()[0]: part.split()[1:]
        for part in headers.get("content-security-policy", "").split(";")
        if part.split()
    }
    scripts = policy.get("script-src", policy.get("default-src", ["*"]))
    points, why = 100, []

    def rule(good: bool, change: int, words: str) -> None:
        nonlocal points
        if change < 0 and not good:
            points += change
            why.append(words)
        elif change > 0 and good:
            points += change

    unsafe = {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:", "http:"}
    rule(bool(policy) and not unsafe & set(scripts), -25, "CSP")
    rule(not unsafe & set(policy.get("style-src", policy.get("default-src", ["*"]))), -10, "CSP: style")
    rule(policy.get("default-src") in (["'none'"], ["'self'"]) and not unsafe & set(scripts), 5, "CSP")
    rule(policy.get("frame-ancestors") == ["'none'"], -20, "framing")
    rule(policy.get("frame-ancestors") == ["'none'"], 5, "framing")
    rule(policy.get("object-src", policy.get("default-src")) in (["'none'"], ["'self'"]), -10, "object-src")
    rule(policy.get("base-uri") in (["'none'"], ["'self'"]), -10, "base-uri")
    rule(headers.get("x-content-type-options") == "nosniff", -5, "nosniff")
    rule(headers.get("referrer-policy") in ("same-origin", "no-referrer", "strict-origin"), 5, "referrer")
    rule(headers.get("cross-origin-resource-policy") in ("same-origin", "same-site"), 10, "CORP")
    rule(headers.get("access-control-allow-origin") is None, -50, "CORS")
    rule(
        all("HttpOnly" in one and "SameSite" in one for one in cookies if "cabinet" in one.split("=")[0]),
        -20,
        "cookies",
    )
    rule(not tls or "max-age=63072000" in headers.get("strict-transport-security", ""), -20, "HSTS")
    return points, why


def headers(found: Trial, clients: list[Client]) -> Finding:
    finding, least = Finding("заголовки по правилам Observatory и CSP Evaluator"), 999
    for path in PAGES:
        answer = clients[0].http.get(path)
        points, why = score(
            {k.lower(): v for k, v in answer.headers.items()}, answer.headers.get_list("set-cookie"), False
        )
        least = min(least, points)
        finding.expect(points >= 120 and not why, f"{path} ({answer.status_code}): {points} {why}")
    finding.outcome = f"не меньше {least} очков (A+ от 100 с учётом наград)"
    return finding


def logs(found: Trial, clients: list[Client]) -> Finding:
    """Everything the processes wrote, after all that was done to them."""
    finding = Finding("журналы процессов: пароли, телефоны, коды, куки, номера договоров и ключей")
    text = "".join(path.read_text("utf-8", "replace") for path in found.house.folder.glob("*.log"))
    words = [
        PASSWORD,
        "не тот ",
        "Моё личное письмо",
        "chaos-chaos",
        *(who.mobile[1:] for who in found.people),
    ]
    words += [
        client.http.cookies.get("cabinet") or PASSWORD for client in clients if len(client.http.cookies) < 4
    ]
    for word in words:
        finding.expect(word not in text, f"в журнале есть «{word[:12]}…»")
    for name, pattern in {"телефон": r"\+7\d{10}", "паспорт": r"\b\d{4} \d{6}\b"}.items():
        finding.expect(not re.search(pattern, text), f"{name}: {re.findall(pattern, text)[:3]}")
    finding.outcome = f"{len(text) // 1024} КБ, ничего"
    return finding


def escaped(found: Trial, clients: list[Client]) -> Finding:
    finding = Finding("файлы, появившиеся вне папки кабинета")
    for path in own_files(found.house.folder):
        finding.expect(False, path)
    finding.expect(True, "")
    finding.outcome = "ни одного"
    return finding
