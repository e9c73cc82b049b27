"""A headless Chromium driven by the DevTools protocol through a pipe: no port, no driver, no package.

Belongs here: starting, sending, listening. Does not belong here: what a page must show.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# A start on a busy machine with two cores took up to 12 s.
PATIENCE_SECONDS = 60.0


def chromium() -> str | None:
    """Path of a Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


# The browser reads commands from file descriptor 3 and writes answers to 4.
_ON_3_AND_4 = """
import fcntl, os, sys
high = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(high[0], 3)
os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Page:
    """One open page: what it logged, what it asked the network for, and ways to look at it."""

    def __init__(self, pipe: _Pipe, session: str) -> None:
        self._pipe, self._session = pipe, session
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self._pipe.send(method, params, self._session)

    def resize(self, width: int, height: int = 900) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, path: Path, *, fragment: str = "") -> float:
        """Load a file anew and wait until it says it is drawn; returns the seconds from navigation start to then."""
        self._pipe.events.clear()
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=f"{path.resolve().as_uri()}{fragment}")
        self.wait_for("location.protocol === 'file:' && document.documentElement?.dataset.ready !== undefined")
        return float(self.run("performance.now()")) / 1000

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, promises awaited."""
        found = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait_for(self, condition: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.run(f"Boolean({condition})"):
                return
            time.sleep(0.02)
        raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {condition}; log: {self.problems()}")

    def problems(self) -> list[str]:
        """Errors and warnings that the page logged, exceptions included."""
        self._pipe.drain()
        found = []
        for event in self._pipe.events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            if event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                found.append(str([argument.get("value", argument.get("description")) for argument in params["args"]]))
            if event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
        return found

    def requests(self) -> list[str]:
        """Addresses that the page asked for."""
        self._pipe.drain()
        sent = [event for event in self._pipe.events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def picture(self, path: Path, *, top: int = 0, height: int | None = None) -> None:
        """A PNG of the page from `top`, `height` pixels high or all of it."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": top, "width": size["width"], "height": height or size["height"] - top, "scale": 1}
        taken = self.send("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))

    def print(self, path: Path) -> None:
        """The page as a PDF, on the paper that its style sheet names."""
        made = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        path.write_bytes(base64.b64decode(made["data"]))


class _Pipe:
    """Messages to and from the browser, ended by NUL bytes."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing, self._rest, self._number = reading, writing, b"", 0
        self.events: list[dict[str, Any]] = []
        self._answers: dict[int, dict[str, Any]] = {}

    def send(self, method: str, params: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._number not in self._answers:
            assert time.monotonic() < deadline, f"no answer to {method} in {PATIENCE_SECONDS} s"
            self._receive(1.0)
        answer = self._answers.pop(self._number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def drain(self) -> None:
        """Take in what has been sent already."""
        while self._receive(0.05):
            pass

    def _receive(self, seconds: float) -> bool:
        if not select.select([self._reading], [], [], seconds)[0]:
            return False
        chunk = os.read(self._reading, 1 << 20)
        assert chunk, "the browser has gone"
        *messages, self._rest = (self._rest + chunk).split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self.events.append(message)
        return True


@contextmanager
def open_browser() -> Iterator[Page]:
    """A page in a fresh headless Chromium with a profile of its own, gone afterwards."""
    program = chromium()
    assert program, "no Chromium"
    to_browser, from_browser = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--remote-debugging-pipe"]  # fmt: skip
        ends = (str(to_browser[0]), str(from_browser[1]))
        process = subprocess.Popen(
            [sys.executable, "-c", _ON_3_AND_4, *ends, program, *options, "about:blank"],
            pass_fds=(to_browser[0], from_browser[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        pipe = _Pipe(from_browser[0], to_browser[1])
        try:
            target = pipe.send("Target.createTarget", {"url": "about:blank"})["targetId"]
            session = pipe.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
            yield Page(pipe, session)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(from_browser[0])
            os.close(to_browser[1])
