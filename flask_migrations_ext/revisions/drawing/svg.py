"""A picture of the history as SVG: light and dark, without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from xml.sax.saxutils import escape

from .lanes import Line
from .lanes import Picture
from .lanes import Place

_ROW = 30
_LANE = 18
_LEFT = 22
_TOP = 26
_RADIUS = 5.5
_LETTER = 7.3
"""About how wide a letter is, at 12 pixels."""

_LANES = 6
"""How many colours lines have before they begin again."""

_STYLE = """
.fme-graph { --fme-text: #1c2733; --fme-soft: #5a6b7b; --fme-paper: #ffffff;
  --fme-chip: #eaf0f5; --fme-here: #0b6e4f; --fme-here-text: #ffffff;
  --c0: #1769aa; --c1: #b3541e; --c2: #0b6e4f; --c3: #8a3ffc; --c4: #a8326b;
  --c5: #6b6a00;
  font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { .fme-graph {
  --fme-text: #e6edf3; --fme-soft: #9fb0c0; --fme-paper: #11181f;
  --fme-chip: #243140; --fme-here: #3ddc97; --fme-here-text: #06251a;
  --c0: #6cb6ff; --c1: #ffa36b; --c2: #3ddc97; --c3: #c4a1ff; --c4: #ff8fc0;
  --c5: #d6d353; } }
.fme-graph .paper { fill: var(--fme-paper); }
.fme-graph text { fill: var(--fme-text); dominant-baseline: central; }
.fme-graph .message { fill: var(--fme-soft);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.fme-graph .id { font-weight: 600; }
.fme-graph .line { fill: none; stroke-width: 2; }
.fme-graph .dependency { stroke-dasharray: 4 4; }
.fme-graph circle { stroke-width: 2.5; }
.fme-graph .chip { fill: var(--fme-chip); }
.fme-graph .here { fill: var(--fme-here); }
.fme-graph .here-text { fill: var(--fme-here-text); font-weight: 600; }
"""
_COLOURS = "".join(
    f".fme-graph .l{n} {{ stroke: var(--c{n}); }}"
    f" .fme-graph .n{n} {{ stroke: var(--c{n}); fill: var(--c{n}); }}\n"
    for n in range(_LANES)
)


def svg(picture: Picture, title: str = "Revisions") -> str:
    """Return the picture as an SVG document; its text can be searched and read out.

    What databases have is a full circle, what they lack a hollow one.
    """
    rows = [_row(place, picture.width) for place in picture.places]
    width = max((reach for _, reach in rows), default=200) + 16
    height = _TOP * 2 + _ROW * max(len(rows) - 1, 0)
    places = {place.id: place for place in picture.places}

    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fme-graph" role="img"'
        f' viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}"'
        ' aria-labelledby="fme-graph-title">',
        f'<title id="fme-graph-title">{escape(title)}</title>',
        f"<style>{_STYLE}{_COLOURS}</style>",
        '<rect class="paper" width="100%" height="100%" rx="8"/>',
        *(_line(line, places) for line in picture.lines),
        *(text for text, _ in rows),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def _x(lane: int) -> int:
    return _LEFT + lane * _LANE


def _y(row: int) -> int:
    return _TOP + row * _ROW


def _line(line: Line, places: dict[str, Place]) -> str:
    upper, lower = places[line.upper], places[line.lower]
    x, y = _x(upper.lane), _y(upper.row)
    to, end = _x(line.lane), _y(lower.row)
    # It changes lanes at once: further down there may be others.
    bend = (
        f"C{x} {y + _ROW * 0.7:.0f} {to} {y + _ROW * 0.3:.0f} {to} {y + _ROW}"
        if to != x
        else ""
    )
    kind = " dependency" if line.is_dependency else ""
    colour = line.lane % _LANES
    return f'<path class="line l{colour}{kind}" d="M{x} {y}{bend}V{end}"/>'


def _row(place: Place, lanes: int) -> tuple[str, float]:
    """Return a revision with all that is written beside it, and how far that goes."""
    colour = place.lane % _LANES
    y = _y(place.row)
    pending = ' style="fill: var(--fme-paper)"' if place.is_applied is False else ""
    parts = [
        f'<circle class="n{colour}" cx="{_x(place.lane)}" cy="{y}"'
        f' r="{_RADIUS}"{pending}/>'
    ]
    x = float(_x(lanes) + 4)
    parts.append(f'<text class="id" x="{x:.0f}" y="{y}">{escape(place.id)}</text>')
    x += len(place.id) * _LETTER + 12
    for chip, kind in _chips(place):
        wide = len(chip) * _LETTER + 14
        text_kind = "here-text" if kind == "here" else "chip-text"
        parts.append(
            f'<rect class="{kind}" x="{x:.0f}" y="{y - 9}" width="{wide:.0f}"'
            f' height="18" rx="9"/><text class="{text_kind}" x="{x + 7:.0f}"'
            f' y="{y}">{escape(chip)}</text>'
        )
        x += wide + 6
    if place.message:
        message = place.message if len(place.message) < 72 else place.message[:71] + "…"
        parts.append(
            f'<text class="message" x="{x:.0f}" y="{y}">{escape(message)}</text>'
        )
        x += len(message) * (_LETTER - 0.6)

    state = {True: "applied", False: "pending", None: "revision"}[place.is_applied]
    return f"<g><title>{escape(f'{place.id}: {state}')}</title>{''.join(parts)}</g>", x


def _chips(place: Place) -> Iterator[tuple[str, str]]:
    named: Sequence[str] = place.databases
    for title in named:
        yield title or "database", "here"
    for label in place.labels:
        yield label, "chip"
    if place.is_head:
        yield "head", "chip"
