"""The keys of a kind, whose module is imported only when a document has that kind.

A document may have any of more than a hundred kinds and has a few. To import all their modules, and to build what
validates them, would take longer than all else that reading a song takes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from stemwright.validation import registry


class LazyKeys:
    """Metadata in `Annotated[Any, ...]`: the value is validated as the class of a kind, and becomes an instance of it.

    Parameters
    ----------
    package, kind : str
        The package, such as `stemwright.effects`, and the kind.
    """

    def __init__(self, package: str, kind: str):
        self._package, self._kind = package, kind

    @property
    def cls(self) -> type:
        """The class of the kind."""
        return registry.load(self._package, self._kind)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return self.schema()

    def schema(self) -> Any:
        """The pydantic core schema. Its JSON Schema is that of the class."""
        from pydantic_core import core_schema

        metadata = {"pydantic_js_annotation_functions": [self._json_schema]}
        return core_schema.no_info_plain_validator_function(self._validate, metadata=metadata)

    def _validate(self, value: Any) -> Any:
        return _adapter(self.cls).validate_python(value)

    def _json_schema(self, schema: Any, handler: Any) -> dict[str, Any]:
        from pydantic_core import core_schema

        # With the name that pydantic gives a class, as a definition of its own.
        cls = self.cls
        keys = {**_adapter(cls).core_schema, "ref": f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"}
        return handler(core_schema.definitions_schema(keys, []))


@cache
def _adapter(cls: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)
