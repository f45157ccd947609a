"""Two tabs of one browser: they share cookies, so a contract chosen in one applies to the other."""

from sqlalchemy import func, select
from sqlmodel import SQLModel

from tests.kit.browser import Browser


def other_tab(browser: Browser) -> Browser:
    """Return another tab of the same browser, with its own page."""
    return Browser(browser.client)


def choose(browser: Browser, contract_id: int) -> None:
    """Switch to another contract of this person, by the switcher of every page."""
    browser.get("/")
    browser.submit("/contracts/current", contract=str(contract_id))


def sign_in_again(browser: Browser, as_whom: Browser) -> None:
    """Sign in as somebody else in another tab: the browser's session is now theirs."""
    browser.client.cookies.delete("cabinet", domain="testserver.local", path="/")
    browser.client.cookies.set("cabinet", as_whom.client.cookies["cabinet"], domain="testserver.local")


def stored_rows(db) -> dict[str, int]:
    """Return the number of rows in each table, so that any write shows."""
    db.rollback()
    tables = SQLModel.metadata.sorted_tables
    return {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
