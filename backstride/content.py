"""Read a YAML content file and validate it, so that a writer's slip names its own cure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sized
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


def at_least(fewest: int, *fields: str) -> Any:
    """A validator: each of these list fields has at least `fewest` items."""

    def check(value: Sized) -> Sized:
        if len(value) < fewest:
            raise ValueError(f"has {len(value)} entries, at least {fewest} are needed. Add some")
        return value

    reusable: Callable[..., Any] = validator(*fields, allow_reuse=True)
    return reusable(check)


EntryT = TypeVar("EntryT", bound=Entry)


class _UniqueKeyLoader(yaml.CSafeLoader):
    """PyYAML keeps the last of two equal keys in silence; here that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
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
        ContentError: the file is missing, is not YAML, or has a key twice.
    """
    try:
        # _UniqueKeyLoader is a safe loader.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except FileNotFoundError:
        raise ContentError(
            f"{shown(path)}: the file is missing. Restore it from version control."
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise ContentError(
            f"{shown(path)}, line {line}: {error.problem}. Correct the YAML there."
        ) from None


def read_entry(path: Path, schema: type[EntryT], data: Any = None) -> EntryT:
    """One content file as an entry of the given schema.

    Args:
        path: the file; also names the source of `data` in errors.
        schema: what the file must hold.
        data: the part of the file to validate; the whole file when left out.

    Raises:
        ContentError: naming file, key and cure for each fault, a line each.
    """
    data = read_yaml(path) if data is None else data
    if not isinstance(data, dict):
        raise ContentError(f"{shown(path)}: expected keys and values. Start with 'id: ...'.")
    try:
        return schema.parse_obj(data)
    except ValidationError as error:
        raise ContentError(
            "\n".join(_explain(path, schema, fault) for fault in error.errors())
        ) from None


def _explain(path: Path, schema: type[Entry], fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "value_error.extra":
        if len(fault["loc"]) == 1:
            cure = f"unknown key. Known keys: {', '.join(schema.__fields__)}"
        else:
            cure = "unknown key. Correct its spelling or remove it"
    elif fault["type"] == "value_error.missing":
        cure = "is missing. Add it"
    elif fault["type"].startswith("type_error"):
        cure = f"has the wrong kind of value ({fault['msg']}). Correct it"
    else:
        cure = fault["msg"]
    return f"{shown(path)}: {key}: {cure}."
