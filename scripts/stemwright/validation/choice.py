"""A key whose value is one kind of a package, as in `instrument: {organ: {drawbars: [8, 8, 8]}}`.

    instrument: Annotated[dict, Kinds("stemwright.instruments")]

Its value, once validated, is plain data: a one-key map with all keys of the kind, defaults too. As in
`stemwright.validation.fields`, nothing here imports pydantic unless pydantic asks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from stemwright.validation import registry


def check_single_kind(found: Collection[str]) -> None:
    """Raise ValueError unless there is one kind, and no other."""
    if len(found) != 1:
        raise ValueError(f"must be one kind and its keys (is {', '.join(sorted(found)) or 'nothing'})")


@dataclass(frozen=True)
class Choice:
    """The declaration that a value is a one-key map of a package's kinds.

    A class may name a key of its own in `short`: that one's value may be given alone, as in `degrees: 1 . 5 .`.
    With `empty`, there may be no kind at all; those `without` are not among them.
    """

    package: str
    allow_empty: bool = False
    exclude: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source, handler):
        from pydantic_core import core_schema

        known = {}
        for kind in registry.kinds(self.package):
            if kind in self.exclude:
                continue
            cls = registry.load(self.package, kind)
            entry = _Entry(getattr(cls, "short", None))
            known[kind] = core_schema.typed_dict_field(
                entry.schema(handler.generate_schema(cls)), required=False
            )
        kinds = core_schema.typed_dict_schema(known, extra_behavior="forbid")
        return core_schema.no_info_after_validator_function(self._plain, kinds)

    def __get_pydantic_json_schema__(self, schema, handler):
        return {**handler(schema), "minProperties": 0 if self.allow_empty else 1, "maxProperties": 1}

    def _plain(self, found: dict) -> dict:
        if found or not self.allow_empty:
            check_single_kind(found)
        return next(iter(found.values())).entry() if found else {}


class _Entry:
    """The keys of a kind; or nothing; or, where it has a `short` one, that key's value alone."""

    def __init__(self, short: str | None):
        self.short = short

    def schema(self, keys):
        from pydantic_core import core_schema

        about = {"pydantic_js_functions": [self._json]}
        return core_schema.no_info_wrap_validator_function(self._read, keys, metadata=about)

    def _read(self, value, inner):
        if value is None:
            value = {}
        elif self.short is not None and not isinstance(value, dict):
            value = {self.short: value}
        return inner(value)

    def _json(self, schema, handler):
        inner = handler(schema)
        keys = handler.resolve_ref_schema(inner)
        others = [] if keys.get("required") else [{"type": "null"}]
        if self.short is not None and set(keys.get("required", [])) <= {self.short}:
            others.append(keys["properties"][self.short])
        return {"anyOf": [inner, *others]}
