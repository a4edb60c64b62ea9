"""Read a YAML content file and validate it, so that a writer's slip names its own cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sized
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, Extra, ValidationError, validator

from backstride.paths import ROOT


class ContentError(Exception):
    """A content file that can't be used. The message names the file, the key and the cure."""


class Entry(BaseModel):
    """Base of everything that is read from a content file: frozen, unknown keys rejected."""

    class Config:
        extra = Extra.forbid
        frozen = True
        anystr_strip_whitespace = True
        min_anystr_length = 1


# Pydantic tells the validators of a field apart by the names of the inner functions.
def at_least(fewest: int, *fields: str) -> Any:
    """A validator: each of these list fields has at least `fewest` items."""

    def long_enough(value: Sized) -> Sized:
        if len(value) < fewest:
            raise ValueError(f"has {len(value)} entries, at least {fewest} are needed. Add some")
        return value

    reusable: Callable[..., Any] = validator(*fields, allow_reuse=True)
    return reusable(long_enough)


def without_doubles(*fields: str) -> Any:
    """A validator: none of these list fields names the same thing twice."""

    def each_once(value: Iterable[str]) -> Iterable[str]:
        doubles = [item for item, times in Counter(value).items() if times > 1]
        if doubles:
            raise ValueError(f"names {', '.join(doubles)} twice. Remove one")
        return value

    reusable: Callable[..., Any] = validator(*fields, allow_reuse=True)
    return reusable(each_once)


EntryT = TypeVar("EntryT", bound=Entry)


class _UniqueKeyLoader(yaml.CSafeLoader):
    """PyYAML keeps the last of two equal keys in silence; here that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be one word, not a list", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def shown(path: Path) -> str:
    """The path as a person in the project names it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def read_yaml(path: Path) -> Any:
    """The content of one YAML file.

    Raises:
        ContentError: the file is missing, is not YAML in UTF-8, or has a key twice.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ContentError(
            f"{shown(path)}: the file is missing. Restore it from version control."
        ) from None
    try:
        # _UniqueKeyLoader is a safe loader.
        return yaml.load(content.decode("utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        at = content.count(b"\n", 0, error.start) + 1
        raise ContentError(
            f"{shown(path)}, line {at}: a character is not UTF-8. Save the file as UTF-8."
        ) from None
    except yaml.reader.ReaderError as error:
        at = content.count(b"\n", 0, error.position) + 1
        raise ContentError(
            f"{shown(path)}, line {at}: holds a control character. Remove it."
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise ContentError(
            f"{shown(path)}, line {line}: {error.problem}. Correct the YAML there."
        ) from None
    except ValueError as error:  # a date that does not exist, such as 2024-02-30
        raise ContentError(f"{shown(path)}: {error}. Correct the date.") from None


def read_entry(path: Path, schema: type[EntryT]) -> EntryT:
    """One content file as an entry of the given schema.

    Raises:
        ContentError: naming file, key and cure for each fault, a line each.
    """
    return parse_entry(read_yaml(path), schema, shown(path))


def parse_entry(data: Any, schema: type[EntryT], where: str) -> EntryT:
    """What was read from a file, or a part of it, as an entry of the given schema.

    Args:
        data: what was read.
        schema: what it must hold.
        where: the file, and the entry if it holds several, as errors name it.

    Raises:
        ContentError: naming file, key and cure for each fault, a line each.
    """
    if not isinstance(data, dict):
        first = next(iter(schema.__fields__))
        raise ContentError(f"{where}: expected keys and values. Start with '{first}: ...'.")
    try:
        return schema.parse_obj(data)
    except ValidationError as error:
        raise ContentError(
            "\n".join(_explain(where, schema, fault) for fault in error.errors())
        ) from None


def _explain(where: str, schema: type[Entry], fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "value_error.extra":
        if len(fault["loc"]) == 1:
            cure = f"unknown key. Known keys: {', '.join(schema.__fields__)}"
        else:
            cure = "unknown key. Correct its spelling or remove it"
    elif fault["type"] == "value_error.missing":
        cure = "is missing. Add it"
    elif fault["type"] in ("value_error.any_str.min_length", "type_error.none.not_allowed"):
        cure = "is empty. Fill it in"
    elif fault["type"] == "type_error.str":
        cure = "is not read as a text. Put it in quotes"
    elif fault["type"].startswith("type_error"):
        cure = f"has the wrong kind of value ({fault['msg']}). Correct it"
    else:
        cure = fault["msg"]
    return f"{where}: {key}: {cure}."
