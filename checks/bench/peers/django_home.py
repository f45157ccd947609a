"""The home page and the poll on Django, in one file: its usual middleware, its ORM over the same tables, its
Jinja backend.
"""

import os
from pathlib import Path

from django.conf import settings

HERE = Path(__file__).parent.parent.parent.parent
settings.configure(
    SECRET_KEY="for the benchmark alone",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.sessions"],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["CABINET_DATABASE"],
            "CONN_MAX_AGE": None,
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "DIRS": [HERE / "partials"],
            "OPTIONS": {"environment": f"{__name__}.environment"},
        }
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django is configured first
from django.db import models  # noqa: E402
from django.http import HttpResponse, HttpResponseForbidden  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from jinja2 import Environment  # noqa: E402

from checks.bench.peers import shown  # noqa: E402

app = get_wsgi_application()


def environment(**options) -> Environment:  # type: ignore[no-untyped-def]
    return shown.furnish(Environment(**options))


class Table(models.Model):
    class Meta:
        abstract = True
        app_label = "bench"


class Subscriber(Table):
    name = models.TextField()
    welcome = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "subscriber"


class Contract(Table):
    number = models.IntegerField()
    subscriber = models.ForeignKey(Subscriber, models.PROTECT)
    signed_on = models.DateField()
    address = models.TextField()
    ends_on = models.DateField(null=True)
    unread = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "contract"


class SessionRow(Table):
    token_hash = models.BinaryField()
    contract = models.ForeignKey(Contract, models.PROTECT)
    created_at = models.BigIntegerField()
    seen_at = models.BigIntegerField()

    class Meta(Table.Meta):
        db_table = "session"


class Service(Table):
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="services")
    kind = models.TextField()
    tariff = models.TextField()

    class Meta(Table.Meta):
        db_table = "service"


class ServiceInterval(Table):
    service = models.ForeignKey(Service, models.PROTECT, related_name="intervals")
    state = models.TextField()
    first = models.DateField()
    last = models.DateField(null=True)

    class Meta(Table.Meta):
        db_table = "service_interval"


class ServicePrice(Table):
    service = models.ForeignKey(Service, models.PROTECT, related_name="prices")
    since = models.DateField()
    kopecks = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "service_price"


class LedgerEntry(Table):
    contract = models.ForeignKey(Contract, models.PROTECT)
    amount = models.IntegerField()

    class Meta(Table.Meta):
        db_table = "ledger_entry"


class LedgerMonth(Table):
    first = models.DateField(primary_key=True)

    class Meta(Table.Meta):
        db_table = "ledger_month"


class Request(Table):
    contract = models.ForeignKey(Contract, models.PROTECT)
    kind = models.TextField()
    state = models.TextField()
    effective_day = models.DateField(null=True)

    class Meta(Table.Meta):
        db_table = "request"


class Site(Table):
    name = models.TextField()

    class Meta(Table.Meta):
        db_table = "site"


class Key(Table):
    site = models.ForeignKey(Site, models.PROTECT)

    class Meta(Table.Meta):
        db_table = "key"


class AddedKey(Table):
    key = models.ForeignKey(Key, models.PROTECT)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="added")

    class Meta(Table.Meta):
        db_table = "added_key"


class Event(Table):
    key_id = models.IntegerField()
    at = models.BigIntegerField()
    kind = models.IntegerField()
    code = models.TextField()
    who = models.TextField(null=True)

    class Meta(Table.Meta):
        db_table = "event"


def current(request) -> SessionRow | None:  # type: ignore[no-untyped-def]
    token = shown.hashed(request.COOKIES.get("cabinet", ""))
    row = SessionRow.objects.select_related("contract__subscriber").filter(token_hash=token).first()
    return row if row and shown.alive(row.seen_at, row.created_at) else None


def home(request) -> HttpResponse:  # type: ignore[no-untyped-def]
    row = current(request)
    if row is None:
        return HttpResponseForbidden()
    contract = row.contract
    services = [
        (one, one.intervals.all(), one.prices.all())
        for one in contract.services.prefetch_related("intervals", "prices")
    ]
    sites = [
        (one.key.site.name, list(Event.objects.filter(key_id=one.key_id).order_by("-at")[:3]))
        for one in contract.added.select_related("key__site")
    ]
    entries = (
        LedgerEntry.objects.filter(contract=contract).aggregate(models.Sum("amount"))["amount__sum"] or 0
    )
    waiting = Request.objects.filter(contract=contract, state="approved")
    closed = {one.first for one in LedgerMonth.objects.all()}
    facts = shown.context(
        contract.subscriber, contract, services, entries, closed, waiting, sites, get_token(request)
    )
    # Not `render`: Django puts a csrf_token of its own there, a word and not a function.
    return HttpResponse(engines["jinja2"].env.get_template("home/show.html").render(facts))


def envelope(request) -> HttpResponse:  # type: ignore[no-untyped-def]
    row = current(request)
    return (
        render(request, "requests/_inbox_badge.html", {"unread": row.contract.unread})
        if row
        else HttpResponseForbidden()
    )


urlpatterns = [path("", home), path("inbox/envelope", envelope)]
