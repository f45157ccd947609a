"""The house keeps its shape: who may import whom, one name through the folders, and papers that tell the
truth.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
ROOMS = {
    "rules",
    "db",
    "gateways",
    "routes",
    "commands",
    "papers",
    "app",
    "jobs",
    "settings",
    "assets",
    "monitor",
}
# What each room may know of ours; `settings` is a leaf that everybody may read.
MAY = {
    "rules": {"rules"},
    "db": {"rules", "db"},
    "gateways": {"rules", "gateways"},
    "papers": {"rules", "papers"},
    "routes": {"rules", "db", "routes", "gateways", "papers", "assets"},
    "monitor": {"rules", "db", "monitor"},
    "jobs": {"rules", "db", "gateways"},
    "commands": {"rules", "db", "gateways", "jobs", "commands", "monitor"},
    "assets": set(),
    "settings": {"rules"},
    "app": ROOMS,
}
STARTS_OUTSIDE = {
    "payment_templates",
    "payments",
    "callbacks",
    "sandbox",
    "autopay",
    "station",
    "statement",
    "blanks",
    "exports",
}


def modules():
    for path in sorted(HOUSE.rglob("*.py")):
        room = path.relative_to(HOUSE).parts[0].removesuffix(".py")
        if room in ROOMS and ".venv" not in path.parts and "versions" not in path.parts:
            yield room, path


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("room", "path"), list(modules()), ids=lambda value: str(value).replace(str(HOUSE), "")
)
def test_imports_keep_the_law(room, path):
    ours = {name.split(".")[0] for name in imported(path)} & ROOMS
    allowed = MAY[room] | {"settings"} | ({"app"} if path.name == "run.py" and room == "commands" else set())
    assert ours <= allowed, f"{path.relative_to(HOUSE)} imports {sorted(ours - allowed)}"


def capabilities() -> dict[str, Path]:
    """Route modules that declare routes, by name."""
    found = {}
    for path in sorted((HOUSE / "routes").rglob("*.py")):
        if path.name != "__init__.py" and re.search(r"^routes(: .*)? = \[", path.read_text("utf-8"), re.M):
            found[str(path.relative_to(HOUSE / "routes").with_suffix(""))] = path
    return found


@pytest.mark.parametrize("name", capabilities())
def test_no_capability_imports_anothers_route(name):
    others = {f"routes.{other.replace('/', '.')}" for other in capabilities() if other != name}
    shared = {"routes.confirmations.confirmed", "routes.confirmations"}
    found = {module for module in imported(capabilities()[name]) if module in others} - shared
    assert not found


@pytest.mark.parametrize("name", capabilities())
def test_only_those_who_deal_with_the_outside_reach_a_gateway(name):
    if any(module.split(".")[0] == "gateways" for module in imported(capabilities()[name])):
        assert name.split("/")[-1] in STARTS_OUTSIDE


@pytest.mark.parametrize("name", capabilities())
def test_each_capability_has_its_test(name):
    word = name.replace("staff/", "staff_")
    alike = {HOUSE / "tests" / f"test_{one}.py" for one in (word, word.removeprefix("staff_"))}
    assert any(path.exists() for path in alike), f"tests/test_{word}.py"


@pytest.mark.parametrize(
    "path", [path for _, path in modules()], ids=lambda path: str(path.relative_to(HOUSE))
)
def test_files_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= 410, "what ability wants a room of its own?"


@pytest.mark.parametrize("path", sorted((HOUSE / "partials").rglob("*.html")), ids=lambda path: path.name)
def test_templates_stay_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 110


def test_models_and_migrations_agree(engine):
    from db.migrations import run

    run.check(engine)


def test_the_newest_revision_is_alembics_head(engine):
    from alembic.script import ScriptDirectory

    from db.migrations import run

    assert ScriptDirectory.from_config(run.config(engine)).get_heads() == [run.newest()]


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
    code = "import sys, app; app.discovered(app.Settings(demo=True)); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, check=True
    ).stdout
    assert HEAVY & set(told.split()) == set()


def test_the_papers_tree_is_the_real_tree():
    tree = re.search(r"```\n(.*?)```", (HOUSE / "ARCHITECTURE.md").read_text("utf-8"), re.S)[1]
    told = {line.split()[0].rstrip("/") for line in tree.splitlines() if line.strip()}
    git = subprocess.run(
        ["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    real = {name.split("/")[0] for name in git} or {path.name for path in HOUSE.iterdir()}
    papers = {
        name
        for name in real
        if name.endswith((".md", ".lock", ".toml")) or name.startswith(".") or name == "Makefile"
    }
    assert told == real - papers


def test_ci_installs_the_packages_the_readme_names_and_runs_both_engines():
    told = re.search(r"`apt-get install ([^`]+)`", (HOUSE / "README.md").read_text("utf-8"))[1].split()
    run = (HOUSE / ".ci/run").read_text("utf-8")
    assert told == re.search(r"--no-install-recommends \\\n(.*)", run)[1].split()
    assert {"make test", "make test-postgres"} <= set(run.splitlines())


def test_every_setting_is_in_the_readme_with_its_default():
    from commands.table import table

    assert table() in (HOUSE / "README.md").read_text("utf-8"), "make settings"


def test_no_file_names_a_registry_or_this_machine():
    for name in ("requirements.lock", "requirements-postgres.lock", "requirements-dev.lock"):
        text = (HOUSE / name).read_text("utf-8")
        assert "://" not in text and "--hash=sha256:" in text


def test_every_glossary_word_lives_in_the_code():
    code = "\n".join(path.read_text("utf-8") for _, path in modules())
    for word in re.findall(r"^\| [^|]+ \| `(\w+)`", (HOUSE / "GLOSSARY.md").read_text("utf-8"), re.M):
        assert re.search(rf"\b{word}\b", code), word


def test_only_the_envelope_has_a_door_of_its_own():
    own = [
        path.stem
        for path in (HOUSE / "routes").rglob("*.py")
        if '"own_door": True' in path.read_text("utf-8")
    ]
    assert own == ["envelopes"]


def test_every_test_the_threats_name_exists():
    named = set(re.findall(r"`(test_\w+)`", (HOUSE / "SECURITY.md").read_text("utf-8")))
    written = "\n".join(path.read_text("utf-8") for path in (HOUSE / "tests").glob("test_*.py"))
    real = set(re.findall(r"^def (test_\w+)", written, re.M))
    assert len(named) > 50 and not named - real
