"""Firefox and WebKit, driven by WebDriver: through Firefox's own socket, and through Debian's WebKitWebDriver.

No package is needed for it; of WebDriver this speaks what the tests use.
"""

import base64
import glob
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

WAIT = 30  # s for a browser to start
WINDOW = {"width": 1280, "height": 900}
KEYS = {
    "Enter": "\ue007",
    "Tab": "\ue004",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "Control": "\ue009",
}


class Missing(Exception):
    """What is not installed, in a sentence."""


def needed(*names, package):
    """Return the path of the first of some programs that is installed."""
    for name in names:
        path = shutil.which(name) or next(iter(sorted(glob.glob(name))), None)
        if path:
            return path
    raise Missing(f"needs {names[0]}: on Debian, `apt install {package}`")


def free_port():
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def connected(port):
    """Return a connection to a program that has just been started."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Firefox:
    """Firefox, by the protocol Marionette: a length, a colon, and a list in JSON."""

    def __init__(self, folder):
        port = free_port()
        (folder / "user.js").write_text(
            f'user_pref("marionette.port", {port});\nuser_pref("app.update.enabled", false);\n'
            'user_pref("datareporting.policy.dataSubmissionEnabled", false);\n'
        )
        program = needed("firefox-esr", "firefox", package="firefox-esr")
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", folder]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = connected(port)
        self.receive()
        self.call("NewSession", capabilities={})
        self.call("SetWindowRect", **WINDOW)

    def receive(self):
        """Return the next message."""
        digits = b""
        while not digits.endswith(b":"):
            digits += self.socket.recv(1)
        text = b""
        while len(text) < int(digits[:-1]):
            text += self.socket.recv(int(digits[:-1]) - len(text))
        return json.loads(text)

    def call(self, command, **parameters):
        """Give a command, and return its result."""
        message = json.dumps([0, 1, f"WebDriver:{command}", parameters])
        self.socket.sendall(f"{len(message)}:{message}".encode())
        _, _, error, result = self.receive()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return result.get("value") if isinstance(result, dict) else result

    def open(self, url):
        """Go to a page, and wait until it has loaded."""
        self.call("Navigate", url=url)

    def run(self, script, *arguments):
        """Return the result of a function's body."""
        return self.call("ExecuteScript", script=script, args=arguments)

    def act(self, *devices):
        """Let input devices act."""
        self.call("PerformActions", actions=devices)

    def picture(self):
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.call("TakeScreenshot", full=False))

    def close(self):
        """End the browser."""
        self.socket.close()
        self.process.terminate()
        self.process.wait()


class WebKit:
    """WebKitGTK's MiniBrowser, by HTTP, on a screen that nobody sees."""

    def __init__(self, folder):
        driver = needed("WebKitWebDriver", package="webkit2gtk-driver")
        browser = needed("/usr/lib/*/webkit2gtk-4.*/MiniBrowser", package="webkit2gtk-driver")
        screen = needed("Xvfb", package="xvfb")
        reading, writing = os.pipe()
        command = [screen, "-displayfd", str(writing), "-screen", "0", "1400x1100x24"]
        self.processes = [subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)]
        os.close(writing)
        with os.fdopen(reading) as answer:
            display = f":{answer.readline().strip()}"
        port = free_port()
        environment = os.environ | {"DISPLAY": display, "XDG_DATA_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen([driver, f"--port={port}"], env=environment, **quiet))
        connected(port).close()
        self.address = f"http://127.0.0.1:{port}/session"
        options = {"webkitgtk:browserOptions": {"binary": browser, "args": ["--automation"]}}
        session = self.call("", {"capabilities": {"alwaysMatch": options}})
        self.address += f"/{session['sessionId']}"
        self.call("/window/rect", WINDOW)

    def call(self, path, parameters=None):
        """Give a command, and return its result."""
        data = None if parameters is None else json.dumps(parameters).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None

    def open(self, url):
        """Go to a page, and wait until it has loaded."""
        self.call("/url", {"url": url})

    def run(self, script, *arguments):
        """Return the result of a function's body."""
        return self.call("/execute/sync", {"script": script, "args": arguments})

    def act(self, *devices):
        """Let input devices act."""
        self.call("/actions", {"actions": devices})

    def picture(self):
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.call("/screenshot"))

    def close(self):
        """End the browser, its driver and its screen."""
        urllib.request.urlopen(urllib.request.Request(self.address, method="DELETE"), timeout=60).close()
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


ENGINES = {"firefox": Firefox, "webkit": WebKit}


def keyboard(*keys):
    """Return a keyboard that presses keys one after the other; of a list, all at once."""
    actions = []
    for key in keys:
        together = [KEYS.get(each, each) for each in (key if isinstance(key, list) else [key])]
        actions += [{"type": "keyDown", "value": each} for each in together]
        actions += [{"type": "keyUp", "value": each} for each in reversed(together)]
    return {"type": "key", "id": "keyboard", "actions": actions}


def mouse(start, *path):
    """Return a mouse that is pressed at one place of the window and dragged through others; without any, it clicks."""
    moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 60} for x, y in (start, *path)]
    press, release = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
    actions = [moves[0], press, *moves[1:], release]
    return {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}
