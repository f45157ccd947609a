"""The accepted wording is evidence: a published version never changes."""

import pytest

from rules import accepted_texts, phones
from tests.kit import production

PUBLISHED = {
    ("autopay", 1): "9cbc87fd29ee377895e94a93ec245f38eb08d1a784b112135ed437dc61f91756",
    ("autopay", 2): "cd33279f036f37057d91aeaefa073e28b26702794b210509c8dcdd70267105c1",
    ("consent", 1): "8cdda82b87548b1658a236514371ace2a9e6d0a22f557e584d607fff1de68c22",
    ("consent_representative", 1): "93915178cd10d8fa60b67608b4fa6add3061463cd8c1a9fdc665af9a6ed01cfe",
    ("consent", 2): "169808d01b6c5582a54953c26b831f0b37b514e87bac7e5706dc7bb07e7bd045",
    ("refund", 1): "ff33ff5dbdb8236599efd81c6c655ee9cd47889ef73e787587ff656d1a81c4b0",
    ("refund", 2): "36140cd0ab5aa664b96d2757f0dde16a8b5228f3249b81071aebc56709b7c2fd",
    ("resume", 1): "b0313481f099edf6728f86abf42f35b038627b2a91d8e5679c8e1d45b743b3f2",
    ("resume", 2): "f9f05d99663a1b67be72b354da7d1240ba681589f8fa464e3953f3a69dacbb86",
    ("resume", 3): "62531fdf9e80e168fe7670c9bec9db163acd35cb5453d2d3585283b4d53de229",
    ("sms", 1): "1a85c9988bbdba2449b16ae8318d9bdbb7673c41c07f3fb76cc5546efd2a27be",
    ("suspend", 1): "c91458dbae5dfd0de07e66b79e04f5544e1da8336d7efb18c3dcbb9bd31e31e7",
    ("terminate", 1): "6171f8fd8cddd0ec6cc7406b14704607c69960c4623b04d452885fec5198ed2d",
}


@pytest.mark.parametrize(("name", "version"), sorted(PUBLISHED))
def test_a_published_text_is_never_edited(name, version):
    assert accepted_texts.find_version(name, version).sha256 == PUBLISHED[name, version], (
        "publish the next version as a new file"
    )


def test_every_text_in_the_folder_is_pinned():
    assert set(accepted_texts.all_texts()) == set(PUBLISHED)


def test_the_newest_version_is_the_largest_number_not_the_last_in_the_alphabet(monkeypatch):
    known = {("a", n): accepted_texts.Text("a", n, f"# {n}") for n in (2, 10, 9)}
    monkeypatch.setattr(accepted_texts, "all_texts", lambda: known)
    assert accepted_texts.current_text("a").version == 10


def test_a_text_has_a_title_and_prints_paragraphs_and_lists():
    text = accepted_texts.Text("a", 1, "# Заголовок\n\nПервый\nабзац.\n\n- один\n- два\n")
    assert text.title == "Заголовок"
    assert text.blocks == [("p", "Первый абзац."), ("li", ["один", "два"])]


def operator(**change):
    return production.settings(
        company="ООО «Сигнал»",
        office_address="Тверь, ул. Новая, д. 1",
        service_phone="+74822000001",
        service_mail="lk@signal.example",
        **change,
    )


def test_what_is_accepted_names_this_operator_and_no_other():
    said = "".join(accepted_texts.current_text(name, operator()).body for name, _ in PUBLISHED)
    for word in (
        "ООО «Сигнал»",
        production.OUR_INN,
        "Тверь, ул. Новая, д. 1",
        phones.format_phone("+74822000001"),
        "lk@signal.example",
    ):
        assert word in said
    assert "Росохран" not in said and "326-17-20" not in said and "{" not in said


@pytest.mark.parametrize(
    ("by", "line"), [("api", "приходит на почту или телефон"), ("bank", "присылает банк"), ("none", None)]
)
def test_the_rules_of_autopay_say_who_sends_the_receipt(by, line):
    api = {"receipts_api": "https://api.yookassa.ru/v3", "receipts_shop": "1", "receipts_secret": "x"}
    text = accepted_texts.current_text("autopay", operator(receipts=by, **(api if by == "api" else {})))
    told = [item for item in text.blocks[2][1] if "чек" in item]
    assert (line in told[0]) if line else told == []


def test_another_setting_is_another_edition_of_the_same_version():
    one, other = (
        accepted_texts.current_text("resume", operator()),
        accepted_texts.current_text("resume", production.settings(service_phone="+74822000002")),
    )
    assert one.version == other.version and one.edition != other.edition
    assert (
        accepted_texts.current_text("suspend").edition
        == accepted_texts.current_text("suspend", operator()).edition
    )


def test_a_word_nobody_fills_is_an_error_and_not_a_hole_in_a_document():
    with pytest.raises(KeyError):
        accepted_texts.fill("Звоните: {телефон друга}", accepted_texts.placeholder_values(operator()))
