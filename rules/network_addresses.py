"""Network addresses: one spelling for what is kept, and the network that is counted."""

from ipaddress import IPv6Address, IPv6Network, ip_address

LONGEST = 64


def parse(text: str) -> str:
    """The address in its one spelling, without a port, a zone or the IPv6 clothes of an IPv4 one; "" for
    anything else.
    """
    bare = text[:LONGEST].strip()
    if bare.startswith("["):
        bare, _, port = bare[1:].partition("]")
        port = port.removeprefix(":")
    elif bare.count(":") == 1:
        bare, _, port = bare.partition(":")
    else:
        port = ""
    if port and not (port.isascii() and port.isdigit()):
        return ""
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return ""
    return str((isinstance(found, IPv6Address) and found.ipv4_mapped) or found)


def network(address: str) -> str:
    """What an address counts as: an IPv6 line is given a whole /64, so one asker has all of it; IPv4 as it
    is.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
