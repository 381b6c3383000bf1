"""One headless browser for all the tests that need one, and what looks for barriers in its pages."""

import os
import shutil
from pathlib import Path

import pytest

# What no test needs of Chromium. The address bar's suggestions are a page of their own, which each new window would
# start. The last mention of this flag counts, so that it has Playwright's own list, too.
FEATURES = (
    "WebUIOmniboxPopup WebUIOmniboxAimPopup WebUIOmniboxFullPopup "
    "AimEnabled AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades "
    "HttpsFirstBalancedModeAutoEnable LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning "
    "AvoidCorsURLLoaderRestartOnRedirect TcpPortRandomizationWin OptimizationHints NetworkTimeServiceQuerying "
    "PreconnectToSearch msForceBrowserSignIn msEdgeUpdateLaunchServicesPreferredVersion"
).split()
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split() + [f"--disable-features={','.join(FEATURES)}"]


def chromium_path():
    """Return the path of Chromium, or `None` if there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


# With FRAME_DELAY=150 in the environment each frame of each page comes 150 ms late, as on a busy machine: a test that
# reads before the frame in which a page answers then fails each time, and not once in a hundred runs.
LATE_FRAMES = """{
  const plain = requestAnimationFrame, waiting = new Map();
  let last = 0;
  globalThis.requestAnimationFrame = (draw) => {
    waiting.set(++last, setTimeout((id) => { waiting.delete(id); plain(draw); }, DELAY, last));
    return last;
  };
  globalThis.cancelAnimationFrame = (id) => { clearTimeout(waiting.get(id)); waiting.delete(id); };
}"""


def delay_frames(chromium, delay):
    """Make the frames of every page that is opened from now on late by some milliseconds."""
    script = LATE_FRAMES.replace("DELAY", str(int(delay)))

    def late(make):
        def opened(**options):
            made = make(**options)
            made.add_init_script(script)
            return made

        return opened

    chromium.new_context, new_page = late(chromium.new_context), late(chromium.new_page)

    def new_late_page(**options):
        page = new_page(**options)
        page.goto("about:blank")  # its first document is older than the script
        return page

    chromium.new_page = new_late_page


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; its absence is a reason to skip, except on continuous integration, where it is a failure."""
    path = chromium_path()
    if path is None:
        reason = "needs a Chromium: install Debian's `chromium`, or Google Chrome"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        if delay := os.environ.get("FRAME_DELAY"):
            delay_frames(chromium, delay)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe():
    """A function of a page, or a part of it, that returns what axe-core finds: (rule, element)."""
    import axe_playwright_python

    source = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")

    def check(page, part="html"):
        page.evaluate(f"{source}; undefined")
        found = page.evaluate(
            "where => axe.run(where, {preload: false, resultTypes: ['violations']}).then(all => all.violations)",
            part,
        )
        return [(each["id"], each["nodes"][0]["html"][:200]) for each in found]

    return check
