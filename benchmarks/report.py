"""docs/performance.md and its plot, from the results of ``benchmarks/commands.py``.

python benchmarks/report.py results.json
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
COLOURS = {
    "ours": "#2563eb",
    "Alembic": "#d97706",
    "Django": "#059669",
    "by hand": "#6b7280",
}
WIDTH, HEIGHT, MARGIN = 320, 220, 40

TEXT = """# Performance

How long the commands take beside those of Alembic with Flask-Migrate, of Django, and
beside the same work by hand. Remade by `make benchmark`, all in one run:

- {machine}; medians of {rounds} runs in turns.
- CPU seconds of the whole command, less those of the bare `flask` command of the same
  app. What a database server does itself does not count.
- A table has {columns} columns, {foreign_keys} foreign key with its index, {indexes}
  indexes and {uniques} unique constraint. A revision makes a table with an index, or
  adds a column with an index in a batch block.

{table}

The slope is that of the line through all sizes of ours on logarithmic axes: 1 is twice
the time for twice the size.

![CPU seconds over size, both axes logarithmic](performance.svg)
"""


def table_of(results: list[dict[str, Any]]) -> str:
    peers = ["Alembic", "Django", "by hand"]
    rows = [
        "| work | size | ours | " + " | ".join(peers) + " | ours / Alembic | slope |",
        "|---|" + "---:|" * (len(peers) + 4),
    ]
    for work, group in grouped(results).items():
        for place, result in enumerate(group):
            seconds = result["seconds"]
            others = [
                f"{seconds[peer]:.2f} s" if peer in seconds else "" for peer in peers
            ]
            ratio = seconds["ours"] / seconds["Alembic"] if seconds["Alembic"] else 0
            last = place == len(group) - 1
            slope = f"{slope_of(group):.2f}" if last and len(group) > 1 else ""
            cells = [
                "" if place else work,
                f"{result['size']:,}",
                f"{seconds['ours']:.2f} s",
                *others,
                f"{ratio:.2f}",
                slope,
            ]
            rows.append(f"| {' | '.join(cells)} |")

    return "\n".join(rows)


def grouped(results: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        found.setdefault(result["work"], []).append(result)

    return found


def slope_of(group: list[dict[str, Any]]) -> float:
    """Return the exponent of size in the time: the slope of the regression line."""
    points = [
        (math.log(each["size"]), math.log(max(each["seconds"]["ours"], 0.001)))
        for each in group
    ]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    over = sum((x - mean_x) * (y - mean_y) for x, y in points)

    return over / sum((x - mean_x) ** 2 for x, _ in points)


def plot_of(results: list[dict[str, Any]]) -> str:
    groups = {work: each for work, each in grouped(results).items() if len(each) > 1}
    columns = 2
    rows = math.ceil(len(groups) / columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} '
        f'{rows * HEIGHT + 24}" font-family="sans-serif" font-size="10">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for place, (name, colour) in enumerate(COLOURS.items()):
        x = 10 + place * 90
        parts.append(f'<circle cx="{x}" cy="12" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 8}" y="16">{name}</text>')
    for place, (work, group) in enumerate(groups.items()):
        x, y = place % columns * WIDTH, place // columns * HEIGHT + 24
        parts.append(f'<g transform="translate({x} {y})">{panel(work, group)}</g>')

    return "\n".join([*parts, "</svg>", ""])


def panel(work: str, group: list[dict[str, Any]]) -> str:
    sizes = [each["size"] for each in group]
    times = [max(s, 0.001) for each in group for s in each["seconds"].values()]
    low_x, high_x = math.log10(min(sizes)), math.log10(max(sizes))
    low_y, high_y = (
        math.floor(math.log10(min(times))),
        math.ceil(math.log10(max(times))),
    )
    high_y = max(high_y, low_y + 1)

    def at(size: float, seconds: float) -> tuple[float, float]:
        across = (math.log10(size) - low_x) / (high_x - low_x)
        up = (math.log10(max(seconds, 0.001)) - low_y) / (high_y - low_y)
        return (
            MARGIN + across * (WIDTH - 2 * MARGIN),
            HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN),
        )

    parts = [f'<text x="{MARGIN}" y="24" font-weight="bold">{work}</text>']
    for power in range(low_y, high_y + 1):
        _, y = at(sizes[0], 10**power)
        parts.append(
            f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#e5e7eb"/><text x="4" y="{y + 3:.1f}">{10.0**power:g} s</text>'
        )
    for size in sizes:
        x, _ = at(size, times[0])
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - MARGIN + 14}" text-anchor="middle">'
            f"{size:,}</text>"
        )
    for name, colour in COLOURS.items():
        points = [
            at(each["size"], each["seconds"][name])
            for each in group
            if name in each["seconds"]
        ]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" '
            'stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            for x, y in points
        ]

    return "".join(parts)


def main() -> None:
    found = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    text = TEXT.format(table=table_of(found["results"]), **found, **found["shape"])
    (DOCS / "performance.md").write_text(text, "utf-8")
    (DOCS / "performance.svg").write_text(plot_of(found["results"]), "utf-8")


if __name__ == "__main__":
    main()
