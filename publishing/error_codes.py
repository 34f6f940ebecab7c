"""Every error that a client can get, found in the source: its code, statuses, type, and what it says.

Errors are values of `ProxyError` and its children. Each place that makes one is read, not run; only what ARGO's own
statuses become is tried out, for that is a table.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from argo_proxy.canonical import errors
from argo_proxy.canonical.errors import ProxyError
from argo_proxy.upstreams.faults import error_from

SOURCE = Path(__file__).parent.parent / "src" / "argo_proxy"
NO_CODE = "null"
"""As it stands in the answer."""
PASSED_ON = "upstreams/faults.py"
"""Where a code may be that of a provider, whatever it is."""
FAILURES = "Failure"
"""The error inside a response, which has codes of its own."""
CLASSES = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ProxyError)}

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


class Made(NamedTuple):
    """One place that makes an error. `text` has `…` for what is known only then; it is "" where nothing is."""

    code: str
    status: int
    kind: str
    text: str


class Unreadable(Exception):
    """A place whose code cannot be told by reading it."""


def every_error() -> tuple[Made, ...]:
    """All places, without those of ARGO's statuses. Raises Unreadable."""
    return tuple(made for path in modules() for made in errors_in(path))


def modules() -> Iterator[Path]:
    """The modules of the proxy; the simulator plays another program."""
    return (path for path in sorted(SOURCE.rglob("*.py")) if "simulator" not in path.parts)


def errors_in(path: Path) -> Iterator[Made]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call, around in calls(tree, ()):
        name = name_of(call)
        if name in CLASSES:
            yield made_by(CLASSES[name], call, around, path)
        elif any(keyword.arg == "code" for keyword in call.keywords) and not path.match(PASSED_ON):
            raise Unreadable(f"{path}:{call.lineno}: a code that is none of an error")


def calls(node: ast.AST, around: Iterable[Function]) -> Iterator[tuple[ast.Call, tuple[Function, ...]]]:
    """Every call, and the functions it stands in."""
    around = (*around, node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else (*around,)
    if isinstance(node, ast.Call):
        yield node, around
    for inner in ast.iter_child_nodes(node):
        yield from calls(inner, around)


def name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def made_by(kind: type[ProxyError], call: ast.Call, around: tuple[Function, ...], path: Path) -> Made:
    given = {keyword.arg: resolved(keyword.value, around) for keyword in call.keywords}
    code = literal(given["code"], call, path) if "code" in given else kind.code
    status = literal(given["status"], call, path) if "status" in given else kind.status
    text = worded(resolved(call.args[0], around)) if call.args else ""
    return Made(str(code or NO_CODE), int(str(status)), kind.kind, text)


def literal(node: ast.expr, call: ast.Call, path: Path) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    raise Unreadable(f"{path}:{call.lineno}: code or status is no literal")


def resolved(node: ast.expr, around: tuple[Function, ...]) -> ast.expr:
    """The value of a name that was just given it, else the expression itself."""
    if not isinstance(node, ast.Name) or not around:
        return node
    given = [one for one in ast.walk(around[-1]) if isinstance(one, ast.Assign) and names(one) == [node.id]]
    before = [one for one in given if one.lineno <= node.lineno]
    return before[-1].value if before else node


def names(assignment: ast.Assign) -> list[str]:
    return [target.id for target in assignment.targets if isinstance(target, ast.Name)]


def worded(node: ast.expr) -> str:
    """What a message says."""
    match node:
        case ast.Constant(str() as text):
            return text
        case ast.JoinedStr(pieces):
            text = "".join(worded(piece) if isinstance(piece, ast.Constant) else "…" for piece in pieces)
            return text if text.strip("… :'") else ""
        case _:
            return ""


def of_argo() -> set[Made]:
    """What the statuses become that ARGO answers with."""
    told = (error_from(status, b"") for status in range(300, 600))
    return {Made(error.http_code or NO_CODE, error.http_status, error.kind, "") for error in told}


def failure_codes() -> set[str]:
    """The codes inside a response that failed."""
    sources = (source for path in modules() if f"{FAILURES}(" in (source := path.read_text(encoding="utf-8")))
    made = (call for source in sources for call, _ in calls(ast.parse(source), ()) if name_of(call) == FAILURES)
    return {str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)}
