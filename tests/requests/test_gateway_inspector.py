"""Files are read by a process of its own: bombs end it or are refused by it, and the web process goes on."""

import io

import pytest
from PIL import Image

from gateways import inspector
from rules import Refused
from rules.requests.attachments import Upload
from tests.kit import hostile


def looked(*files: bytes, name: str = "паспорт.jpg"):
    return inspector.sanitize([Upload(name, len(data), io.BytesIO(data)) for data in files])


def reason(*files: bytes) -> str:
    with pytest.raises(Refused) as refused:
        looked(*files)
    return refused.value.problems["files"]


def test_honest_files_come_back_in_order_under_their_real_kinds():
    kept = looked(hostile.picture("JPEG"), hostile.pdf(), hostile.picture("PNG"))
    assert [one.type for one in kept] == ["image/jpeg", "application/pdf", "image/png"]
    assert [one.name for one in kept] == ["паспорт.jpg", "паспорт.pdf", "паспорт.png"]
    assert kept[1].data.startswith(b"%PDF-1.7") and len(kept[0].sha256) == 64


@pytest.mark.parametrize(
    ("bomb", "says"),
    [
        (hostile.pdf_bomb, "времени или памяти"),
        (hostile.pdf_bomb_in_two_codings, "времени или памяти"),
        (hostile.png_bomb, "мегапикселей"),
    ],
)
def test_a_bomb_ends_its_own_process_or_is_refused_by_it(bomb, says):
    assert says in reason(bomb())


def test_the_first_bad_file_refuses_all_of_the_message():
    assert "архив" in reason(hostile.picture(), hostile.archive(), hostile.pdf())


@pytest.fixture
def child(monkeypatch, tmp_path):
    """A function: the child also does this before it reads a file, with one of its limits set anew."""

    def change(deed: str, limit: str = "", value: int = 0) -> None:
        source = (inspector.ROOT / "gateways" / "inspector.py").read_text("utf-8")
        (tmp_path / "gateways").mkdir()
        (tmp_path / "gateways" / "__init__.py").touch()
        text = source.replace("import sanitized_files\n", f"import sanitized_files\n    {deed}\n")
        start = 'if __name__ == "__main__":'
        text = text.replace(start, f"{limit} = {value}\n{start}") if limit else text
        (tmp_path / "gateways" / "inspector.py").write_text(text, "utf-8")
        (tmp_path / "rules").symlink_to(inspector.ROOT / "rules")
        monkeypatch.setattr(inspector, "ROOT", tmp_path)

    return change


@pytest.mark.parametrize(
    ("limit", "end"),
    [
        (("bytearray(400 << 20)", "MEMORY", 300 << 20), "MemoryError"),
        (("[0 for _ in iter(int, 1)]", "SECONDS", 1), "the inspector ended with -"),
    ],
)
def test_a_file_that_takes_more_than_it_may_ends_its_process_and_is_refused(child, caplog, limit, end):
    """Small limits stand in for a bomb nobody has met yet: the way of its end is the same."""
    child(*limit)
    assert reason(hostile.pdf()) == inspector.TOO_MUCH
    assert end in caplog.text, "by this very limit, before we ran out of patience"


def test_a_child_that_only_waits_is_ended_by_the_clock(child, monkeypatch, caplog):
    child("__import__('time').sleep(20)")
    monkeypatch.setattr(inspector, "DEADLINE", 2)
    assert reason(hostile.pdf()) == inspector.TOO_MUCH
    assert "the inspector ended with" not in caplog.text


def test_a_child_knows_none_of_our_secrets(child, monkeypatch):
    monkeypatch.setenv("CABINET_SECRETS", '["a secret of the operator"]')
    child("assert not [name for name in __import__('os').environ if name.startswith('CABINET_')]")
    assert looked(hostile.picture())


@pytest.mark.parametrize("said", [b"", b"\0" * 7, b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\2\0\0\0\0{}", b"\xff" * 40])
def test_a_child_that_was_taken_over_can_say_nothing_that_breaks_us(said):
    assert inspector._parse_answer(said) is None


def test_one_file_is_looked_into_at_a_time_and_who_cannot_wait_is_told_when_to_come(monkeypatch):
    monkeypatch.setattr(inspector, "DEADLINE", 0.2)
    with inspector._one_at_a_time:
        assert reason(hostile.picture()) == inspector.WAITING


def test_two_large_pictures_in_four_colours_fit_into_the_memory_of_the_service():
    """50 megapixels of CMYK: as much as one file can hold, within the child's own limit, one child after the
    other.
    """
    sheet, out = Image.new("CMYK", (8_600, 5_800), (10, 20, 30, 40)), io.BytesIO()
    sheet.save(out, "JPEG", quality=30)
    del sheet
    assert inspector.MEMORY < 700 << 20, (
        "beside the cabinet's own 200 MB there is room for one, of a gigabyte"
    )
    assert [one.type for one in looked(out.getvalue(), out.getvalue())] == ["image/jpeg"] * 2


def test_a_name_from_the_child_is_tamed_again():
    told = inspector._checked({"name": "../../etc/passwd", "type": "application/pdf"}, b"%PDF-")
    assert told.name == "passwd"
    with pytest.raises(Refused):
        inspector._checked({"name": "a.html", "type": "text/html"}, b"<script>")
