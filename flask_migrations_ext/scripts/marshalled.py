"""How much a compiled file holds once it is written out, without loading it.

Its parts may be shared: a file of few bytes can hold a constant that is endless in
writing, and Python looks at all of it when it makes the code.
https://docs.python.org/3/library/marshal.html
"""

from __future__ import annotations

_MOST_PARTS = 10_000_000
_DEEPEST = 200

_SHARED = 0x80
_ATOMS = {**dict.fromkeys(b"0NFTS.", 0), **dict.fromkeys(b"i", 4)}
_ATOMS |= {**dict.fromkeys(b"Ig", 8), **dict.fromkeys(b"y", 16)}
_SHORT_TEXTS, _TEXTS = b"fzZ", b"stuaA"
_SHORT_ROWS, _ROWS = b")", b"([<>"


def is_endless(content: bytes) -> bool:
    """Return whether there is more in a marshalled object than anyone wrote by hand.

    What cannot be read is left to who loads it.
    """
    try:
        return _Parts(content).count(0) > _MOST_PARTS
    except RecursionError:
        return True
    except (IndexError, KeyError):
        return False


class _Parts:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._shared: list[int] = []

    def count(self, depth: int) -> int:
        """Return how many parts the next object has, each as often as it stands."""
        if depth > _DEEPEST:
            raise RecursionError

        kind = self._byte()
        shared, kind = kind & _SHARED, kind & ~_SHARED
        if kind == ord("r"):
            return self._shared[self._number(4)]

        place = len(self._shared)
        if shared:
            self._shared.append(1)
        found = 1 + self._within(kind, depth + 1)
        if shared:
            self._shared[place] = found
        return found

    def _within(self, kind: int, depth: int) -> int:
        if kind in _SHORT_TEXTS:
            self._skip(self._byte())
        elif kind in _TEXTS:
            self._skip(self._number(4))
        elif kind == ord("l"):
            self._skip(2 * abs(self._number(4)))
        elif kind in _SHORT_ROWS:
            return sum(self.count(depth) for _ in range(self._byte()))
        elif kind in _ROWS:
            return sum(self.count(depth) for _ in range(self._number(4)))
        elif kind == ord(":"):
            return sum(self.count(depth) for _ in range(3))
        elif kind == ord("c"):
            return self._code(depth)
        else:
            self._skip(_ATOMS[kind])
        return 0

    def _code(self, depth: int) -> int:
        self._skip(5 * 4)
        parts = sum(self.count(depth) for _ in range(8))
        self._skip(4)
        return parts + sum(self.count(depth) for _ in range(2))

    def _skip(self, size: int) -> None:
        self._at += size

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _number(self, size: int) -> int:
        if self._at + size > len(self._content):
            raise IndexError

        self._at += size
        found = self._content[self._at - size : self._at]
        return int.from_bytes(found, "little", signed=True)
