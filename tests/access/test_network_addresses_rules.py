"""An address in one spelling, and the network it counts by."""

import pytest

from rules.network_addresses import network, parse


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1.2.3.4", "1.2.3.4"),
        (" 1.2.3.4 ", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ("[::1]:80", "::1"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("[::ffff:1.2.3.4]:443", "1.2.3.4"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        ("unknown", ""),
        ("<script>", ""),
        ("1.2.3.4:http", ""),
        ("1.2.3", ""),
        ("١.٢.٣.٤", ""),
        ("1.2.3.4, 5.6.7.8", ""),
        ("9" * 5000, ""),
    ],
)
def test_reads_what_stands_for_an_address_and_nothing_else(typed, found):
    assert parse(typed) == found


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
    ],
)
def test_ipv6_counts_by_its_64(address, found):
    assert network(address) == found
