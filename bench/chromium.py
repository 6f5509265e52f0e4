"""Headless Chromium by its debugging protocol: opens pages, runs scripts in them, notes errors."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from pathlib import Path

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
KEY_CODES = {"Escape": 27, "Enter": 13, "/": 191, "?": 191}
START_S = 60
CALL_S = 120


def executable() -> str | None:
    """Chromium on this machine; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab. `errors` are messages of the console, exceptions, and files that did not load."""

    def __init__(self, loop, socket):
        self._loop, self._socket, self._last = loop, socket, 0
        self._loaded = False
        self.errors: list[str] = []

    def call(self, method, **parameters):
        """Send one command; returns its result, noting the events that come before it."""
        return self._loop.run_until_complete(
            asyncio.wait_for(self._call(method, parameters), CALL_S)
        )

    async def _call(self, method, parameters):
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        while True:
            message = await self._receive()
            if message.get("id") == self._last:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    async def _receive(self):
        message = json.loads((await self._socket.receive()).data)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, given):
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(given["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and given["type"] in (
            "error",
            "warning",
            "assert",
        ):
            self.errors.append(json.dumps(given["args"])[:500])
        elif method == "Network.loadingFailed" and not given.get("canceled"):
            self.errors.append(f"{given['errorText']} {given.get('blockedReason', '')}")

    def open(self, address: str, width: int = 1200, height: int = 900) -> None:
        """Go to an address and wait until it is loaded."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 700)  # fmt: skip
        for target in ("about:blank", address):  # never a mere change of the part behind #
            self._loaded = False
            found = self.call("Page.navigate", url=target)
            if "errorText" in found:
                raise RuntimeError(f"{target}: {found['errorText']}")
            self._loop.run_until_complete(asyncio.wait_for(self._until_loaded(), CALL_S))

    async def _until_loaded(self):
        while not self._loaded:
            await self._receive()

    def run(self, script: str):
        """The value of an expression; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                          returnByValue=True)  # fmt: skip
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"])[:2000])
        return found["result"].get("value")

    def until(self, condition: str, seconds: float = 20) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + seconds
        while not self.run(condition):
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {condition}")
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """A key goes down and up, as from a keyboard."""
        given = {"key": key, "windowsVirtualKeyCode": KEY_CODES.get(key, ord(key[0].upper()))}
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **given, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **given)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(b64decode(self.call("Page.captureScreenshot")["data"]))


@contextlib.contextmanager
def browser():
    """A page of a browser that ends with the block."""
    profile = tempfile.mkdtemp(prefix="viscode-chromium-")
    command = [executable(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
               "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
               "--remote-debugging-port=0", f"--user-data-dir={profile}",
               "about:blank"]  # fmt: skip
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    loop = asyncio.new_event_loop()
    session = page = None
    try:
        session, socket = loop.run_until_complete(asyncio.wait_for(_attach(Path(profile)), START_S))
        page = Page(loop, socket)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        yield page
    finally:
        if page:  # it then removes its own temporary folders; the connection ends with it
            with contextlib.suppress(RuntimeError, TypeError, OSError, TimeoutError):
                page.call("Browser.close")
        if session:
            loop.run_until_complete(session.close())
        loop.close()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
        shutil.rmtree(profile, ignore_errors=True)


async def _attach(profile: Path):
    port_file = profile / "DevToolsActivePort"
    while not (port_file.is_file() and port_file.read_text().strip()):
        await asyncio.sleep(0.05)
    port = port_file.read_text().split()[0]
    session = aiohttp.ClientSession()
    async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
        tabs = await answer.json(content_type=None)
    tab = next(tab for tab in tabs if tab["type"] == "page")
    return session, await session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)
