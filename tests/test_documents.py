"""The documents tell the truth about the code."""

import re
import subprocess

from tests.kit.sources import ROOT, modules


def test_the_papers_tree_is_the_real_tree():
    tree = re.search(r"```\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.S)[1]
    told = {line.split()[0].rstrip("/") for line in tree.splitlines() if line.strip()}
    git = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    real = {name.split("/")[0] for name in git} or {path.name for path in ROOT.iterdir()}
    papers = {
        name
        for name in real
        if name.endswith((".md", ".lock", ".toml")) or name.startswith(".") or name == "Makefile"
    }
    assert told == real - papers


def test_ci_installs_the_packages_the_readme_names_and_runs_both_engines():
    told = re.search(r"`apt-get install ([^`]+)`", (ROOT / "README.md").read_text("utf-8"))[1].split()
    run = (ROOT / ".ci/run").read_text("utf-8")
    assert told == re.search(r"--no-install-recommends \\\n(.*)", run)[1].split()
    assert {"make test", "make test-postgres"} <= set(run.splitlines())


def test_every_setting_is_in_the_readme_with_its_default():
    from commands.table import table

    assert table() in (ROOT / "README.md").read_text("utf-8"), "make settings"


def test_no_file_names_a_registry_or_this_machine():
    for name in ("requirements.lock", "requirements-postgres.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text and "--hash=sha256:" in text


def test_every_glossary_word_lives_in_the_code():
    code = "\n".join(path.read_text("utf-8") for _, path in modules())
    for word in re.findall(r"^\| [^|]+ \| `(\w+)`", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.M):
        assert re.search(rf"\b{word}\b", code), word


def test_every_test_the_threats_name_exists():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "SECURITY.md").read_text("utf-8")))
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    real = set(re.findall(r"^def (test_\w+)", written, re.M))
    assert len(named) > 50 and not named - real


def test_nothing_cites_what_is_not_in_the_repository():
    for _, path in modules():
        text = path.read_text("utf-8")
        assert not re.search(r"SPEC\b|BUDGETS|\(issue\b", text), path.relative_to(ROOT)
