"""SQL text without what does not matter: white space, case, quotes, terminators."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]*\n? | /\*.*?\*/ )
    | (?P<string>  '(?:[^']|'')*' )
    | (?P<quoted>  "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]'"]*\] )
    | (?P<space>   \s+ )
    | (?P<word>    \w+ )
    | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)

# What begins and ends a transaction is no part of an operation.
_AROUND = re.compile(
    r"^(?:pragma foreign_keys = off ; )?(?:begin immediate|begin transaction|begin) ; ?"
    r"|(?:^| )commit ;?$"
)

# A word that nobody needs to say.
_COLUMN = re.compile(r"\b(modify|change|rename) column\b")

# Between statements; each database has its own.
_SEPARATOR = re.compile(r"^\s*(?:GO|/)\s*$", re.MULTILINE)


def normal(text: str) -> str:
    """Return SQL text as tokens, with one space between any two."""
    tokens = []
    for found in _TOKEN.finditer(_SEPARATOR.sub(";", text)):
        token = found.group()
        kind = found.lastgroup
        if kind in ("comment", "space"):
            continue
        if kind == "string" or (kind == "quoted" and not _is_plain(token)):
            tokens.append(_quoted(token) if kind == "quoted" else token)
        else:
            tokens.append(_quoted(token)[1:-1] if kind == "quoted" else token.lower())

    joined = re.sub(r"(?: ;)+", " ;", " ".join(tokens)).removeprefix("; ").strip()
    joined = _COLUMN.sub(r"\1", joined)
    without = _AROUND.sub("", joined).strip()

    return _AROUND.sub("", without).removesuffix(";").strip()


def _is_plain(token: str) -> bool:
    return re.fullmatch(r"[a-z_][a-z0-9_]*", token[1:-1]) is not None


def _quoted(token: str) -> str:
    # Each database has quotes of its own.
    return f'"{token[1:-1]}"'
