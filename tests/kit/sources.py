"""The source files of the product and what they import."""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


LAYERS = {
    "rules",
    "db",
    "gateways",
    "routes",
    "web",
    "commands",
    "papers",
    "monitor",
    "app",
    "jobs",
    "station",
    "settings",
}


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        layer = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if layer in LAYERS and not {".venv", "versions", "chain_to_0024"} & set(path.parts):
            yield layer, path
