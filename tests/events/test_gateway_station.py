"""The wire, byte by byte: DC-09 frames, Sur-Gard lines, signed batches; and any bytes at all do no harm."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from siadc09 import message, util
from siadc09.account import Account

from gateways.station import dc09, receiver, signed, surgard
from rules.events.events import EventKind, StationReport

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = b"0123456789abcdef"
KEYS = (KEY, KEY + b"01234567", KEY + KEY)


def frame(body: bytes) -> bytes:
    return b"\n%04X%04X%b\r" % (util.crc(body), len(body), body)


def sealed(
    token: bytes, account: bytes, inside: bytes, key: bytes = KEY, at: datetime = NOW, sequence: int = 7
) -> bytes:
    tail = b"|" + inside + b"]_" + util.totimestamp(at).encode()
    clear = bytes(util.genpad(16 + -len(tail) % 16)) + tail
    secret = util.encrypt(key, clear).hex().upper().encode()
    return frame(b'"*%b"%04dL0#%b[%b' % (token, sequence, account, secret))


def read(raw: bytes, key: bytes | None = None, now: datetime = NOW) -> dc09.Frame:
    return dc09.read(raw, dc09.header(raw), key, now)


def test_contact_id_closing_arms_and_keeps_the_panel_s_own_digits() -> None:
    found = read(frame(b'"ADM-CID"0012R1L2#0042[#0042|3401 01 007]'))
    assert found.reports == [StationReport("0042", None, "R401", EventKind.arm, "7", 1)]
    assert dc09.ack(found.header, None, NOW) == frame(b'"ACK"0012R1L2#0042[]')


def test_sia_carries_several_events_with_area_and_user() -> None:
    found = read(frame(b'"SIA-DCS"0003L0#1234[#1234|Nri2/id7CL/BA5]'))
    assert [(r.code, r.kind, r.who, r.part) for r in found.reports] == [
        ("CL", EventKind.arm, "7", 2),
        ("BA", EventKind.alarm, "5", 2),
    ]


@pytest.mark.parametrize("raw_text", [b"Nri/CL7", b"Nri/id/CL7", b"Nid/CL7", b"Nri2/id/CL"])
def test_a_modifier_left_empty_spoils_nothing(raw_text: bytes) -> None:
    (report,) = read(frame(b'"SIA-DCS"0003L0#1234[#1234|' + raw_text + b"]")).reports
    assert (report.code, report.kind) == ("CL", EventKind.arm)


WORDS = [b"N", b"O", b"ri", b"id", b"ti", b"pi", b"/", b"^", b"|", b"2", b"09:00", b"CL", b"BA5", b"]["]


@given(st.lists(st.sampled_from(WORDS)))
def test_any_order_of_sia_words_is_read_or_refused(words: list[bytes]) -> None:
    try:
        read(frame(b'"SIA-DCS"0003L0#1234[#1234|' + b"".join(words) + b"]"))
    except (dc09.UnreadableFrame, dc09.UnacceptableFrame, dc09.UntimelyFrame):
        pass


def test_time_of_occurrence_is_the_event_s_time() -> None:
    raw = frame(b'"ADM-CID"0012L0#1234[#1234|1130 01 003][H08:15:00,11-23-2026]_09:00:01,11-23-2026')
    assert read(raw).reports[0].at == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("key", KEYS, ids=["128", "192", "256"])
def test_every_length_of_key_is_read_and_answered(key: bytes) -> None:
    raw = sealed(b"ADM-CID", b"1234", b"#1234|1401 01 002", key)
    found = read(raw, key)
    assert found.reports[0].kind is EventKind.disarm
    answer = message.parse_frame(dc09.ack(found.header, key, NOW), key)
    assert (answer.idtoken, answer.seq, answer.encrypted, answer.timestamp) == ("ACK", 7, True, NOW)


def test_the_answer_never_repeats_what_was_said() -> None:
    raw = sealed(b"ADM-CID", b"1234", b"#1234|1401 01 002][K" + KEY.hex().upper().encode())
    answer = dc09.ack(dc09.header(raw), KEY, NOW)
    assert KEY.hex().upper().encode() not in answer and b"1401" not in answer


def test_a_keyed_account_in_plain_is_refused() -> None:
    with pytest.raises(dc09.UnacceptableFrame):
        read(frame(b'"ADM-CID"0012L0#1234[#1234|3401 01 007]'), KEY)


def test_a_cipher_without_a_key_or_with_another_is_refused() -> None:
    raw = sealed(b"ADM-CID", b"1234", b"#1234|1401 01 002")
    for key in (None, b"another key 1234"):
        with pytest.raises((dc09.UnacceptableFrame, dc09.UntimelyFrame)):
            read(raw, key)


@pytest.mark.parametrize("seconds", [-41, 21, -86400, 10**8])
def test_a_wrong_clock_is_told_the_time(seconds: int) -> None:
    raw = sealed(b"ADM-CID", b"1234", b"#1234|1401 01 002", at=NOW + timedelta(seconds=seconds))
    with pytest.raises(dc09.UntimelyFrame):
        read(raw, KEY)
    assert b'"NAK"' in dc09.nak(NOW) and b"_09:00:00,11-23-2026\r" in dc09.nak(NOW)


def test_a_damaged_frame_gets_no_answer() -> None:
    good = frame(b'"ADM-CID"0012L0#1234[#1234|3401 01 007]')
    for spoilt in (
        good[:-1],
        good[1:],
        good.replace(b"3401", b"1401"),
        b"",
        b"\n\r",
        b"\n" + b"0" * 5000 + b"\r",
    ):
        with pytest.raises(dc09.UnreadableFrame):
            dc09.header(spoilt)


def test_unknown_codes_are_kept_raw() -> None:
    (report,) = read(frame(b'"SIA-DCS"0003L0#1234[#1234|NQQ1]')).reports
    assert report.kind is EventKind.other and report.raw == "#1234|NQQ1"
    (report,) = read(frame(b'"ADM-CID"0003L0#1234[#1234|1799 00 001]')).reports
    assert report.kind is EventKind.other and report.raw == "#1234|1799 00 001"
    (report,) = read(frame(b'"SIA-PUL"0003L0#1234[17/01]')).reports
    assert report.kind is EventKind.other and report.raw == "17/01"


def test_a_link_test_carries_nothing() -> None:
    assert read(frame(b'"NULL"0000L0#1234[]')).link


def test_frames_are_cut_out_of_any_noise_and_any_pieces() -> None:
    one, two = frame(b'"NULL"0000L0#1234[]'), frame(b'"NULL"0001L0#1234[]')
    stream, found, buffer = b"noise" + one + b"\n\nhalf" + two, [], bytearray()
    for byte in stream:
        buffer.append(byte)
        found += receiver.dc09_frames(buffer)
    assert found[0] == one and found[-1].endswith(two[5:])


def test_ten_megabytes_are_not_a_frame() -> None:
    with pytest.raises(receiver.FrameTooLong):
        receiver.dc09_frames(bytearray(b"\n" + b"A" * 10_000_000))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for wrapped in (
        raw,
        frame(raw),
        frame(b'"SIA-DCS"0001L0#1234[' + raw + b"]"),
        frame(b'"ADM-CID"0001L0#1[' + raw),
    ):
        try:
            found = read(wrapped)
        except (dc09.UnreadableFrame, dc09.UnacceptableFrame, dc09.UntimelyFrame):
            continue
        assert all(len(report.code) <= 16 and report.key for report in found.reports)


@given(st.binary(min_size=16, max_size=64))
def test_any_cipher_text_is_read_or_refused(secret: bytes) -> None:
    raw = frame(b'"*SIA-DCS"0001L0#1234[' + secret.hex().encode())
    with pytest.raises((dc09.UnacceptableFrame, dc09.UntimelyFrame)):
        read(raw, KEY)


@pytest.mark.parametrize("token", ["ADM-CID", "SIA-DCS"])
def test_frames_of_the_codec_itself_are_read(token: str) -> None:
    account = Account(acct=0x1234, key=KEY)
    raw = message.Message(account, {"idtoken": token, "timestamp": NOW}).encode(seq=5)
    assert read(raw, KEY).header.account == "1234"


def test_a_surgard_line_is_read() -> None:
    found = surgard.read(b"5011 181234E12101001")
    assert found and (found.key, found.code, found.kind, found.who, found.part) == (
        "1234",
        "E121",
        EventKind.alarm,
        "1",
        1,
    )
    assert surgard.read(b"5011 181234R40101001").kind is EventKind.arm  # type: ignore[union-attr]


def test_a_surgard_heartbeat_is_known_and_damage_is_not() -> None:
    assert surgard.is_heartbeat(b"1011           @    ")
    assert not surgard.is_heartbeat(b"5011 181234E12101001")
    assert surgard.read(b"\x00\xff") is None
    assert surgard.read(b"S011[#1234|NCL1]").raw == "S011[#1234|NCL1]"  # type: ignore[union-attr]


@given(st.binary(max_size=200))
def test_any_surgard_bytes_do_no_harm(raw: bytes) -> None:
    buffer = bytearray(raw)
    for line in receiver.surgard_lines(buffer):
        surgard.is_heartbeat(line)
        surgard.read(line)


BODY = b'{"events": []}'
STAMP = str(int(NOW.timestamp()))


def test_a_signature_is_good_with_the_new_secret_and_the_old_while_it_changes() -> None:
    for secret in ("new", "old"):
        signed.verify(["new", "old"], STAMP, signed.sign(secret, STAMP, BODY), BODY, NOW)


@pytest.mark.parametrize(
    ("stamp", "signature", "body"),
    [
        (STAMP, "", BODY),
        (STAMP, "ы" * 64, BODY),
        (STAMP, signed.sign("other", STAMP, BODY), BODY),
        (STAMP, signed.sign("new", STAMP, BODY), BODY + b" "),
        (str(int(STAMP) - 301), signed.sign("new", str(int(STAMP) - 301), BODY), BODY),
        (str(int(STAMP) + 301), signed.sign("new", str(int(STAMP) + 301), BODY), BODY),
        ("١٢٣", signed.sign("new", "١٢٣", BODY), BODY),
        ("", signed.sign("new", "", BODY), BODY),
    ],
)
def test_anything_else_is_forged(stamp: str, signature: str, body: bytes) -> None:
    with pytest.raises(signed.ForgedBatch):
        signed.verify(["new"], stamp, signature, body, NOW)
    with pytest.raises(signed.ForgedBatch):
        signed.verify([], stamp, signature, body, NOW)


def test_an_item_says_its_time_in_any_usual_way() -> None:
    same = datetime(2026, 11, 22, 19, 14, 5, tzinfo=UTC)
    for at in ("2026-11-22T22:14:05+03:00", "2026-11-22T19:14:05Z", "2026-11-22 22:14:05", same.timestamp()):
        assert signed.parse_instant(at) == same


@pytest.mark.parametrize(
    "item", [None, 5, [], {}, {"at": 1}, {"code": "401"}, {"at": "soon", "code": "1401"}]
)
def test_an_item_that_says_too_little_is_told_why(item: object) -> None:
    assert isinstance(signed.parse_report(item), str)


def test_an_item_without_a_key_is_kept_for_the_desk() -> None:
    found = signed.parse_report({"at": "2026-11-22T19:14:05Z", "code": "1130"})
    assert (
        isinstance(found, StationReport) and found.key == "?" and found.kind is EventKind.alarm and found.raw
    )


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"5", b"{}", b'{"events": 5}', b"[" * 100_000, b"[" + b"1," * 1000 + b"1]"]
)
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(signed.MalformedBatch):
        signed.parse_batch(body)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5)
)
def test_any_value_in_any_field_is_read_or_refused(value: object) -> None:
    for name in ("key", "at", "code", "who", "part", "id", "kind"):
        item = {"key": "1234", "at": 1_700_000_000, "code": "1401"} | {name: value}
        found = signed.parse_report(item)
        assert isinstance(found, str | StationReport)
    json.dumps(value)
