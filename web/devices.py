"""The name of a browser and its address, for the page of one's devices."""

from web import Request, client_address


def describe_client(request: Request) -> dict[str, str]:
    """Return the browser's name and address as the devices page shows them."""
    agent = request.headers.get("user-agent", "")
    return {"device": device_name(agent), "address": client_address(request)}


def device_name(agent: str) -> str:
    """Return e.g. «Chrome, Android» from a User-Agent. The order matters, because browsers name each other in
    it.
    """
    browsers = (
        ("YaBrowser", "Яндекс Браузер"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("Lynx", "Lynx"),
        ("w3m", "w3m"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "браузер")
    system = next((name for mark, name in systems if mark in agent), "")
    return f"{browser}, {system}" if system else browser
