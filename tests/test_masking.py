"""Nothing secret is shown: not of URLs, settings, SQL, nor of what databases say."""

from __future__ import annotations

import configparser

import pytest
import sqlalchemy as sa

from flask_migrations_ext.errors import CannotConnect
from flask_migrations_ext.errors import DifferencesFound
from flask_migrations_ext.errors import StatementFailed
from flask_migrations_ext.masking import shown_error_of_file
from flask_migrations_ext.masking import shown_reason
from flask_migrations_ext.masking import shown_setting
from flask_migrations_ext.masking import shown_sql
from flask_migrations_ext.masking import shown_text
from flask_migrations_ext.masking import shown_url
from flask_migrations_ext.masking import without_secrets_of

SECRET = "s3cr3t"


URLS = {
    "postgresql://u:s3cr3t@h/db": "postgresql://u:***@h/db",
    "postgresql://u@h/db?password=s3cr3t": "postgresql://u@h/db?password=***",
    "postgresql://u@h/db?sslpassword=s3cr3t&sslmode=require": (
        "postgresql://u@h/db?sslmode=require&sslpassword=***"
    ),
    "postgresql://u@h/db?passfile=/s3cr3t": "postgresql://u@h/db?passfile=***",
    "mysql+pymysql://u:s3cr3t@h/db?charset=utf8mb4": (
        "mysql+pymysql://u:***@h/db?charset=utf8mb4"
    ),
    "mysql+pymysql://u@h/db?passwd=s3cr3t": "mysql+pymysql://u@h/db?passwd=***",
    "sqlite:///x.db?key=s3cr3t&timeout=3": "sqlite:///x.db?key=***&timeout=3",
    "sqlite:///file:x.db?cipher=s3cr3t&uri=true": (
        "sqlite:///file:x.db?cipher=***&uri=true"
    ),
    "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Ds3cr3t": (
        "mssql+pyodbc:///?odbc_connect=***"
    ),
    "oracle://u:s3cr3t@h/?service_name=x&wallet_password=s3cr3t": (
        "oracle://u:***@h/?service_name=x&wallet_password=***"
    ),
    "x://h/db?KEY=s3cr3t&AnyThing=s3cr3t": "x://h/db?AnyThing=***&KEY=***",
    "x://h/db?key=s3cr3t&key=s3cr3t2": "x://h/db?key=***&key=***",
}


@pytest.mark.parametrize("url", [url for url in URLS if not url.startswith("x:")])
def test_a_url_is_shown_without_what_may_be_secret(url: str) -> None:
    # SQLAlchemy 2.1 quotes more of a path.
    assert shown_url(sa.make_url(url)).replace("%3A", ":") == URLS[url]


@pytest.mark.parametrize("url", URLS)
def test_so_is_a_url_in_a_text(url: str) -> None:
    shown = shown_text(f"found '{url}', and \"{url}\" or {url} there")

    assert SECRET not in shown
    assert shown.endswith(" there")


def test_a_file_of_sqlite_has_options_of_its_own() -> None:
    url = sa.URL.create("sqlite", database="file:x?key=s3cr3t&mode=ro")

    assert SECRET not in shown_url(url)


@pytest.mark.parametrize("password", ["p@ss/w@rd", "p:ss", "p%40ss", "ü", "***"])
def test_a_password_of_any_characters_is_hidden(password: str) -> None:
    url = sa.URL.create("postgresql", "u", password, "h", database="d")

    assert shown_url(url) == "postgresql://u:***@h/d"
    written = url.render_as_string(hide_password=False)
    assert shown_text(f"see {written}") == "see postgresql://u:***@h/d"


def test_what_a_driver_repeats_is_hidden() -> None:
    url = sa.make_url("postgresql://u:s3%26cr@h/d?sslpassword=other%20one&sslmode=x")
    said = "cannot use password s3&cr (s3%26cr), nor 'other one', other+one, with x"

    assert without_secrets_of(url, said) == (
        "cannot use password *** (***), nor '***', ***, with x"
    )


TEXTS = [
    "password=s3cr3t host=h",
    "Driver=x;PWD=s3cr3t;UID=u",
    "{'password': 's3cr3t', 'host': 'h'}",
    '{"api_key": "s3cr3t"}',
    "SECRET_KEY = 's3cr3t'",
    "access_token=s3cr3t",
    "could not parse postgresql://u:s3cr3t@h/d",
]


@pytest.mark.parametrize("text", TEXTS)
def test_settings_in_a_text_are_hidden_where_their_name_says_so(text: str) -> None:
    assert SECRET not in shown_text(text)
    assert "***" in shown_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "no revision 'ab12', needed by 'cd34'; is its file missing?",
        "cannot connect to sqlite:///x.db: unable to open database file",
        'duplicate key value violates unique constraint "u"',
        "Access denied for user 'u'@'h' (using password: YES)",
        'FATAL: password authentication failed for user "u"',
        "Migrate(app, engines=…, metadatas=…)",
        "http://host:8080/path",
    ],
)
def test_what_holds_no_secret_is_shown_as_it_is(text: str) -> None:
    assert shown_text(text) == text


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("sqlalchemy.url", "postgresql://u:s3cr3t@h/d", "postgresql://u:***@h/d"),
        ("sqlalchemy.password", "s3cr3t", "***"),
        ("sqlalchemy.connect_args", "{'password': 's3cr3t'}", "{'password': ***}"),
        ("encryption_key", "s3cr3t", "***"),
        ("file_template", "%(rev)s", "%(rev)s"),
        ("password", "", ""),
    ],
)
def test_a_setting(name: str, value: str, shown: str) -> None:
    assert shown_setting(name, value) == shown


STATEMENTS = [
    "ALTER USER 'bob'@'h' IDENTIFIED BY 's3cr3t' REQUIRE SSL",
    'CREATE USER bob IDENTIFIED BY "s3cr3t"',
    "CREATE USER bob IDENTIFIED BY s3cr3t",
    "create user bob identified   by\n's3cr3t'",
    "CREATE USER bob IDENTIFIED BY PASSWORD '*s3cr3t'",
    "CREATE USER bob IDENTIFIED WITH sha256_password AS 's3cr3t'",
    "CREATE USER bob IDENTIFIED VIA ed25519 USING PASSWORD('s3cr3t')",
    "ALTER USER bob IDENTIFIED BY 'old' REPLACE 's3cr3t'",
    "ALTER USER bob IDENTIFIED BY VALUES 's3cr3t'",
    "SET PASSWORD FOR 'bob' = PASSWORD('s3cr3t')",
    "SET PASSWORD = 's3cr3t'",
    "CHANGE MASTER TO MASTER_PASSWORD='s3cr3t'",
    "CREATE ROLE bob LOGIN PASSWORD 's3cr3t'",
    "ALTER ROLE bob ENCRYPTED PASSWORD 'md5s3cr3t' VALID UNTIL 'infinity'",
    "ALTER ROLE bob PASSWORD E's3cr3t\\'s3cr3t'",
    "ALTER ROLE bob PASSWORD 'it''s3cr3t'",
    "ALTER ROLE bob PASSWORD $$s3cr3t$$",
    "ALTER ROLE bob PASSWORD $a$s3cr3t$a$",
    "ALTER ROLE bob PASSWORD 's3cr3t",
    "CREATE USER MAPPING FOR bob SERVER s OPTIONS (user 'u', password 's3cr3t')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=s3cr3t' PUBLICATION p",
    "SELECT dblink_connect('postgresql://u:s3cr3t@h/d')",
    "SELECT pgp_sym_encrypt('x', 's3cr3t')",
    "UPDATE u SET x = AES_ENCRYPT('y', 's3cr3t')",
    "CREATE LOGIN bob WITH PASSWORD = N's3cr3t'",
    "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY = 'x', SECRET = 's3cr3t'",
    "OPEN MASTER KEY DECRYPTION BY PASSWORD = 's3cr3t'",
    "PRAGMA key = 's3cr3t'",
    'PRAGMA key="s3cr3t"',
    "PRAGMA rekey = 's3cr3t'",
    "PRAGMA hexkey='s3cr3t'",
    "ATTACH DATABASE 'x.db' AS y KEY 's3cr3t'",
    "UPDATE users SET password = 's3cr3t' WHERE name = 'bob'",
    "INSERT INTO users (name, password) VALUES ('bob', 's3cr3t')",
    "INSERT INTO config VALUES ('https://u:s3cr3t@h/')",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_is_shown_without_what_follows_its_password(statement: str) -> None:
    shown = shown_sql(statement)

    assert SECRET not in shown
    assert shown.split()[0] == statement.split()[0]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE u (id INTEGER PRIMARY KEY, password VARCHAR(20) NOT NULL)",
        "INSERT INTO u (name) VALUES ('bob')",
        "ALTER TABLE u ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES b (c)",
        "SELECT 'it''s', \"key\" FROM t WHERE a = 'b'",
    ],
)
def test_other_statements_are_shown_as_they_are(statement: str) -> None:
    assert shown_sql(statement) == statement


REASONS = [
    (
        'duplicate key value violates unique constraint "u"\n'
        "DETAIL:  Key (email)=(s3cr3t) already exists.",
        "Key (email)=… already exists",
    ),
    (
        "violates foreign key constraint\n"
        'DETAIL:  Key (a, b)=(1, s3cr3t) is not present in table "t".',
        'Key (a, b)=… is not present in table "t"',
    ),
    (
        "conflicting key value\nDETAIL:  Key (a)=(s3cr3t) conflicts with existing key"
        " (a)=(s3cr3t).",
        "conflicts with existing key (a)=….",
    ),
    ("null value\nDETAIL:  Failing row contains (1, s3cr3t, x).", "row contains …"),
    ('invalid input syntax for type integer: "s3cr3t"\nLINE 1: x', "type integer: …"),
    ('invalid input syntax for type integer: "a"s3cr3t"', "type integer: …"),
    ('invalid input value for enum mood: "s3cr3t"', "for enum mood: …"),
    ('date/time field value out of range: "s3cr3t"', "out of range: …"),
    ('value "s3cr3t" is out of range for type integer', "value … is out of range"),
    ('malformed array literal: "s3cr3t"', "malformed array literal: …"),
    ('bad\nCONTEXT:  COPY t, line 1, column a: "s3cr3t"', "column a: …"),
    ("bad\nCONTEXT:  unnamed portal parameter $1 = 's3cr3t'", "parameter $1 = …"),
    (
        "(1062, \"Duplicate entry 's3cr3t' for key 'u'\")",
        "Duplicate entry … for key 'u'",
    ),
    (
        "(1366, \"Incorrect integer value: 's3cr3t' for column `d`.`t`.`a` at row 1\")",
        "Incorrect integer value: … for column `d`.`t`.`a`",
    ),
    ("(1292, \"Truncated incorrect DOUBLE value: 's3cr3t'\")", "DOUBLE value: …"),
    ("The duplicate key value is (s3cr3t, 1).", "The duplicate key value is …"),
    (
        "Conversion failed when converting the varchar value 's3cr3t' to data type int",
        "the varchar value … to data type int",
    ),
]


@pytest.mark.parametrize(("said", "shown"), REASONS)
def test_values_of_rows_stay_out_of_what_databases_say(said: str, shown: str) -> None:
    assert shown in shown_reason(said)
    assert SECRET not in shown_reason(said)


@pytest.mark.parametrize(
    "said",
    [
        'relation "x" does not exist',
        "cannot drop table a because other objects depend on it\n"
        "DETAIL:  constraint f on table b depends on table a\n"
        "HINT:  Use DROP ... CASCADE",
        'syntax error at or near "FORM"\nLINE 1: SELECT * FORM t',
        "UNIQUE constraint failed: user.email",
        "(1054, \"Unknown column 'a' in 'field list'\")",
    ],
)
def test_names_stay(said: str) -> None:
    assert shown_reason(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "syntax error\nLINE 1: ALTER ROLE x PASSWORD 's3cr3t' y\n            ^",
        "syntax error\nLINE 1: ...s3cr3t' y",
        "(1064, \"You have an error, near 's3cr3t' y' at line 1\")",
        'unrecognized token: "\'s3cr3t"',
    ],
)
def test_a_part_of_the_statement_that_is_repeated_is_hidden(said: str) -> None:
    statement = "ALTER ROLE x PASSWORD 's3cr3t' y"

    assert SECRET not in shown_reason(said, statement)


def test_no_message_and_no_field_of_an_error_keeps_a_password() -> None:
    url, sql = "postgresql://u:s3cr3t@h/d?sslkey=s3cr3t", "x postgresql://u:s3cr3t@h"
    errors = [
        CannotConnect(url, f"no answer from {url}", "start it"),
        StatementFailed(url, "refused", sql),
        DifferencesFound([url, sql]),
    ]

    for error in errors:
        assert SECRET not in str(error)
        assert SECRET not in repr(vars(error))


@pytest.mark.parametrize(
    "text",
    [
        "[a]\ns3cr3t\n",
        "s3cr3t\n",
        "[a]\nurl = x%s3cr3t@h\n",
        "[a]\nurl = x%(s3cr3t)s\n",
        "[a]\nurl = %(url)s s3cr3t\n",
    ],
)
def test_what_is_wrong_with_a_file_is_said_without_what_is_in_it(text: str) -> None:
    parser = configparser.ConfigParser()

    with pytest.raises(configparser.Error) as caught:
        parser.read_string(text)
        parser.get("a", "url")

    assert SECRET not in shown_error_of_file(caught.value)
