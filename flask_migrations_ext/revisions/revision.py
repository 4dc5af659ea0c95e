"""What one revision says about itself, and how its names may look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import IllegalRevisionId

#: Words that mean a place in the history, so no revision can be called so.
RESERVED_WORDS = frozenset({"head", "heads", "base", "current"})

# Each of them means something where a target is typed: branch@head, +1, -1, a:b.
_TARGET_SIGNS = "@+-:"


@dataclass(frozen=True)
class Revision:
    """A revision as its file declares it.

    :param parents: the ids in ``down_revision``, in the order written.
    :param depends_on: ids, labels or partial ids, as written.
    :raises IllegalRevisionId: if the id or a label could not be typed.
    """

    id: str
    parents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    message: str = ""
    doc: str = ""
    path: Path | None = None

    def __post_init__(self) -> None:
        check_name(self.id)
        for label in self.labels:
            check_name(label, dashes=True)


def check_name(name: str, *, dashes: bool = False) -> None:
    """Raise unless this can be the id or the branch label of a revision.

    :param dashes: whether it may have dashes within, as labels may.
    :raises IllegalRevisionId: if it cannot.
    """
    if not name.strip():
        raise IllegalRevisionId(name, "a revision id or branch label cannot be empty")

    if name != name.strip():
        raise IllegalRevisionId(name, "it starts or ends with a space")

    if name in RESERVED_WORDS:
        raise IllegalRevisionId(name, "the word has a meaning of its own in targets")

    typed = name[1:].replace("-", "") if dashes else name
    signs = [f"'{sign}'" for sign in _TARGET_SIGNS if sign in name[:1] + typed]
    if signs:
        raise IllegalRevisionId(
            name,
            f"{' and '.join(signs)} cannot be part of an id or a branch label;"
            " use letters, digits and underscores",
        )
