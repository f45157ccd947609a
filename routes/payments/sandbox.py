"""The sandbox bank, in a demonstration only: its API over HTTP and its payment page."""

from threading import Thread

from litestar import MediaType, Response
from litestar.params import FromPath, RawBody

from gateways.banks import sandbox
from gateways.sandbox import payment_page as till
from gateways.sandbox.bank import CARDS, SandboxBank
from rules.amounts import rubles
from web import Now, Request, Typed, get, not_found, page, post, redirect

demo_only = True
CARD_CHOICES = [
    ("good", "Мир •• 4477", "денег хватает"),
    ("empty", "Мир •• 4535", "денег нет"),
    ("once", "Мир •• 4592", "сейчас хватит, автоплатёж не пройдёт"),
]
BEHAVIOURS = [
    ("once", "сразу, один раз"),
    ("twice", "дважды"),
    ("late", f"через {till.SLOW:.0f} секунд"),
    ("never", "никогда"),
]


def _answer(request: Request, now: Now, path: str, body: bytes) -> Response:
    settings = request.app.state.settings
    origin = str(request.base_url).rstrip("/")
    status, answer = sandbox(settings, now).answer(
        request.method, f"/{path}", request.headers, body, dict(request.query_params), origin
    )
    return Response(answer, status_code=status, media_type=MediaType.JSON)


@post("/bank/v3/{kind:str}", public=True, exclude_from_csrf=True, executor="sandbox")
def create_object(request: Request, now: Now, kind: FromPath[str], body: RawBody) -> Response:
    return _answer(request, now, kind, body)


@get("/bank/v3/{kind:str}", public=True)
def list_objects(request: Request, now: Now, kind: FromPath[str]) -> Response:
    return _answer(request, now, kind, b"")


@get("/bank/v3/{kind:str}/{thing:str}", public=True)
def show_object(request: Request, now: Now, kind: FromPath[str], thing: FromPath[str]) -> Response:
    return _answer(request, now, f"{kind}/{thing}", b"")


@get("/bank/pay/{number:str}", public=True)
def show(request: Request, now: Now, number: FromPath[str]) -> Response:
    thing, extra = till.find_payment(sandbox(request.app.state.settings, now), number) or not_found()
    open_ = thing["status"] == "pending" and "card" not in extra
    return page(
        request,
        "payments/sandbox/pay.html",
        thing=thing,
        back=extra["back"],
        open=open_,
        cards=CARD_CHOICES,
        manners=BEHAVIOURS,
        amount=rubles(round(float(thing["amount"]["value"]) * 100)),
        save=extra["save"],
    )


@post("/bank/pay/{number:str}", public=True)
def decide(request: Request, now: Now, typed: Typed, number: FromPath[str]) -> Response:
    """Pay or refuse at the bank, then redirect to the shop; its webhooks are sent in parallel."""
    bank = sandbox(request.app.state.settings, now)
    extra = (till.find_payment(bank, number) or not_found())[1]
    card, manner = typed.get("card", "good"), typed.get("manner", "once")
    if card not in CARDS or manner not in till.BEHAVIOURS:
        not_found()
    if not till.decide(bank, number, "pay" if typed.get("choice") == "pay" else "refuse", card, manner):
        return redirect(f"/bank/pay/{number}")
    deliver_soon(bank)
    return redirect(extra["back"])


def deliver_soon(bank: SandboxBank) -> None:
    """Send the webhooks in a thread while the page is answered, as a real bank does.

    Webhooks that were not sent now are sent by the job.
    """
    Thread(target=till.deliver_webhooks, args=(bank,), daemon=True).start()


# `list_objects` must come before `create_object`, which has the same path and runs in a thread: with each
# later handler of a path Litestar registers the earlier ones again, and would wrap a threaded one twice.
routes = [list_objects, create_object, show_object, show, decide]
