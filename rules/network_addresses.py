"""Network addresses: canonical spelling for storage, and the network that rate limits are counted by."""

from ipaddress import IPv6Address, IPv6Network, ip_address

LONGEST = 64


def parse(text: str) -> str:
    """Return the address in canonical spelling, without port and zone, IPv4-mapped IPv6 as IPv4; "" for
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
    """Return what rate limits count: the /64 of an IPv6 address, because one client has all of it; IPv4 as
    is.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
