"""Attributes that are worked out when they are first read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if not TYPE_CHECKING and sys.version_info >= (3, 12):
    from functools import cached_property
else:
    Value = TypeVar("Value")

    class cached_property(Generic[Value]):  # noqa: N801  # as the standard library's
        """`functools.cached_property` without its lock, which until Python 3.12 costs more than many values."""

        def __init__(self, function: Callable[[Any], Value]) -> None:
            self.function = function
            self.name = function.__name__
            self.__doc__ = function.__doc__

        @overload
        def __get__(self, owner: None, kind: type[Any] | None = None) -> cached_property[Value]: ...

        @overload
        def __get__(self, owner: object, kind: type[Any] | None = None) -> Value: ...

        def __get__(self, owner: object | None, kind: type[Any] | None = None) -> cached_property[Value] | Value:
            if owner is None:
                return self
            value = owner.__dict__[self.name] = self.function(owner)
            return value
