"""State that a file shares with the modules it imports from."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping

from flake8_asyncio.state.functions import Function

_ASSIGNED = re.compile(r"\b(\w+)\.\w+[ \t]*(?:,[^\n()=]*|:[^\n=]*|[-+*/%&|^@<>]{0,2})=(?!=)")


def outside(imports: Mapping[str, str], text: str, functions: Iterable[Function]) -> set[str]:
    """The imported names, of modules or of objects in them, of whose attributes a function assigns one.

    The file's `text` is looked at first: few files have one, and their functions are many.
    """
    own = {name for name, path in imports.items() if path.partition(".")[0] not in sys.stdlib_module_names}
    own &= set(_ASSIGNED.findall(text)) if own else set()
    if not own:
        return set()
    return {
        node.value.id
        for function in functions
        for node in function.nodes.of(ast.Attribute)
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
        if node.value.id in own and node.value.id not in function.local_names
    }
