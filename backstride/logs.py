"""What may stand in a log: no text that a person wrote, whichever library would log it.

Libraries put what they handle into their messages: Rasa the text and the slots, SQLAlchemy the
row, a traceback the variables. No list of such places would ever be complete. So once messages
come in, only our own loggers speak in full. Of every other record the log keeps the level, the
logger, the place in the source and the kind of error, and where an operator switches it on
(`BACKSTRIDE_LOG_TEXT=redacted`) the words too, without numbers, addresses and ids.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from structlog_sentry import SentryProcessor

from backstride.server_settings import LogText

_OURS = ("backstride", "actions")
_EVENT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_KEPT = frozenset({"event", "level", "log_level", "timestamp", "logger", "turn"})
_REDACTIONS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[mail]"),
    (re.compile(r"(?:https?://|www\.)\S+"), "[link]"),
    (re.compile(r"(?<!\w)@\w+"), "[name]"),
    (re.compile(r"\b(?=\w*[a-zA-Z])(?=\w*\d)[\w-]{12,}\b|\b[\w-]{24,}\b"), "[id]"),
    (re.compile(r"\+?\d(?:[\s().-]{0,2}\d){4,}"), "[number]"),
)

_Record = Callable[..., logging.LogRecord]
_Processor = Callable[[Any, str, MutableMapping[str, Any]], Any]


class _Clean(str):
    """A line that structlog made from an event that has been through `_cleaned`."""

    __slots__ = ()


def withhold_texts(log_text: LogText = "") -> None:
    """From now on no text of a person reaches a log of this process. May be called again.

    Args:
        log_text: "redacted" lets words of other libraries through, without numbers and ids.
    """
    logging.captureWarnings(True)  # a warning of Rasa's can quote a message
    factory = logging.getLogRecordFactory()
    original: _Record = getattr(factory, "original", factory)

    def record(
        name: str,
        level: int,
        path: str,
        line: int,
        message: object,
        args: Any,
        exc_info: Any = None,
        *rest: Any,
        **more: Any,
    ) -> logging.LogRecord:
        if not isinstance(message, _Clean):
            if not _is_ours(name):
                made = original(name, level, path, line, message, args, None, *rest, **more)
                message, args = _shown(made, log_text), ()
            if exc_info:
                message, exc_info = f"{message} {_kind(exc_info)}", None
        return original(name, level, path, line, message, args, exc_info, *rest, **more)

    record.original = original  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
    _clean_structlog(log_text)


def redacted(text: str) -> str:
    """The text without mail addresses, links, handles, long numbers and ids."""
    for pattern, stand_in in _REDACTIONS:
        text = pattern.sub(stand_in, text)
    return text


def _is_ours(logger: str) -> bool:
    return logger.split(".", 1)[0] in _OURS


def _shown(record: logging.LogRecord, log_text: LogText) -> str:
    if log_text:
        return redacted(record.getMessage())
    return f"Text withheld: {record.name}, {record.module}:{record.lineno}"


def _kind(exc_info: Any) -> str:
    """The kind of an error and where it came from, without its words and variables."""
    found: tuple[Any, BaseException | None, TracebackType | None]
    if isinstance(exc_info, BaseException):
        found = type(exc_info), exc_info, exc_info.__traceback__
    else:
        found = exc_info if isinstance(exc_info, tuple) else sys.exc_info()
    error, where = found[1], found[2]
    if error is None:
        return ""
    frames = traceback.extract_tb(where)[-5:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"[{type(error).__name__} in {places or 'no frame'}]"


def _clean_structlog(log_text: LogText) -> None:
    # Loggers that were used already hold this very list, so it is changed in place.
    processors: list[Any] = structlog.get_config()["processors"]
    # Rasa's setting makes a report for Sentry of each event, though none is sent from here.
    ours_or_sentry = (_Cleaner, SentryProcessor)
    processors[:] = [one for one in processors if not isinstance(one, ours_or_sentry)]
    processors.insert(0, _Cleaner(log_text))
    if not isinstance(processors[-1], _Marked):
        processors[-1] = _Marked(processors[-1])


class _Cleaner:
    """Takes out of an event of structlog's what may be a person's text."""

    def __init__(self, log_text: LogText) -> None:
        self._log_text = log_text

    def __call__(
        self, logger: Any, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        error = event.pop("exc_info", None) or (method == "exception")
        kind = _kind(error) if error else ""
        ours = _is_ours(str(getattr(logger, "name", "")))
        kept: dict[str, Any] = {
            key: value if ours else self._value(key, value) for key, value in event.items()
        }
        # `False` keeps structlog from adding the traceback itself.
        return {**kept, **({"error": kind} if kind else {}), "exc_info": False}

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, bool | float | int | type(None)):
            return value
        if key in _KEPT and (key != "event" or _EVENT.fullmatch(str(value))):
            return value
        return redacted(str(value)) if self._log_text else "withheld"


class _Marked:
    """A renderer whose line is known to be clean."""

    def __init__(self, renderer: _Processor) -> None:
        self._renderer = renderer

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        line = self._renderer(logger, method, event)
        return _Clean(line) if isinstance(line, str) else line
