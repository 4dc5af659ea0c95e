"""A browser for the tests of the page, where this machine has one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.guard.browser import Browser
from tests.guard.browser import CHROMIUM


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        assert not os.environ.get("FLASK_MIGRATIONS_REQUIRE_CHROMIUM")
        pytest.skip("chromium NOT RUN (it is not installed)")
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def served() -> Iterator[Callable[[Any], str]]:
    """Return what serves an app in debug mode, and tells where."""
    with ExitStack() as stack:

        def serve(app: Any) -> str:
            app.debug = True
            server = make_server("127.0.0.1", 0, app, threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://localhost:{server.server_port}"

        yield serve
