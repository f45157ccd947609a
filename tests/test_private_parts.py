"""Product code uses libraries by what they publish: no underscored import, no patched internals."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ["app.py", "jobs.py", "settings.py", "station.py", "commands", "db", "gateways"]
PRODUCT += ["monitor", "papers", "routes", "rules", "web"]
FILES = [
    path
    for name in PRODUCT
    for path in ([ROOT / name] if name.endswith(".py") else sorted((ROOT / name).rglob("*.py")))
]
OURS = {name.removesuffix(".py") for name in PRODUCT}
# A named tuple's methods are underscored so as not to meet its fields; Python publishes them.
NAMED_TUPLES = {"_make", "_asdict", "_replace", "_fields", "_field_defaults"}
INTERNALS = {"root_render_func", "__globals__", "_escape_inner", "_get_default_module", "_decode_csrf_token"}
PLACEHOLDER = re.compile(r"__\[POSTCOMPILE")


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def faults(tree: ast.AST) -> list[str]:
    """Private imports of other packages, private attributes of anything but `self`, `cls` and ours."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_self(node.value)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            package = (getattr(node, "module", None) or "").split(".")
            names = [one.name for one in node.names]
            parts = [part for name in names for part in name.split(".")] + package
            if package[0] not in OURS and any(private(part) for part in parts):
                found.append(f"{node.lineno}: {names}")
        elif isinstance(node, ast.Attribute):
            outside = not is_self(node.value) and node.attr not in own | NAMED_TUPLES
            if node.attr in INTERNALS or (private(node.attr) and outside):
                found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in INTERNALS:
            found.append(f"{node.lineno}: def {node.name}")
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and PLACEHOLDER.search(node.value)
        ):
            found.append(f"{node.lineno}: {node.value}")
    return found


def is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_private_of_a_library_is_used(path):
    assert faults(ast.parse(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "from markupsafe import _escape_inner",
        "from litestar.middleware._utils import x",
        "import sqlalchemy._thing",
        "template.root_render_func.__globals__",
        "connection._cursor",
        "class T(C):\n    def _decode_csrf_token(self): ...",
        "text.replace('__[POSTCOMPILE_x]', '')",
    ],
)
def test_the_test_finds_it(code):
    assert faults(ast.parse(code))
