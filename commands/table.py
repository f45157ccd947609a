"""`python -m commands.table`: writes the table of settings into README.md, from the settings themselves."""

import json
import re
from pathlib import Path

from settings import Settings

README = Path(__file__).parents[1] / "README.md"
MARKS = "<!-- settings -->"


def table() -> str:
    """Return a Markdown row for each setting: name, default, description."""
    rows = ["| настройка | по умолчанию | что это |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        value = json.dumps(default, ensure_ascii=False, default=str).strip('"')
        if name in ("secrets", "attachment_keys"):
            value = "только для демонстрации"
        words = (field.description or "").replace("|", "\\|")
        rows.append(f"| `CABINET_{name.upper()}` | {f'`{value}`' if value else '—'} | {words} |")
    return "\n".join(rows)


def main() -> None:
    text = README.read_text("utf-8")
    README.write_text(
        re.sub(f"{MARKS}.*?{MARKS}", lambda _: f"{MARKS}\n{table()}\n{MARKS}", text, flags=re.S), "utf-8"
    )


if __name__ == "__main__":
    main()
