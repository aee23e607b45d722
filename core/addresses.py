"""IP addresses as limits count them."""

from ipaddress import IPv6Address, ip_address


def customer(address: str) -> str:
    """Returns the address, or the /64 of an IPv6 address, of which a customer has all. Other text stays."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)
