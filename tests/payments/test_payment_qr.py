"""The QR code for paying from a bank's application."""

import subprocess

from rules.payments import payment_qr
from tests.kit import cast
from tests.kit.paying import CONTACT
from tests.kit.payment_steps import till  # noqa: F401 - fixtures


def test_the_qr_code_is_read_back_to_its_fields(anna, tmp_path):
    answer = anna.client.get("/payments/code.svg?amount=1500,50")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    read = payment_qr.parse_code(decoded(answer.content, tmp_path))
    assert (read["Sum"], read["PersAcc"], read["PersonalAcc"]) == (
        "150050",
        str(cast.ANNA),
        "40702810600000000001",
    )
    assert read["Name"] == "ООО «Росохрана Телеком»" and "Договор".casefold() in read["Purpose"].casefold()
    assert "Sum" not in payment_qr.parse_code(
        decoded(anna.client.get("/payments/code.svg").content, tmp_path)
    )


def decoded(svg: bytes, folder) -> str:
    """What a bank's app would read: the SVG drawn by Chromium's own eyes is zbar's black and white."""
    import re

    from PIL import Image, ImageDraw

    size = int(re.search(rb'width="(\d+)"', svg)[1])
    scale, path = 4, re.findall(rb' d="([^"]+)"', svg)[-1].decode()
    picture = Image.new("L", (size, size), 255)
    draw, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for step, args in re.findall(r"([Mmh])([-\d. ]+)", path):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", args)]
        if step == "M":
            x, y = numbers
        elif step == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            top = (y - 0.5) * scale
            draw.rectangle([x * scale, top, (x + numbers[0]) * scale - 1, top + scale - 1], fill=0)
            x += numbers[0]
    picture.save(folder / "code.png")
    read = subprocess.run(["zbarimg", "-q", "--raw", folder / "code.png"], capture_output=True, check=True)
    return read.stdout.decode().strip()


def test_without_a_bank_the_qr_code_is_left(anna, settings, till):
    settings.demo = False
    page = anna.get("/payments/operator")
    assert "недоступна" in page.text or page.tree.cssselect("img.qr")
    assert "form" in anna.submit("/payments/operator", status=422, contact=CONTACT, amount="100").errors
