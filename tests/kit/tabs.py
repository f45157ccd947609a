"""Two tabs of one browser: they share its cookies, so what one chooses the other acts on."""

from sqlalchemy import func, select
from sqlmodel import SQLModel

from tests.kit.browser import Browser


def other_tab(browser: Browser) -> Browser:
    """One more tab of the same browser, with a page of its own."""
    return Browser(browser.client)


def choose(browser: Browser, contract_id: int) -> None:
    """Another contract of this person, by the switcher of every page."""
    browser.get("/")
    browser.submit("/contracts/current", contract=str(contract_id))


def sign_in_again(browser: Browser, as_whom: Browser) -> None:
    """In another tab somebody else has signed in: the browser's session is theirs now."""
    browser.client.cookies.delete("cabinet", domain="testserver.local", path="/")
    browser.client.cookies.set("cabinet", as_whom.client.cookies["cabinet"], domain="testserver.local")


def stored_rows(db) -> dict[str, int]:
    """How many rows each table has: what was written shows, whatever it was."""
    db.rollback()
    tables = SQLModel.metadata.sorted_tables
    return {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
