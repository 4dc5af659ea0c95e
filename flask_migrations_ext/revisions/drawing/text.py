"""A picture of the history in the languages that others draw: Mermaid and DOT."""

from __future__ import annotations

from collections.abc import Iterator

from .lanes import Picture
from .lanes import Place


def mermaid(picture: Picture) -> str:
    """Return a flowchart, as Markdown of many hosts shows it. https://mermaid.js.org"""
    names = _names(picture)
    lines = ["flowchart BT"]
    for place in picture.places:
        said = "<br/>".join(_mermaid_text(each) for each in _said(place))
        lines.append(f'    {names[place.id]}["{said}"]{_class(place)}')
    for line in picture.lines:
        arrow = "-.->" if line.is_dependency else "-->"
        lines.append(f"    {names[line.upper]} {arrow} {names[line.lower]}")
    lines += [
        "    classDef here stroke:#0b6e4f,stroke-width:3px",
        "    classDef pending stroke-dasharray:5 4",
    ]
    return "\n".join(lines) + "\n"


def dot(picture: Picture) -> str:
    """Return a directed graph. https://graphviz.org/doc/info/lang.html"""
    lines = [
        "digraph revisions {",
        "    rankdir=BT;",
        '    node [shape=box, style=rounded, fontname="monospace"];',
    ]
    for place in picture.places:
        label = r"\n".join(_dot_text(each) for each in _said(place))
        lines.append(f'    "{_dot_text(place.id)}" [label="{label}"{_style(place)}];')
    for line in picture.lines:
        style = " [style=dashed]" if line.is_dependency else ""
        ends = f'"{_dot_text(line.upper)}" -> "{_dot_text(line.lower)}"'
        lines.append(f"    {ends}{style};")
    return "\n".join([*lines, "}"]) + "\n"


def _names(picture: Picture) -> dict[str, str]:
    # An id may be a word of the language, such as "end".
    return {place.id: f"r{place.row}" for place in picture.places}


def _said(place: Place) -> Iterator[str]:
    marks = [*place.labels, *(["head"] if place.is_head else [])]
    yield f"{place.id} ({', '.join(marks)})" if marks else place.id
    if place.message:
        yield place.message
    for title in place.databases:
        yield f"database {title}" if title else "the database is here"


def _class(place: Place) -> str:
    if place.databases:
        return ":::here"

    return ":::pending" if place.is_applied is False else ""


def _style(place: Place) -> str:
    if place.databases:
        return ', color="#0b6e4f", penwidth=3'

    return ', style="rounded,dashed"' if place.is_applied is False else ""


def _mermaid_text(text: str) -> str:
    for sign, entity in (
        ("#", "#35;"),
        ("&", "&amp;"),
        ('"', "#quot;"),
        ("<", "#lt;"),
        (">", "#gt;"),
    ):
        text = text.replace(sign, entity)
    return text.replace("`", "#96;")


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
