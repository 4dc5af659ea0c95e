"""The text of new scripts: one, or one for each database, from what they hold."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from ..autogenerate.render.layout import literal
from ..autogenerate.render.script import Body
from ..config import Settings
from ..errors import ConfigurationError
from .directives import NewScript
from .directives import ScriptPart


@dataclass(frozen=True)
class ScriptBody:
    """What a new file does, as Python text.

    :param names: more of it, for templates that name databases one by one.
    """

    upgrades: str = "pass"
    downgrades: str = "pass"
    imports: tuple[str, ...] = ()
    parameters: str = ""
    names: Mapping[str, object] = field(default_factory=dict)


EMPTY = ScriptBody()
_PARAMETER = "bind_key: str | None"


def empty_for(bind_keys: Iterable[str | None]) -> ScriptBody:
    """Return the text of a script that asks for these databases, and does nothing."""
    blocks = [_block(key, "    pass") for key in bind_keys]
    text = "\n\n".join(blocks)
    return ScriptBody(text, text, parameters=_PARAMETER)


@dataclass(frozen=True)
class _Rendered:
    """What a script holds for one database, as text."""

    part: ScriptPart
    up: Body
    down: Body


def body_of(
    script: NewScript, parts: Sequence[ScriptPart], settings: Settings
) -> ScriptBody:
    """Return the text of a script.

    :param parts: what it holds, for each database.
    :param settings: what counts where there is no database.
    """
    rendered = [_Rendered(each, *each.rendered()) for each in parts]
    values = parts[0].settings.template_args if parts else settings.template_args
    # A renderer of the user's may have added some.
    imports = set(script.imports).union(
        *(each.up.imports + each.down.imports for each in rendered)
    )
    body = ScriptBody(imports=tuple(sorted(imports)), names=dict(values or {}))
    if any(each.settings.upgrade_token != Settings.upgrade_token for each in parts):
        return replace(body, names={**body.names, **_by_token(rendered)})

    touched = [each for each in rendered if each.part.is_touched]
    if not any(each.part.bind_key is not None for each in touched):
        return replace(
            body,
            upgrades=_for_all([each.up.text for each in touched]),
            downgrades=_for_all([each.down.text for each in touched]),
        )

    return replace(
        body,
        upgrades="\n\n".join(_block(x.part.bind_key, x.up.text) for x in touched),
        downgrades="\n\n".join(_block(x.part.bind_key, x.down.text) for x in touched),
        parameters=_PARAMETER,
        names={**body.names, **_by_bind(rendered)},
    )


def _by_bind(rendered: Sequence[_Rendered]) -> dict[str, object]:
    """Return the text for each bind, as templates for several databases ask."""
    names: dict[str, object] = {}
    for each in rendered:
        names[f"{each.part.bind_key or ''}_upgrades"] = each.up.text
        names[f"{each.part.bind_key or ''}_downgrades"] = each.down.text

    return names


def _by_token(rendered: Sequence[_Rendered]) -> dict[str, object]:
    """Return the text under the names that ``env.py`` gives it."""
    names: dict[str, object] = {}
    for each in rendered:
        names[each.part.settings.upgrade_token] = each.up.text
        names[each.part.settings.downgrade_token] = each.down.text

    return names


def _for_all(texts: Sequence[str]) -> str:
    """Return the one text that has to serve all, as for several tenants."""
    if len(set(texts)) > 1:
        raise ConfigurationError(
            "databases differ from their models in different ways, and env.py gives"
            " them no names to tell them apart: add bind_key=… where it calls"
            " context.configure()"
        )

    return texts[0] if texts else "    pass"


def _block(bind_key: str | None, text: str) -> str:
    condition = "is None" if bind_key is None else f"== {literal(bind_key).text}"
    return f"    if bind_key {condition}:\n{textwrap.indent(text, '    ')}"
