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
