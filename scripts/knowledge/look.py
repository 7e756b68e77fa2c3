"""What the running Python sees of the names in a table, which it reads from standard input; JSON on standard output.

It runs where the library can be imported, so it needs the standard library only. The kinds are those of a table: `a`
for a coroutine function, `g` for an asynchronous generator, `s` for a plain function, `p` for a property, `v` for a
value, `k` for a class; `?` is what a decorator or compiled code does not let see.
"""

import importlib
import inspect
import json
import sys
import warnings

PROTOCOL = (
    "__aenter__ __aexit__ __aiter__ __anext__ __await__ __call__ __enter__ __exit__ __getattr__ __getitem__ __iter__ "
    "__next__ __truediv__"
).split()
AWAITABLE = ("Awaitable", "Coroutine", "Future", "AsyncIter", "AsyncGen", "AsyncContext", "Task", "ResponseT")
PROPERTIES = ("cached_property", "getset_descriptor", "reify", "under_cached_property")
FAILED = {}


def find(path):
    """What a dotted name means; None if nothing."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        if module in FAILED:
            continue
        try:
            value = importlib.import_module(module)
        except BaseException as error:  # a library may do anything when it is imported
            FAILED[module] = f"{type(error).__name__}: {error}"[:200]
            continue
        for part in parts[length:]:
            try:
                value = getattr(value, part)
            except Exception:
                value = None
            if value is None:
                break
        if value is not None:
            return value
    return None


def kind(name, value, is_standard):
    """The kind of a member or of a module's name; some stand for what only a running program has."""
    try:
        return kind_of(name, value, is_standard)
    except Exception:
        return "?"


def kind_of(name, value, is_standard):
    """The kind of what can be asked."""
    function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
    if isinstance(function, property) or type(function).__name__ in PROPERTIES:
        return "p"
    if inspect.isclass(function):
        return "k"
    if inspect.ismemberdescriptor(function) or type(function).__name__ == "_tuplegetter":
        return "v"
    if inspect.isdatadescriptor(function) and not callable(function):
        return "p"
    if not callable(function) and not inspect.ismethoddescriptor(function):
        return "v"
    if inspect.iscoroutinefunction(function):
        return "a"
    if inspect.isasyncgenfunction(function):
        return "g"
    if inspect.isfunction(function):
        if name in ("__aenter__", "__aexit__", "__anext__"):
            return "a"
        is_wrapped = hasattr(function, "__wrapped__") or function.__code__.co_name != name
        gives = str(function.__annotations__.get("return", ""))
        return "?" if (is_wrapped and not is_standard) or any(each in gives for each in AWAITABLE) else "s"
    return "s" if inspect.isroutine(function) and is_standard else "?"


def isclass(value):
    """Whether a value is a class; to ask some values is an error."""
    return issubclass(type(value), type)


def members(owner):
    """The members of a class by the class that defines them, without those of `object`."""
    found = {}
    for each in reversed(owner.__mro__):
        if each is object or each.__module__ in ("abc", "typing"):
            continue
        is_standard = each.__module__.partition(".")[0] in sys.stdlib_module_names
        for name, value in vars(each).items():
            if name.startswith("_") and name not in PROTOCOL:
                continue
            if value is None:
                found.pop(name, None)
            else:
                found[name] = kind(name, value, is_standard)
    return found


def look(table):
    """What is there of a table."""
    seen = {"classes": {}, "functions": {}, "aliases": {}}
    for path in table["c"]:
        value = find(path)
        if isclass(value):
            getattrs = any("__getattr__" in vars(each) for each in value.__mro__)
            seen["classes"][path] = {"members": members(value), "open": getattrs}
    for path in table["f"]:
        value = find(path)
        if value is not None:
            seen["functions"][path] = kind(path.rpartition(".")[2], value, False)
    for alias, path in table["a"].items():
        value = find(alias)
        if value is not None and (value is find(path) or type(value) is type(sys)):
            seen["aliases"][alias] = True
    return {**seen, "failed": FAILED}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    table = json.load(sys.stdin)
    output, sys.stdout = sys.stdout, sys.stderr  # some libraries print when they are imported
    json.dump(look(table), output)
