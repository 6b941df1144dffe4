"""The log: one JSON line per thing that happened, ids and codes only.

Never a name, an address or a text: a fault is told by its kind and the places it passed, not by its
message, which may quote what somebody sent. The log is not the record.
"""

from __future__ import annotations

import logging
import logging.handlers
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

LARGEST = 20 * 1024 * 1024
FOLDERS = ("site-packages/", "infra/", "commands/", "queries/", "projections/", "domain/")


def configure(file: Path, level: int = logging.INFO) -> None:
    """Sends our lines and those of the libraries to one file, 20 MB and three older ones."""
    handler = logging.handlers.RotatingFileHandler(file, maxBytes=LARGEST, backupCount=3)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_message,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    for earlier in list(root.handlers):
        root.removeHandler(earlier)
        earlier.close()
    root.addHandler(handler)
    root.setLevel(level)
    for quiet in ("uvicorn.access", "psycopg.pool"):
        logging.getLogger(quiet).setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


@contextmanager
def errors_only() -> Iterator[None]:
    """Nothing below an error is told, for work that is nobody's."""
    kept = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**kept)


def without_message(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replaces an exception by its kind and where it passed."""
    told = event.pop("exc_info", None)
    record = event.pop("_record", None)
    if told is None and record is not None:
        told = record.exc_info
    fault = told[1] if isinstance(told, tuple) else told
    if isinstance(fault, BaseException):
        event.update(described(fault))
    return event


def described(fault: BaseException) -> dict[str, Any]:
    """A fault as it may be logged."""
    return {
        "fault": type(fault).__name__,
        "sqlstate": getattr(fault, "sqlstate", None),
        "passed": _places(fault.__traceback__),
    }


def _places(trace: TracebackType | None) -> list[str]:
    """The innermost places, by path from the package on."""
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames]


def _short(path: str) -> str:
    for folder in FOLDERS:
        if f"/{folder}" in path:
            return path[path.rindex(f"/{folder}") + 1 :]
    return Path(path).name
