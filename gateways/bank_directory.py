"""Names of banks by БИК, from the Bank of Russia's daily directory (ED807: XML or zipped XML).

The operator downloads it (https://www.cbr.ru/s/newbik) and names the file in CABINET_BIC_FILE. The file is
read again when its modification time changes. A broken file is logged, and then no names are known.
"""

import logging
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

log = logging.getLogger("cabinet.banks")


def find_bank(path: str, bic: str) -> str:
    """Return the bank's name; "" without a directory or if the БИК is not in it."""
    if not path or not bic:
        return ""
    try:
        return _read(path, Path(path).stat().st_mtime_ns).get(bic, "")
    except (OSError, zipfile.BadZipFile, ElementTree.ParseError, StopIteration) as wrong:
        log.warning("the directory of БИК was not read: %s", type(wrong).__name__)
        return ""


@lru_cache(maxsize=1)
def _read(path: str, changed_at: int) -> dict[str, str]:
    """Return {БИК: name} of the file with this modification time; about 1,500 entries."""
    if not zipfile.is_zipfile(path):
        with Path(path).open("rb") as file:
            return _parse(file)
    with zipfile.ZipFile(path) as archive:
        name = next(one for one in archive.namelist() if one.lower().endswith(".xml"))
        with archive.open(name) as file:
            return _parse(file)


def _parse(file: IO[bytes]) -> dict[str, str]:
    names: dict[str, str] = {}
    for _, entry in ElementTree.iterparse(file):  # noqa: S314
        if entry.tag.rpartition("}")[2] != "BICDirectoryEntry":
            continue
        info = next((part for part in entry if part.tag.endswith("ParticipantInfo")), None)
        if info is not None and info.get("NameP"):
            names[entry.get("BIC", "")] = " ".join(info.get("NameP", "").split())
        entry.clear()
    return names
