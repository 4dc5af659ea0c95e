"""What may be shown of URLs, settings, SQL and messages: no secret, no value of a row.

Everything that prints, logs, raises or writes one of them asks here first. When in
doubt, it is hidden: of the options of a URL, only those that are known to be harmless
are shown.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from urllib.parse import quote
from urllib.parse import quote_plus

import sqlalchemy as sa

MASK = "***"

_HARMLESS = frozenset(
    {
        # PostgreSQL, in the words of its drivers
        *("application_name", "channel_binding", "client_encoding", "connect_timeout"),
        *(
            "dbname",
            "fallback_application_name",
            "gssencmode",
            "hostaddr",
            "keepalives",
        ),
        *("keepalives_count", "keepalives_idle", "keepalives_interval"),
        *("load_balance_hosts", "prepared_statement_cache_size", "require_auth"),
        *("sslmode", "sslnegotiation", "target_session_attrs", "tcp_user_timeout"),
        # MySQL and MariaDB
        *("autocommit", "charset", "collation", "compress", "local_infile", "port"),
        *("read_timeout", "sql_mode", "unix_socket", "use_unicode", "write_timeout"),
        *("ssl_disabled", "ssl_check_hostname", "ssl_verify_cert", "host", "user"),
        # SQLite
        *("cache", "cached_statements", "check_same_thread", "detect_types"),
        *("immutable", "isolation_level", "mode", "nolock", "timeout", "uri", "vfs"),
        # Microsoft SQL Server, Oracle
        *("applicationintent", "driver", "encoding", "encrypt", "mars_connection"),
        *("multisubnetfailover", "nencoding", "service_name", "sid"),
        *("trusted_connection", "trustservercertificate"),
    }
)
"""Options in URLs that hold no secret, in lower case."""

_OPTION = re.compile(r"(?<=[?&;])([^=&;?\s'\"]+)=([^&;\s'\"]*)")
_USER_AND_PASSWORD = re.compile(r"(?<=://)([^:/@\s'\"]*):\S*@")
_NAMED_SECRET = re.compile(
    r"(?i)(\b\w*(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|credential)\w*"
    r"['\"]?\s*[=:]\s*)(?!YES\b|NO\b)('[^']*'|\"[^\"]*\"|[^\s;,&)'\"}]+)"
)
_SECRET_NAME = re.compile(
    r"(?i)passw|passphrase|pwd|secret|token|key|credential|private|salt"
)


# -- URLs and settings -----------------------------------------------------


def shown_url(url: sa.URL) -> str:
    """Return a URL without its password, and without options that may be one."""
    if url.database and "?" in url.database:
        # SQLite's "file:" has options of its own.
        url = url.set(database=_without_options(url.database))

    text = _without_options(url.render_as_string(hide_password=True))
    return text.replace(quote_plus(MASK), MASK)


def _without_options(text: str) -> str:
    return _OPTION.sub(
        lambda found: (
            found[0] if found[1].lower() in _HARMLESS else f"{found[1]}={MASK}"
        ),
        text,
    )


def shown_text(text: str) -> str:
    """Return a text without the passwords of URLs, and of settings, that are in it."""
    return _NAMED_SECRET.sub(
        rf"\1{MASK}",
        _without_options(_USER_AND_PASSWORD.sub(rf"\1:{MASK}@", text)),
    )


def shown_setting(name: str, value: str) -> str:
    """Return the value of a setting, if its name is not that of a secret."""
    return MASK if _SECRET_NAME.search(name) and value else shown_text(value)


def without_secrets_of(url: sa.URL, text: str) -> str:
    """Return a text, such as what a driver says, without what the URL hides."""
    secrets = {str(url.password)} if url.password else set()
    for name, value in url.query.items():
        if name.lower() not in _HARMLESS:
            secrets.update([value] if isinstance(value, str) else value)

    written = {
        form for each in secrets for form in (each, quote(each), quote_plus(each))
    }
    # The longest first: one may be a part of another.
    for each in sorted(written - {""}, key=len, reverse=True):
        text = text.replace(each, MASK)

    return shown_text(text)


def shown_error_of_file(error: Exception) -> str:
    """Return what is wrong with a settings file; parsers repeat what is in it."""
    match error:
        case OSError():
            return error.strerror or type(error).__name__
        case configparser.MissingSectionHeaderError(lineno=line):
            return f"line {line} stands before any [section]"
        case configparser.ParsingError(errors=errors):
            lines = ", ".join(str(line) for line, _ in errors)
            return f"it is no setting, nor a [section], in line {lines}"
        case configparser.InterpolationError():
            return "what follows a '%' in it is no name of a setting, as in %(here)s"
        case _:
            return " ".join(str(error).split())


# -- SQL -------------------------------------------------------------------

_PART = re.compile(
    r"""(?P<literal>
          (?:\b[NEBXnebx]|\b[Uu]&)?'(?:[^'\\]|''|\\.)*(?:'|\Z)
        | "(?:[^"\\]|""|\\.)*(?:"|\Z)
        | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)
        )
      | (?P<trigger>
          \b(?:\w*passw(?:or)?d\w*|\w*passphrase\w*|identified|\w*secret\w*|\w*token\w*
          |\w*credential\w*|\w*api_?key\w*|pgp_sym_\w+|aes_\w+|des_encrypt|crypt
          |(?:hex|text)?(?:re)?key(?=\s*=?\s*(?:['"]|[xX]')))\b
        )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# Oracle takes a password without quotes, and others a number or a hash.
_UNQUOTED = re.compile(
    r"(?i)(\bidentified\s+by\s+(?:values\s+|password\s+)?|\w*passw(?:or)?d\w*\s*=\s*)"
    r"(?!values\b|password\b)([\w$#]+)(?!\s*\()"
)


def shown_sql(text: str) -> str:
    """Return a statement without what follows PASSWORD, IDENTIFIED BY and the like."""
    masked = "".join(shown for shown, _ in _parts_shown(text))
    return shown_text(_UNQUOTED.sub(rf"\1{MASK}", masked))


_VALUE = re.compile(r"'(?:[^'\\]|''|\\.)*'?|\"(?:[^\"\\]|\"\"|\\.)*\"?")
_LONGEST_QUERY = 100


def shown_query(text: str) -> str:
    """Return what another program asks a database, short, and without its values."""
    said = shown_text(" ".join(_VALUE.sub("'…'", text).split()))
    return said if len(said) <= _LONGEST_QUERY else f"{said[: _LONGEST_QUERY - 3]}..."


def _parts_shown(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a statement as they are shown, and whether it hides them."""
    position, hides = 0, False
    for found in _PART.finditer(text):
        yield text[position : found.start()], False
        position = found.end()
        literal = found["literal"]
        if literal is None:
            hides = True
            yield found[0], False
        elif hides or _NAMED_SECRET.search(literal):
            yield f"'{MASK}'", True
        else:
            yield literal, False

    yield text[position:], False


# -- what databases say ----------------------------------------------------

# The values of rows in the messages of databases, each with what is kept around it.
_VALUES = tuple(
    (re.compile(f"(?s){before}{value}{after}", flags), r"\1…")
    for before, value, after, flags in (
        # PostgreSQL
        (r"(existing key \(.*?\)=)", r"\(.*\)", r"(?=\.?\s*(?:$|CONTEXT))", 0),
        (r"(Key \(.*?\)=)", r"\(.*?\)", r"(?= (?:already|is|conflicts)\b|\.?\s*$)", 0),
        (r"(Failing row contains )", r"\(.*\)", "", 0),
        (
            r'((?:invalid|malformed|out of range|column \S+)[^"\n]*: )',
            '".*"',
            r"(?=\s*(?:$|LINE \d|DETAIL:|HINT:|CONTEXT:|QUERY:))",
            0,
        ),
        (r"(value )", '".*"', r"(?= is out of range)", 0),
        (r"(parameter \$\d+ = )", "'.*'", "", 0),
        # MySQL and MariaDB
        (r"(Duplicate entry )", "'.*'", r"(?= for key)", 0),
        (r"(incorrect \w+ value: )", "'.*'", r"(?= for | at row|\"|$)", re.IGNORECASE),
        # Microsoft SQL Server, Oracle
        (r"(duplicate key value is )", r"\(.*\)", "", 0),
        (r"( value )", "'.*'", r"(?= to data type)", 0),
        (r"(column values )", r"\(.*\)", "", 0),
    )
)
# A part of the statement, which some of them repeat.
_QUOTED_SQL = re.compile(r"(?s)(LINE \d+: |near ')(?:.*?)(\n *\^|' at line|$)")


def shown_reason(text: str, statement: str | None = None) -> str:
    """Return what a database said, without values of rows, and without secrets.

    :param statement: what it was asked, of which it may repeat a part.
    """
    for values, kept in _VALUES:
        text = values.sub(kept, text)

    if statement and any(hidden for _, hidden in _parts_shown(statement)):
        text = _QUOTED_SQL.sub(rf"\1{MASK}\2", text)

    return shown_text(text)
