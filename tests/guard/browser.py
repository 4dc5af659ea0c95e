"""A real browser for tests: Chromium without a window, told what to do through a pipe.

It speaks the DevTools protocol over two file descriptors: nothing has to be installed
beside the browser itself. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)

# The browser reads what it is told from 3, and answers to 4.
_ON_PIPES = """
import os, sys
told, answers = os.dup(int(sys.argv[1])), os.dup(int(sys.argv[2]))
os.dup2(told, 3)
os.dup2(answers, 4)
os.set_inheritable(3, True)
os.set_inheritable(4, True)
os.execv(sys.argv[3], sys.argv[3:])
"""

_PATIENCE = 60.0
"""Seconds after which a test fails that waits for the browser."""


_NAVIGATED = -32000
"""What the browser answers when a page has gone while it was asked."""


class Navigated(Exception):
    """The page that was asked is no longer there."""


class Browser:
    """A browser with one tab, and more when they are asked for."""

    def __init__(self) -> None:
        assert CHROMIUM is not None
        self._profile = tempfile.mkdtemp(prefix="fme-chromium-")
        theirs, self._out = os.pipe()
        self._in, answers = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _ON_PIPES, str(theirs), str(answers)),
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                f"--user-data-dir={self._profile}",
                "--remote-debugging-pipe",
                "about:blank",
            ],
            pass_fds=(theirs, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(answers)
        self._number = 0
        self._buffer = b""

    def close(self) -> None:
        """End the browser, and forget what it kept."""
        self._process.terminate()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)
        shutil.rmtree(self._profile, ignore_errors=True)

    def tab(self) -> Tab:
        """Return a new tab."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)
        return Tab(self, session["sessionId"])

    def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Return what the browser answers."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next_message()
            if answer.get("id") == number:
                if answer.get("error", {}).get("code") == _NAVIGATED:
                    raise Navigated
                assert "error" not in answer, answer
                return answer["result"]

    def listen(self) -> None:
        """Wait a moment for something to happen."""
        if b"\0" not in self._buffer:
            select.select([self._in], [], [], 0.1)

    def next_message(self) -> dict[str, Any]:
        """Return the next thing that the browser says: an answer or an event."""
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            left = until - time.monotonic()
            ready, _, _ = select.select([self._in], [], [], max(left, 0))
            assert ready, "the browser says nothing"
            self._buffer += os.read(self._in, 1 << 16)
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


class Tab:
    """A tab of the browser."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self._call("Page.enable")
        self._call("Page.setLifecycleEventsEnabled", enabled=True)

    def _call(self, method: str, **params: Any) -> Any:
        return self._browser.call(method, self._session, **params)

    def go(self, url: str) -> None:
        """Ask for a page."""
        self._call("Page.navigate", url=url)

    def looks(self, *, dark: bool = False, size: tuple[int, int] = (900, 900)) -> None:
        """Be a screen of this size, in the light or in the dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size[0] < 600,
        )

    def evaluate(self, script: str) -> Any:
        """Return what a script says, None while there is no page."""
        answer = self._browser.call(
            "Runtime.evaluate", self._session, expression=script, returnByValue=True
        )
        return answer["result"].get("value")

    def text(self) -> str:
        """Return what can be read on the page."""
        try:
            return str(self.evaluate("document.body ? document.body.innerText : ''"))
        except Navigated:
            return ""

    def until(self, text: str) -> str:
        """Wait for a page that says this; return all that it says."""
        until = time.monotonic() + _PATIENCE
        while True:
            found = self.text()
            if text in found:
                return found
            assert time.monotonic() < until, found
            self._browser.listen()

    def press(self, label: str) -> None:
        """Press the button, or follow the link, with this label."""
        pressed = self.evaluate(
            "(function () { for (const each of document.querySelectorAll('button, a'))"
            f" if (each.innerText.trim() === {json.dumps(label)})"
            " { each.click(); return true; } return false; })()"
        )
        assert pressed, self.text()

    def key(self, key: str, code: int) -> None:
        """Type a key."""
        for kind in ("keyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                text="\r" if key == "Enter" and kind == "keyDown" else "",
            )

    def write(self, text: str) -> None:
        """Write into what has the focus."""
        self._call("Input.insertText", text=text)

    def spoken(self) -> list[tuple[str, str]]:
        """Return the role and the name of all that a screen reader finds."""
        tree = self._call("Accessibility.getFullAXTree")["nodes"]
        return [
            (str(node["role"]["value"]), str(node.get("name", {}).get("value", "")))
            for node in tree
            if not node.get("ignored") and "role" in node
        ]

    def picture(self, path: Path) -> None:
        """Write what is seen to a PNG file."""
        shot = self._call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))
