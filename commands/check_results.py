"""Levels of the results of `litestar check`, and what its checks share."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from commands import Context

GOOD, LOOK, ACT = 0, 1, 2


Found = Iterator[tuple[int, str]]


def database_path(context: Context) -> Path | None:
    return Path(context.file.url.database or "") if context.file.dialect.name == "sqlite" else None


def length(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return (
        f"{minutes // 1440} д"
        if minutes >= 2880
        else f"{minutes // 60} ч"
        if minutes >= 120
        else f"{minutes} мин"
    )
