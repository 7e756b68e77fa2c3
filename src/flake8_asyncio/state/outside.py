"""State that a file shares with the modules it imports from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping

from flake8_asyncio.state.functions import Function


def outside(imports: Mapping[str, str], functions: Iterable[Function]) -> set[str]:
    """The imported names, of modules or of objects in them, of whose attributes a function assigns one."""
    own = {name for name, path in imports.items() if path.partition(".")[0] not in sys.stdlib_module_names}
    if not own:
        return set()
    return {
        node.value.id
        for function in functions
        for node in function.nodes.of(ast.Attribute)
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
        if node.value.id in own and node.value.id not in function.local_names
    }
