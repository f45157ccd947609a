"""Several tabs, clicks and callbacks for the same payment at once."""

from tests.kit import cast
from tests.kit.payment_steps import (
    filled,
    till,  # noqa: F401 - fixtures
)


def at_once(*posts) -> list[int]:
    """The codes of posts that begin together."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    gate = Barrier(len(posts))

    def press(post):
        gate.wait()
        return post().status_code

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(press, posts))


def tab(browser, **fields):
    """A tab with the form filled in: pressing its button."""
    browser.get("/payments/operator")
    data = filled(browser.page) | fields
    return lambda: browser.client.post("/payments/operator", data=data, follow_redirects=False)


def test_two_tabs_pressed_at_once_with_one_sum_make_one_payment_and_a_question(enter, till):
    codes = at_once(*(tab(enter(cast.ANNA)) for _ in range(4)))
    assert sorted(codes) == [303, 422, 422, 422] and len(till.all()) == 1


def test_two_tabs_pressed_at_once_with_two_sums_make_two_payments_each_posted_once(enter, till):
    codes = at_once(*(tab(enter(cast.ANNA), amount=amount) for amount in ("100", "200")))
    assert codes == [303, 303]
    for row in till.all():
        till.decide(row, manner="twice")
    till.ring()
    assert sorted(amount for amount, _ in till.entries()) == [10000, 20000]


def test_one_button_pressed_many_times_at_once_is_one_payment(anna, till):
    anna.get("/payments/operator")
    form = filled(anna.page)
    codes = at_once(*[lambda: anna.client.post("/payments/operator", data=form, follow_redirects=False)] * 6)
    assert set(codes) == {303} and len(till.all()) == 1


def test_the_bank_asked_by_a_person_and_calling_at_once_posts_once(anna, till):
    till.begin(anna)
    page = till.pay(anna, manner="never")
    row = till.last()
    check = dict(page.form(f"/payments/{row.id}/check").form_values())
    ask = lambda: anna.client.post(f"/payments/{row.id}/check", data=check, follow_redirects=False)  # noqa: E731
    codes = at_once(*[ask, lambda: till.call(row.bank_id)] * 4)
    assert set(codes) == {200, 303} and till.entries() == [(150050, f"payment:{row.id}")]


def test_back_from_the_bank_and_on_again_after_it_was_paid_goes_to_what_became_of_it(anna, till):
    anna.get("/payments/operator")
    form = filled(anna.page)
    anna.client.post("/payments/operator", data=form)
    till.decide(till.last(), manner="once")
    till.ring()
    answer = anna.client.post("/payments/operator", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"/payments/{till.last().id}" and len(till.all()) == 1


def test_an_expired_bank_page_paid_by_hand_costs_nothing(anna, till, clock, enter):
    path = till.begin(anna).path
    form = dict(anna.page.form().form_values()) | {"choice": "pay", "manner": "once", "card": "good"}
    clock.forward(minutes=61)
    anna.client.post(path, data=form)
    till.ring()
    assert till.entries() == []
    page = enter(cast.ANNA).get(f"/payments/{till.last().id}")
    assert "ещё не подтвердил" in page.text or "время на оплату вышло" in page.text
