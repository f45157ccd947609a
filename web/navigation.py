"""The one table of the navigation: the menu, the home page's list, `aria-current` and each section's help."""

from functools import cache
from typing import NamedTuple

from db.journal import Person
from rules.access.staff import may


class Item(NamedTuple):
    """`paths`: first words of the addresses that belong to the item; `bar`: it stands in the phone's bar."""

    title: str
    address: str
    icon: str
    paths: tuple[str, ...]
    help: str = ""  # file in texts/help
    bar: bool = False
    right: str = ""  # of a staff role; everyone's when empty
    full_title: str = ""  # on the home page


SUBSCRIBER = (
    Item("Главная", "/", "home", ("", "notices"), "home", bar=True),
    Item(
        "Оплатить", "/payments/new", "pay", ("payments", "templates"), "payments", True, "", "Оплатить услуги"
    ),
    Item("Автоплатёж", "/autopay", "autopay", ("autopay",), "autopay"),
    Item("Управление услугами", "/requests/new", "services", ("requests",), "requests"),
    Item("События", "/events", "events", ("events", "keys", "alarms", "supervision"), "events", bar=True),
    Item("Обращения", "/inbox", "mail", ("inbox",), "inbox", bar=True),
    Item("Выписка", "/statement", "statement", ("statement", "receipts"), "statement"),
    Item("Настройки", "/settings", "settings", ("settings", "devices"), "settings"),
    Item("Бланки", "/blanks", "blanks", ("blanks",), "blanks"),
    Item("Контакты", "/contacts", "contacts", ("contacts",), "contacts"),
)
MONEY = ("money", "ledger", "refunds", "debtors", "reconciliations", "discrepancies")
STAFF = (
    Item("Очередь", "/staff", "mail", ("", "requests"), bar=True, right="look"),
    Item("Абоненты", "/staff/subscribers", "settings", ("subscribers",), bar=True, right="look"),
    Item("Деньги", "/staff/money", "pay", MONEY, bar=True, right="correct"),
    Item("Ключи", "/staff/keys", "key", ("keys",), bar=True, right="keys"),
    Item("Ответы", "/staff/answers", "statement", ("answers",), bar=True, right="canned"),
    Item("Уведомления", "/staff/notices", "new", ("notices",), bar=True),
    Item("Работа", "/staff/work", "services", ("work",), bar=True, right="work"),
    Item("Журнал", "/staff/journal", "events", ("journal",), bar=True, right="journal"),
)
NOWHERE = Item("", "", "", ())
BAR = 4  # items in the phone's bar


def menu_items(person: Person) -> list[Item]:
    """The items this person may open, in their order."""
    if person.kind == "staff":
        return [item for item in STAFF if not item.right or may(person.role, item.right)]
    return [item for item in SUBSCRIBER if person.opens(item.address)]


def bar_titles(items: list[Item]) -> set[str]:
    """Titles of the items that stand in the phone's bar."""
    return {item.title for item in [item for item in items if item.bar][:BAR]}


@cache
def _by_path() -> dict[tuple[bool, str], Item]:
    return {
        (staff, path): item
        for staff, items in ((False, SUBSCRIBER), (True, STAFF))
        for item in items
        for path in item.paths
    }


def find_item(path: str) -> Item:
    """The item an address belongs to; `NOWHERE` for none."""
    first, _, rest = path.lstrip("/").partition("/")
    staff = first == "staff"
    return _by_path().get((staff, rest.partition("/")[0] if staff else first), NOWHERE)
