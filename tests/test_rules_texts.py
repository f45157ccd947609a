"""The accepted wording is evidence: a published version never changes."""

import pytest

from rules import texts

PUBLISHED = {
    ("autopay", 1): "9cbc87fd29ee377895e94a93ec245f38eb08d1a784b112135ed437dc61f91756",
    ("consent", 1): "8cdda82b87548b1658a236514371ace2a9e6d0a22f557e584d607fff1de68c22",
    ("consent_representative", 1): "72e84095a23a97dbe25c592dc5e13c5f0a21ba6a117fe9ae075f25a77005dad2",
    ("refund", 1): "ff33ff5dbdb8236599efd81c6c655ee9cd47889ef73e787587ff656d1a81c4b0",
    ("resume", 1): "b0313481f099edf6728f86abf42f35b038627b2a91d8e5679c8e1d45b743b3f2",
    ("resume", 2): "f9f05d99663a1b67be72b354da7d1240ba681589f8fa464e3953f3a69dacbb86",
    ("sms", 1): "1a85c9988bbdba2449b16ae8318d9bdbb7673c41c07f3fb76cc5546efd2a27be",
    ("suspend", 1): "c91458dbae5dfd0de07e66b79e04f5544e1da8336d7efb18c3dcbb9bd31e31e7",
    ("terminate", 1): "6171f8fd8cddd0ec6cc7406b14704607c69960c4623b04d452885fec5198ed2d",
}


@pytest.mark.parametrize(("name", "version"), sorted(PUBLISHED))
def test_a_published_text_is_never_edited(name, version):
    assert texts.at(name, version).sha256 == PUBLISHED[name, version], "publish the next version as a new file"


def test_every_text_in_the_folder_is_pinned():
    assert set(texts.all_texts()) == set(PUBLISHED)


def test_the_newest_version_is_the_largest_number_not_the_last_in_the_alphabet(monkeypatch):
    known = {("a", n): texts.Text("a", n, f"# {n}") for n in (2, 10, 9)}
    monkeypatch.setattr(texts, "all_texts", lambda: known)
    assert texts.newest("a").version == 10


def test_a_text_has_a_title_and_prints_paragraphs_and_lists():
    text = texts.Text("a", 1, "# Заголовок\n\nПервый\nабзац.\n\n- один\n- два\n")
    assert text.title == "Заголовок"
    assert text.blocks == [("p", "Первый абзац."), ("li", ["один", "два"])]
