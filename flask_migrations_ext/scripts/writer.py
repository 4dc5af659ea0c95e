"""New revision files, rendered from the folder's template, never over another.

The template sees what Alembic shows to its own, so that a ``script.py.mako`` of
an existing folder serves unchanged.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import secrets
import tokenize
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from pathlib import PurePosixPath

from ..errors import CannotWrite
from ..errors import ComputedHeader
from ..errors import FileExists
from ..errors import TemplateFailed
from ..errors import UnknownOption
from ..errors import UnreadableScript
from ..revisions.revision import Revision
from .folder import is_script_name
from .folder import MigrationsFolder
from .header import header_of
from .template import rendered
from .template_values import header_values
from .template_values import quoted
from .template_values import shape_of
from .template_values import tamed

_DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
_DEFAULT_SLUG_LENGTH = 40


def new_revision_id() -> str:
    """Return twelve random hex digits."""
    return secrets.token_hex(6)


def location_for(
    folder: MigrationsFolder,
    parents: Sequence[Revision],
    version_path: Path | None = None,
    *,
    file_template: str = _DEFAULT_FILE_TEMPLATE,
) -> Path:
    """Return the folder that a new file goes to.

    That is the one asked for, or the one of the first parent that has a file, or
    the only location there is. A ``file_template`` with folders of its own starts
    from the location, not from where its folders led the parent.

    :raises UnknownOption: if the one asked for is not a location of the folder,
        or there are several and nothing tells which.
    """
    if version_path is not None:
        return _known_location(folder, version_path)

    for parent in parents:
        if parent.path is not None:
            beside = parent.path.parent
            return _location_of(folder, beside) if "/" in file_template else beside

    if len(folder.locations) == 1:
        return folder.locations[0]

    raise UnknownOption(
        "version_path",
        f"revisions are in several places, {_locations(folder)}, and this one has no"
        " parent to go beside; name the place with --version-path",
    )


def write_script(
    folder: MigrationsFolder,
    revision: Revision,
    *,
    upgrades: str,
    downgrades: str,
    imports: Sequence[str] = (),
    create_date: datetime,
    file_template: str = _DEFAULT_FILE_TEMPLATE,
    truncate_slug_length: int = _DEFAULT_SLUG_LENGTH,
    output_encoding: str = "utf-8",
    version_path: Path | None = None,
    template_values: Mapping[str, object] | None = None,
) -> Path:
    """Write the file of a new revision and return its path.

    The bodies, and template values whose names end in ``upgrades`` or
    ``downgrades``, are statements indented by four spaces.

    :param output_encoding: how it is written, unless the template declares another.
    :param version_path: the location to write to, as from :func:`location_for`.
    :param template_values: more names for the template.
    :raises FileExists: if there is a file of this name.
    :raises TemplateFailed: if the template fails, or makes no valid revision.
    :raises UnknownOption: if ``file_template`` names no file in the folder, or there
        is no such encoding.
    :raises CannotWrite: if the system refuses.
    """
    # What a shell could not decode has no place in a file.
    message = re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", revision.message)
    revision = replace(revision, message=message)
    location = version_path or location_for(folder, ())
    name = _file_name(file_template, revision, truncate_slug_length, create_date)
    _check_name(folder, name, file_template)
    path = location / name
    values = {
        **header_values(revision),
        "create_date": create_date,
        "parameters": "",
        "imports": "\n".join(imports),
        **_bodies(template_values or {}),
        **_bodies({"upgrades": upgrades, "downgrades": downgrades}),
    }
    source = _source(folder.template_path, values, output_encoding)
    _check(source, revision, path, folder.template_path)
    _check_shape(source, folder.template_path, values, output_encoding)
    _put(path, source)
    _check_found(folder, path)
    return path


def _source(template: Path, values: Mapping[str, object], encoding: str) -> bytes:
    text = rendered(template, values)
    text = _with_parameters(text, str(values["parameters"]))
    return _encoded(_with_valid_names(text), encoding)


_WITHOUT_PARAMETERS = re.compile(r"^def (upgrade|downgrade)\(\s*\)", re.MULTILINE)


def _with_parameters(text: str, parameters: str) -> str:
    """Return a text whose functions take what their bodies ask for.

    Templates of other tools leave no place for it.
    """
    if not parameters:
        return text

    return _WITHOUT_PARAMETERS.sub(rf"def \1({parameters})", text)


_FUNCTION_OF = re.compile(r"^def ((?:up|down)grade_[^\s(]+)\(", re.MULTILINE)


def _with_valid_names(text: str) -> str:
    """Return a text whose functions have names that Python allows.

    Templates for several databases make ``upgrade_<bind>`` of any bind key. Scripts
    find them by that name all the same.
    """
    aliases = []
    for name in dict.fromkeys(_FUNCTION_OF.findall(text)):
        if name.isidentifier():
            continue
        valid = re.sub(r"\W", "_", name)
        while f"def {valid}(" in text:
            valid += "_"
        text = text.replace(f"def {name}(", f"def {valid}(")
        aliases.append(f"globals()[{quoted(name)}] = {valid}\n")

    return "\n\n".join([f"{text.rstrip()}\n", "".join(aliases)]) if aliases else text


def _known_location(folder: MigrationsFolder, version_path: Path) -> Path:
    wanted = version_path.resolve()

    for location in folder.locations:
        known = location.resolve()
        if wanted == known or (folder.recursive and known in wanted.parents):
            return version_path

    raise UnknownOption(
        "version_path", f"'{version_path}' is not one of {_locations(folder)}"
    )


def _location_of(folder: MigrationsFolder, beside: Path) -> Path:
    known = [beside, *beside.parents]
    return next((path for path in known if path in folder.locations), beside)


def _locations(folder: MigrationsFolder) -> str:
    return ", ".join(f"'{location}'" for location in folder.locations)


def _file_name(
    file_template: str, revision: Revision, slug_length: int, date: datetime
) -> PurePosixPath:
    tokens = {
        "rev": revision.id,
        "slug": _slug(revision.message, slug_length),
        "epoch": _epoch(date) if "%(epoch)" in file_template else 0,
        "year": date.year,
        "month": date.month,
        "day": date.day,
        "hour": date.hour,
        "minute": date.minute,
        "second": date.second,
    }

    try:
        name = PurePosixPath(f"{file_template % tokens}.py")
    except KeyError as error:
        known = ", ".join(tokens)
        raise UnknownOption(
            "file_template", f"it has no token {error}, only {known}"
        ) from error
    except (TypeError, ValueError) as error:
        raise UnknownOption(
            "file_template", f"'{file_template}' cannot be filled in: {error}"
        ) from error

    if name.is_absolute() or ".." in name.parts or "\\" in str(name):
        raise UnknownOption(
            "file_template", f"'{name}' leads out of the migrations folder"
        )
    return name


def _epoch(date: datetime) -> int:
    try:
        return int(date.timestamp())
    except (OSError, OverflowError, ValueError) as error:
        raise UnknownOption(
            "file_template", f"the date {date} has no %(epoch)s: is the clock right?"
        ) from error


def _slug(message: str, length: int) -> str:
    slug = "_".join(re.findall(r"\w+", message)).lower()
    length = length or _DEFAULT_SLUG_LENGTH

    if len(slug) <= length:
        return slug

    # The end of a word that was cut off goes too; the "_" says that more followed.
    return slug[:length].rsplit("_", 1)[0] + "_"


def _bodies(values: Mapping[str, object]) -> dict[str, object]:
    # A template indents the first line itself: it writes ``    ${upgrades}``.
    return {
        name: value.strip() or "pass"
        if isinstance(value, str) and name.endswith(("upgrades", "downgrades"))
        else value
        for name, value in values.items()
    }


def _encoded(text: str, output_encoding: str) -> bytes:
    source = text.encode("utf-8", "backslashreplace")
    try:
        declared, lines = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:
        # The template declares one that does not exist: compiling will say so.
        return source

    if any(_DECLARATION.match(line) for line in lines):
        return text.encode(declared, "backslashreplace")

    return _declared(text, _codec(output_encoding))


_DECLARATION = re.compile(rb"[ \t\f]*#.*?coding[:=]")


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
        line_end = "\n".encode(codec).removeprefix(codecs.BOM_UTF8)
    except LookupError:
        line_end = b""

    # What Python reads as source shares its first 128 characters with ASCII.
    if line_end != b"\n":
        raise UnknownOption(
            "output_encoding", f"Python files cannot be in '{name}'; 'utf-8' works"
        )
    return codec


def _declared(text: str, codec: str) -> bytes:
    # Python takes a file for UTF-8 unless its first line says otherwise.
    plain = codec.startswith("utf-8") or text.isascii()
    head = "" if plain else f"# -*- coding: {codec} -*-\n"
    return f"{head}{text}".encode(codec, "backslashreplace")


def _check(source: bytes, revision: Revision, path: Path, template: Path) -> None:
    try:
        compile(source, path, "exec", dont_inherit=True)
        written = header_of(source, path)
    except ComputedHeader as error:
        if error.variable == "revision":
            raise TemplateFailed(
                template, f"in the file made: {error.reason}"
            ) from error
        # The template has a way of its own to order revisions: the file knows it.
        return
    except (SyntaxError, ValueError) as error:
        raise TemplateFailed(template, _broken(error, source)) from error
    except UnreadableScript as error:
        raise TemplateFailed(template, f"in the file made: {error.reason}") from error

    if written is None or (written.id, written.parents) != (
        revision.id,
        revision.parents,
    ):
        raise TemplateFailed(
            template,
            "the file made does not name its revision and parents; it needs the lines"
            " revision = ${repr(up_revision)} and"
            " down_revision = ${repr(down_revision)}",
        )


def _check_shape(
    source: bytes, template: Path, values: Mapping[str, object], encoding: str
) -> None:
    plain = tamed(values)
    # Nearly always there is nothing to tame.
    if plain == values:
        return

    if shape_of(source) != shape_of(_source(template, plain, encoding)):
        raise TemplateFailed(
            template,
            "the message, or a name, is more than text where it is put; write it into"
            " the docstring only, or with repr()",
        )


def _check_name(
    folder: MigrationsFolder, name: PurePosixPath, file_template: str
) -> None:
    if not is_script_name(name.name):
        raise UnknownOption(
            "file_template",
            f"'{file_template}' makes '{name}', which is not read as a revision;"
            " choose another id or message",
        )

    if len(name.parts) > 1 and not folder.recursive:
        raise UnknownOption(
            "file_template",
            f"'{name}' is in a folder of its own, which is read only if"
            " recursive_version_locations is set",
        )


def _check_found(folder: MigrationsFolder, path: Path) -> None:
    files = folder.script_files()
    if path not in files and path.resolve() not in {each.resolve() for each in files}:
        path.unlink()
        raise CannotWrite(path, "it would not be found again in the migrations folder")


def _broken(error: SyntaxError | ValueError, source: bytes) -> str:
    if not isinstance(error, SyntaxError) or not error.lineno:
        return f"it makes invalid Python: {error}"

    lines = source.splitlines()[error.lineno - 1 : error.lineno]
    shown = f", in: {lines[0].decode(errors='replace').strip()}" if lines else ""
    return f"line {error.lineno} of the file it makes: {error.msg}{shown}"


def _put(path: Path, source: bytes) -> None:
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(source)
        _take(path)
        os.replace(unfinished, path)
    except OSError as error:
        raise CannotWrite(path, error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _take(path: Path) -> None:
    # Of two writers one gets the name. Should it stop here, it leaves an empty
    # file, which is no revision.
    try:
        path.open("xb").close()
    except FileExistsError as error:
        raise FileExists(path) from error
