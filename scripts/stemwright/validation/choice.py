"""A field whose value selects one kind of a package, as in `instrument: {organ: {drawbars: [8, 8, 8]}}`.

    instrument: Annotated[dict, Choice("stemwright.instruments")]

The validated value is plain data: a mapping of one key, the kind, to all keys of that kind, defaults included.
As in `stemwright.validation.fields`, pydantic is imported only when pydantic itself asks for the schema.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields
from typing import Any

from stemwright.validation import registry
from stemwright.validation.lazy_keys import LazyKeys


def check_single_kind(found: Collection[str]) -> None:
    """Raise ValueError unless `found` holds exactly one kind."""
    if len(found) != 1:
        raise ValueError(f"must be one kind and its keys (is {', '.join(sorted(found)) or 'nothing'})")


@dataclass(frozen=True)
class Choice:
    """Metadata in `Annotated`: the value is a one-key mapping that names a kind of `package`.

    A kind's class may declare in `short` one of its keys, whose value may be written alone, as in
    `degrees: 1 . 5 .`. With `allow_empty`, the mapping may be empty. Kinds in `exclude` are not accepted; with `only`,
    no others than these are.
    """

    package: str
    allow_empty: bool = False
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        known = {}
        for kind in registry.kinds(self.package):
            if kind in self.exclude or (self.only and kind not in self.only):
                continue
            entry = _Entry(LazyKeys(self.package, kind))
            known[kind] = core_schema.typed_dict_field(entry.schema(), required=False)
        kinds = core_schema.typed_dict_schema(known, extra_behavior="forbid")
        return core_schema.no_info_after_validator_function(self._to_plain, kinds)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "minProperties": 0 if self.allow_empty else 1, "maxProperties": 1}

    def _to_plain(self, found: dict) -> dict:
        if found or not self.allow_empty:
            check_single_kind(found)
        return next(iter(found.values())).entry() if found else {}


class _Entry:
    """The value of one kind: its keys, nothing (all defaults), or the value of its `short` key alone."""

    def __init__(self, keys: LazyKeys):
        self._keys = keys

    @property
    def _short(self) -> str | None:
        return getattr(self._keys.cls, "short", None)

    def schema(self) -> Any:
        """The pydantic core schema, wrapped around that of the kind's class."""
        from pydantic_core import core_schema

        metadata = {"pydantic_js_functions": [self._json_schema]}
        return core_schema.no_info_wrap_validator_function(
            self._validate, self._keys.schema(), metadata=metadata
        )

    def _validate(self, value: Any, inner: Any) -> Any:
        if value is None:
            value = {}
        elif self._short is not None and not isinstance(value, dict):
            value = {self._short: value}
        return inner(value)

    def _json_schema(self, schema: Any, handler: Any) -> dict[str, Any]:
        inner = handler(schema)
        required = {
            field.name
            for field in fields(self._keys.cls)
            if field.default is MISSING and field.default_factory is MISSING
        }
        others = [] if required else [{"type": "null"}]
        if self._short is not None and required <= {self._short}:
            others.append(handler.resolve_ref_schema(inner)["properties"][self._short])
        return {"anyOf": [inner, *others]}
