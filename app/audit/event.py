"""What an audit event may say, for both services. The events themselves stand with each service (`events`)."""

import dataclasses
import re
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

Value = str | int | bool | None


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a text field may look like: whole values of `pattern` only."""

    name: str
    pattern: str


# The key of a row: a UUID, a number, or hexadecimal digits. Never a username, an address or a cookie.
Id = Annotated[UUID | int | str, Shape("id", r"[0-9a-f]{8}[0-9a-f-]{0,56}")]
# A public error code, as people read it out to support.
Code = Annotated[str, Shape("code", r"[A-Z]{2,4}-[0-9]{3}")]
# A word of our own configuration or code: a provider's key, the scope of a throttle.
Slug = Annotated[str, Shape("slug", r"[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){0,3}")]

_SHAPED = (Id, Code, Slug)


@dataclasses.dataclass(frozen=True)
class Event:
    """One thing that happened. Each event is a frozen dataclass of its own with a `kind` that never changes.

    Fields are ids, codes, slugs, enums of ours and numbers: nothing in the record names or describes a person.
    """

    kind: ClassVar[str]


def catalogue(*events: type[Event]) -> Mapping[str, type[Event]]:
    """All events of a service by kind. TypeError when one could say more than an event may, or a kind comes twice."""
    by_kind: dict[str, type[Event]] = {}
    for event in events:
        _check_declaration(event)
        if event.kind in by_kind:
            raise TypeError(f"two events are of the kind {event.kind}")
        by_kind[event.kind] = event
    return by_kind


def _check_declaration(event: type[Event]) -> None:
    parameters = getattr(event, "__dataclass_params__", None)
    if "__dataclass_params__" not in vars(event) or not getattr(parameters, "frozen", False):
        raise TypeError(f"{event.__name__} is not a frozen dataclass")
    if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", getattr(event, "kind", "")):
        raise TypeError(f"{event.__name__} has no kind")
    hints = get_type_hints(event, include_extras=True)
    for field in dataclasses.fields(event):
        if not _allowed(hints[field.name]):
            raise TypeError(f"{event.__name__}.{field.name} is of a type that could hold personal data")


def _allowed(hint: Any) -> bool:
    if hint in _SHAPED or hint in (int, bool):
        return True
    if get_origin(hint) in (Union, UnionType):
        return all(part is NoneType or _allowed(part) for part in get_args(hint))
    return isinstance(hint, type) and issubclass(hint, Enum)


def payload(event: Event) -> dict[str, Value]:
    """The event's fields as they are recorded, under exactly their names. ValueError for a value its type forbids."""
    hints = get_type_hints(type(event), include_extras=True)
    return {
        field.name: _recorded(field.name, hints[field.name], getattr(event, field.name))
        for field in dataclasses.fields(event)
    }


def _recorded(name: str, hint: Any, value: Any) -> Value:
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if not any(_is_of(part, value) for part in parts):
        # The name of the field and never the value, which may be the very secret.
        raise ValueError(f"the audit field {name} was given a value that it may not hold")
    if isinstance(value, Enum):
        return cast(Value, value.value)
    return str(value) if isinstance(value, UUID) else cast(Value, value)


def _is_of(part: Any, value: Any) -> bool:
    if part is NoneType:
        return value is None
    if part is Id and isinstance(value, (UUID, int)):
        return not isinstance(value, bool)
    if part in _SHAPED:
        shape: Shape = get_args(part)[1]
        return isinstance(value, str) and re.fullmatch(shape.pattern, value) is not None
    # Exactly: a bool is an int to Python, and not to a reader of the record.
    return type(value) is part
