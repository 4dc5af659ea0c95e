"""Python code as a tree of calls and lists, laid out in lines of readable length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

WIDTH = 88
_INDENT = "    "
# More arguments than this are no longer legible on one line.
_ARGUMENTS_ON_A_LINE = 5


@dataclass(frozen=True)
class Code:
    """Code that is written as it stands."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list of several things."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    """A call; an argument with a name is a keyword argument."""

    function: str
    arguments: tuple[tuple[str | None, Node], ...] = ()
    method: Call | None = None
    """A method that is called on the result."""
    open: bool = False
    """Whether each argument has a line of its own, even if all fit on one."""

    def and_then(self, method: Call) -> Call:
        """Return the call with a method called on its result at last."""
        if self.method is not None:
            method = self.method.and_then(method)

        return replace(self, method=method)


Node = Code | Items | Call


def call(function: str, *positional: Node, **keywords: Node) -> Call:
    """Return a call."""
    given: list[tuple[str | None, Node]] = [(None, each) for each in positional]
    return Call(function, (*given, *keywords.items()))


def items(several: Sequence[Node]) -> Items:
    """Return a list."""
    return Items(tuple(several))


def literal(value: object) -> Code:
    """Return a plain value; strings have double quotes where these need no escape."""
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in text:
        text = '"' + text[1:-1].replace("\\'", "'") + '"'

    return Code(text)


def names(several: Sequence[str]) -> Items:
    """Return a list of strings."""
    return items([literal(str(each)) for each in several])


def one_line(node: Node) -> str:
    """Return code on one line, however long."""
    if isinstance(node, Code):
        return node.text
    if isinstance(node, Items):
        return "[" + ", ".join(one_line(each) for each in node.items) + "]"

    inner = ", ".join(_argument(name, one_line(each)) for name, each in node.arguments)
    after = f".{one_line(node.method)}" if node.method else ""

    return f"{node.function}({inner}){after}"


def laid_out(node: Node, depth: int = 1, *, before: int = 0) -> str:
    """Return code that begins at a depth of indentation, in lines that fit if possible.

    :param before: how many characters stand before it on its first line.
    """
    # A comma is to follow.
    room = WIDTH - len(_INDENT) * depth - before - 1
    flat = one_line(node)
    if isinstance(node, Code) or (len(flat) <= room and not _is_wide(node)):
        return flat
    if isinstance(node, Items):
        if not node.items:
            return flat

        return _broken("[", [(None, each) for each in node.items], "]", depth)

    if not node.arguments:
        return flat

    after = f".{laid_out(node.method, depth)}" if node.method else ""
    return _broken(f"{node.function}(", node.arguments, ")", depth) + after


def _is_wide(node: Node) -> bool:
    if not isinstance(node, Call):
        return False

    return node.open or len(node.arguments) > _ARGUMENTS_ON_A_LINE


def _broken(
    opening: str,
    arguments: Sequence[tuple[str | None, Node]],
    closing: str,
    depth: int,
) -> str:
    inner = _INDENT * (depth + 1)
    lines = [
        inner + _argument(name, laid_out(node, depth + 1, before=len(name or "") + 1))
        for name, node in arguments
    ]

    return ",\n".join([f"{opening}\n{lines[0]}", *lines[1:]]) + (
        f",\n{_INDENT * depth}{closing}"
    )


def _argument(name: str | None, text: str) -> str:
    if name is None:
        return text

    return f"**{text}" if name == "**" else f"{name}={text}"
