"""The page in debug mode: what is pending, a button that runs it, its log, and on.

A WSGI application around the app's own: no blueprint, login wall or prefix of the app
is in its way, and what it does not answer the app does, untouched.
"""

from __future__ import annotations

import functools
import logging
import secrets
import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import jinja2
from werkzeug.wrappers import Request
from werkzeug.wrappers import Response

from ..autogenerate.questions.question import Question
from ..commands.writing import migrate
from ..errors import MigrationError
from ..errors import Undecided
from .admission import is_local
from .admission import is_navigation
from .admission import is_ours
from .admission import place_of
from .admission import safe_place
from .admission import SKIPPED
from .admission import TOKEN
from .admission import token_of
from .running import run
from .state import Lack
from .state import Watch

log = logging.getLogger("flask_migrations_ext")

PREFIX = "/_migrations/"

_UNAVAILABLE = 503


class DebugPage:
    """Answers for an app in debug mode, where it lacks revisions.

    :param inner: what answers all other requests.
    """

    def __init__(self, app: Any, inner: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._inner = inner
        self._watch = Watch(app)
        self._turn = threading.Lock()
        self._actions = {"run": self._run, "write": self._write, "skip": self._skip}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._answer(environ) if is_local(environ) else None
        if answer is not None:
            return answer(environ, start_response)
        if not is_local(environ) or not is_navigation(environ):
            return self._inner(environ, start_response)

        return self._shown(environ, start_response)

    def _answer(self, environ: dict[str, Any]) -> Response | None:
        """Return what the page itself answers; None if it is for the app."""
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._pressed(environ)
        if not is_navigation(environ):
            return None

        lack = self._watch.pending()
        if lack is None or _is_skipped(environ, lack):
            return None

        try:
            return self._page(environ, lack)
        except Exception:
            # A fault of ours is none of the app's.
            log.exception("the page of pending revisions cannot be shown")
            return None

    def _shown(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let the app answer; where a database refuses that, look whether it is us."""
        started = False

        def start(*arguments: Any, **options: Any) -> Any:
            nonlocal started
            started = True
            return start_response(*arguments, **options)

        try:
            return self._inner(environ, start)
        except Exception as error:
            lack = None if started else self._watch.explanation(error)
            if lack is None or _is_skipped(environ, lack):
                raise
            page = self._page(environ, lack, caused_by=error)

        return page(environ, start_response)

    # -- what is seen ------------------------------------------------------

    def _page(
        self,
        environ: dict[str, Any],
        lack: Lack,
        *,
        caused_by: BaseException | None = None,
        error: str | None = None,
        place: str | None = None,
        message: str = "",
    ) -> Response:
        token = token_of(environ)
        text = _template("page.html").render(
            lack=lack,
            target=" heads" if lack.has_branches else "",
            token=token,
            place=place_of(environ) if place is None else place,
            base=f"{environ.get('SCRIPT_NAME', '')}{PREFIX}",
            app_name=self._app.name,
            caused_by=None if caused_by is None else _first_line(caused_by),
            error=error,
            message=message,
        )
        response = _html(text, _UNAVAILABLE)
        response.set_cookie(TOKEN, token, httponly=True, samesite="Strict")
        return response

    # -- what is pressed ---------------------------------------------------

    def _pressed(self, environ: dict[str, Any]) -> Response | None:
        request = Request(environ)
        name = request.path.removeprefix(PREFIX)
        action = self._actions.get(name)
        # For all others there is no such page: the app says that, in its own way.
        if request.method != "POST" or action is None or not is_ours(request):
            return None

        return action(request, safe_place(request.form.get("place", "/")))

    def _skip(self, request: Request, place: str) -> Response:
        response = _moved(place)
        signature = request.form.get("signature", "")
        response.set_cookie(SKIPPED, signature, httponly=True, samesite="Strict")
        return response

    def _write(self, request: Request, place: str) -> Response:
        form = request.form
        differences = tuple(form.getlist("difference"))
        said = _answers_in(form)
        try:
            with self._app.app_context():
                report = migrate(
                    message=form.get("message", "").strip() or None,
                    answers=_by_option(said),
                )
        except Undecided as error:
            asked = _asked_now(error.questions, said)
            lack = Lack(differences=differences, questions=asked, answers=said)
            message = form.get("message", "")
            return self._page(request.environ, lack, place=place, message=message)
        except MigrationError as error:
            lack = Lack(differences=differences)
            return self._page(request.environ, lack, error=str(error), place=place)

        self._watch.forget()
        if report.path is None:
            lack = Lack(error=" ".join(report.notes))
            return self._page(request.environ, lack, place=place)
        return _moved(place)

    def _run(self, request: Request, place: str) -> Response:
        nonce = secrets.token_urlsafe(12)
        self._watch.forget()
        stream = _template("run.html").generate(
            lines=run(self._app, self._turn),
            nonce=nonce,
            place=place,
            base=f"{request.root_path}{PREFIX}",
            token=request.form["token"],
            app_name=self._app.name,
        )
        return _html(_chunks(stream), 200, nonce)


def _answers_in(form: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what was answered, each as an option and its value."""
    earlier = tuple(form.getlist("answer"))  # type: ignore[attr-defined]  # of werkzeug
    now = tuple(
        value + form.get(f"more-{name.removeprefix('choice-')}", "").strip()
        if value.endswith("=")
        else value
        for name, value in form.items()
        if name.startswith("choice-")
    )
    return earlier + now


def _by_option(said: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in said:
        option, _, value = each.partition(" ")
        found.setdefault(option, []).append(value)
    return found


def _asked_now(
    questions: Iterable[Question], said: Iterable[str]
) -> tuple[Question, ...]:
    """Return the questions that do not depend on another answer."""
    renamed = _by_option(said).get("rename", [])
    return tuple(
        each for each in questions if each.supposes is None or each.supposes in renamed
    )


def _chunks(parts: Iterator[str]) -> Iterator[bytes]:
    for part in parts:
        if part:
            yield part.encode()


def _is_skipped(environ: dict[str, Any], lack: Lack) -> bool:
    return Request(environ).cookies.get(SKIPPED) == lack.signature


def _first_line(error: BaseException) -> str:
    from ..execution.failures import reason_of

    return reason_of(error)


def _moved(place: str) -> Response:
    return Response(status=303, headers={"Location": place})


def _html(text: str | Iterator[bytes], status: int, nonce: str = "") -> Response:
    scripts = f"'nonce-{nonce}'" if nonce else "'none'"
    return Response(
        text,
        status,
        {
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
                f" base-uri 'none'; frame-ancestors 'none'; script-src {scripts}"
            ),
            "X-Content-Type-Options": "nosniff",
        },
        content_type="text/html; charset=utf-8",
    )


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("flask_migrations_ext.guard"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)
