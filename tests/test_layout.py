"""The structure of the code: which layer and domain may import which, sizes, names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.sources import LAYERS, ROOT, modules

# What each layer may import of ours; `settings` is a leaf that everybody may read.
MAY = {
    "rules": {"rules"},
    "db": {"rules", "db"},
    "gateways": {"rules", "gateways"},
    "papers": {"rules", "papers"},
    "web": {"rules", "db", "web", "gateways"},
    "routes": {"rules", "db", "web", "routes", "gateways", "papers"},
    "monitor": {"rules", "db", "monitor"},
    "jobs": {"rules", "db", "gateways"},
    "station": {"rules", "db", "gateways"},
    "commands": {"rules", "db", "gateways", "jobs", "station", "commands", "monitor"},
    "settings": {"rules"},
    "app": LAYERS,
}


# Of each layer, its domains in the order they may know each other: a domain imports only those before it.
# A request for a refund asks the rules of refunds, and a refund's row is made from a decided request: so the
# two change places between `rules` and `db`. What belongs to no domain is at the root of a layer and imports
# none, but for ABOVE, which may import all and which no domain imports.
DOMAINS = {
    "rules": ["people", "money", "payments", "events", "requests", "access", "desk", "registry"],
    "db": ["people", "access", "money", "events", "requests", "payments", "desk"],
    "routes": ["access", "people", "money", "events", "requests", "payments", "desk"],
}


ABOVE = {
    "rules": {"home"},
    "db": {
        "home",
        "export_contents",
        "exports",
        "retention",
        "hash_seals",
        "metrics",
        "registry",
        "migrations",
    },
    "routes": {"home", "contacts", "demo", "exports", "health", "help", "sms_delivery_reports"},
}


MEETS_THE_OUTSIDE = {
    "payments",
    "payment_templates",
    "autopay",
    "callbacks",
    "sandbox",
    "station",
    "statement",
    "blanks",
    "exports",
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("layer", "path"), list(modules()), ids=lambda value: str(value).replace(str(ROOT), "")
)
def test_a_layer_imports_only_those_below(layer, path):
    ours = {name.split(".")[0] for name in imported(path)} & LAYERS
    allowed = (
        MAY[layer] | {"settings"} | ({"app"} if path.name == "run.py" and layer == "commands" else set())
    )
    assert ours <= allowed, f"{path.relative_to(ROOT)} imports {sorted(ours - allowed)}"


def part(layer: str, name: str) -> str:
    """The domain, or the module above the domains, of a dotted name of this layer; "" at its root."""
    words = name.split(".")
    first = words[1] if len(words) > 1 and words[0] == layer else ""
    return first if first in DOMAINS[layer] or first in ABOVE[layer] else ""


@pytest.mark.parametrize("layer", DOMAINS)
def test_a_domain_imports_only_those_before_it(layer):
    wrong = []
    for path in sorted((ROOT / layer).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        mine, order = part(layer, module), DOMAINS[layer]
        if mine in ABOVE[layer]:
            continue
        allowed = {""} | set(order[: order.index(mine) + 1] if mine else [])
        wrong += [f"{module} imports {name}" for name in imported(path) if part(layer, name) not in allowed]
    assert not wrong


def test_the_domains_have_the_same_words_in_every_layer():
    words = set(DOMAINS["db"])
    for layer in ("rules", "db", "routes", "partials", "tests", "e2e"):
        there = {path.name for path in (ROOT / layer).iterdir() if path.is_dir()}
        assert words <= there, f"{layer}: {sorted(words - there)}"


def test_no_modules_import_each_other_in_a_circle():
    """Browser stories and tests included: what two need is in a third."""
    known: dict[str, set[str]] = {}
    for folder in (*sorted(LAYERS), "tests", "e2e", "checks"):
        for path in [*(ROOT / folder).rglob("*.py"), *ROOT.glob(f"{folder}.py")]:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if "versions" not in path.parts:
                known[name] = imported(path)
    arrows = {name: {one for one in found if one in known and one != name} for name, found in known.items()}
    for name, found in arrows.items():
        # `from db import journal` names the package too, whose own imports are then asked of `db` itself.
        arrows[name] = {one for one in found if not any(other.startswith(one + ".") for other in found)}
    done: set[str] = set()
    while ready := {name for name, found in arrows.items() if name not in done and found <= done}:
        done |= ready
    assert not arrows.keys() - done, sorted(arrows.keys() - done)


def capabilities() -> dict[str, Path]:
    """Modules that declare routes, by their path under routes/."""
    found = {}
    for path in sorted((ROOT / "routes").rglob("*.py")):
        if path.name != "__init__.py" and re.search(r"^routes(: .*)? = \[", path.read_text("utf-8"), re.M):
            found[str(path.relative_to(ROOT / "routes").with_suffix(""))] = path
    return found


@pytest.mark.parametrize("name", capabilities())
def test_no_capability_imports_anothers_route(name):
    others = {f"routes.{other.replace('/', '.')}" for other in capabilities() if other != name}
    shared = {"routes.access.confirmations"}
    found = {module for module in imported(capabilities()[name]) if module in others} - shared
    assert not found


@pytest.mark.parametrize("name", capabilities())
def test_only_those_who_deal_with_the_outside_reach_a_gateway(name):
    if any(module.split(".")[0] == "gateways" for module in imported(capabilities()[name])):
        assert name.split("/")[-1] in MEETS_THE_OUTSIDE


@pytest.mark.parametrize("name", capabilities())
def test_each_capability_has_its_test(name):
    folder, _, word = name.rpartition("/")
    names = {f"test_{word}.py", f"test_staff_{word}.py", f"test_{word.removeprefix('staff_')}.py"}
    assert any((ROOT / "tests" / folder / one).exists() for one in names), f"tests/{folder}/test_{word}.py"


@pytest.mark.parametrize(
    "path", [path for _, path in modules()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_files_stay_small(path):
    text = path.read_text("utf-8")
    # A table of settings, and a whole bank in one class, which would not read better in two files.
    if str(path.relative_to(ROOT)) not in ("settings.py", "gateways/sandbox/bank.py"):
        assert len(text.splitlines()) <= 300 and len(text) <= 12_000


def test_test_files_stay_small():
    paths = [path for folder in ("tests", "e2e") for path in (ROOT / folder).rglob("*.py")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert not {name: count for name, count in lines.items() if count > 300}


@pytest.mark.parametrize("path", sorted((ROOT / "partials").rglob("*.html")), ids=lambda path: path.name)
def test_templates_stay_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 100


HEAVY = {
    "fpdf",
    "zxcvbn",
    "pypdf",
    "alembic",
    "httpx",
    "snowballstemmer",
    "holidays",
    "PIL",
    "smpplib",
    "siadc09",
    "aiosmtplib",
    "cryptography",
}


def test_a_worker_starts_without_what_few_pages_need(engine):
    """They doubled its memory; each is imported by the function that needs it."""
    code = "import sys, app; app.discover_routes(app.Settings(demo=True)); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert HEAVY & set(told.split()) == set()


def test_only_the_envelope_has_a_door_of_its_own():
    own = [
        path.stem
        for path in (ROOT / "routes").rglob("*.py")
        if '"own_authentication": True' in path.read_text("utf-8")
    ]
    assert own == ["inbox_badge"]


DIALECT = set("told said asked heard known learn learned shown kept looked odd was took stands".split())


def names_bound(tree: ast.AST):
    """(line, name) of every function, class, parameter and variable that the module binds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


@pytest.mark.parametrize(
    "path", [path for _, path in modules()], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_name_says_what_it_is(path):
    """A bare participle as a whole name tells a reader nothing: CONTRIBUTING.md."""
    bound = names_bound(ast.parse(path.read_text("utf-8")))
    assert not [(line, name) for line, name in bound if name.strip("_").lower() in DIALECT]
