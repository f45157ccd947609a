"""Files are read by a process of its own: bombs end it or are refused by it, and the web process goes on."""

import io

import pytest

from gateways import inspector
from rules import Refused
from rules.attachments import Upload
from tests import hostile


def looked(*files: bytes, name: str = "паспорт.jpg"):
    return inspector.clean([Upload(name, len(data), io.BytesIO(data)) for data in files])


def reason(*files: bytes) -> str:
    with pytest.raises(Refused) as refused:
        looked(*files)
    return refused.value.problems["files"]


def test_honest_files_come_back_in_order_under_their_real_kinds():
    kept = looked(hostile.picture("JPEG"), hostile.pdf(), hostile.picture("PNG"))
    assert [one.type for one in kept] == ["image/jpeg", "application/pdf", "image/png"]
    assert [one.name for one in kept] == ["паспорт.jpg", "паспорт.pdf", "паспорт.png"]
    assert kept[1].data == hostile.pdf() and len(kept[0].sha256) == 64


@pytest.mark.parametrize(
    ("bomb", "says"),
    [(hostile.pdf_bomb, "раздувается"), (hostile.png_bomb, "мегапикселей"), (hostile.pdf_of_many_parts, "сложно")],
)
def test_a_bomb_is_refused_with_its_reason(bomb, says):
    assert says in reason(bomb())


def test_the_first_bad_file_refuses_all_of_the_message():
    assert "архив" in reason(hostile.picture(), hostile.archive(), hostile.pdf())


@pytest.mark.parametrize("limit", [("MEMORY", 150 << 20), ("SECONDS", 1)])
def test_a_file_that_takes_more_than_it_may_ends_its_process_and_is_refused(monkeypatch, tmp_path, limit):
    """Small limits stand in for a bomb nobody has met yet: the way of its end is the same."""
    source = inspector.HOUSE / "gateways" / "inspector.py"
    (tmp_path / "gateways").mkdir()
    (tmp_path / "gateways" / "__init__.py").touch()
    name, value = limit
    greedy = "bytearray(400 << 20)" if name == "MEMORY" else "[0 for _ in iter(int, 1)]"
    text = source.read_text("utf-8").replace("from rules import contents\n", f"from rules import contents\n    {greedy}\n")
    kept = [line if not line.startswith(f"{name} =") else f"{name} = {value}" for line in text.splitlines()]
    (tmp_path / "gateways" / "inspector.py").write_text("\n".join(kept), "utf-8")
    (tmp_path / "rules").symlink_to(inspector.HOUSE / "rules")
    monkeypatch.setattr(inspector, "HOUSE", tmp_path)
    assert reason(hostile.pdf()) == inspector.TOO_MUCH


def test_a_name_from_the_child_is_tamed_again():
    told = inspector._kept({"name": "../../etc/passwd", "type": "application/pdf"}, b"%PDF-")
    assert told.name == "passwd"
    with pytest.raises(Refused):
        inspector._kept({"name": "a.html", "type": "text/html"}, b"<script>")
