"""Debian's Chromium without a screen: opens pages from disk, and keeps what they say, request and show.

Two fixtures of `conftest.py` use it: `browser` is one Chromium for all tests of a process, and fails a test whose page
has said an error on its console or asked a network for something.
"""

import base64
import json
import time
from pathlib import Path

import axe_core_python
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
PHONE, TABLET, WIDE = (360, 740), (820, 1180), (1440, 900)
FROM_DISK = ("file:", "data:", "blob:", "about:")

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI is root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing can leave, whatever a page tries
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


def until(holds):
    """Wait until something holds, which other work on the machine delays."""
    for _ in range(500):
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError("not in 10 s")


class Browser:
    """One Chromium, with one page at a time."""

    def __init__(self, chromium, chromedriver, *flags):
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in (*_FLAGS, *flags):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, Service(chromedriver))
        self.driver.set_script_timeout(30)

    def open(self, page, size=WIDE, dark=False):
        """A page from disk, in a window of a size in CSS pixels (a smaller one is touched), in light or dark."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size != WIDE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": size != WIDE})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.get(Path(page).resolve().as_uri())

    def run(self, script, *arguments):
        """What an `async` function with this body returns; the arguments are `arguments[0]` and so on."""
        body = f"return (async function () {{ {script} }}).apply(null, arguments)"
        return self.driver.execute_script(body, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector):
        """A real click, which counts as the user's."""
        element = self.find(selector)
        self.driver.execute_script(
            "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", element
        )
        element.click()

    def press(self, *keys):
        """Real keys, for what has the focus."""
        webdriver.ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def complaints(self):
        """What was wrong since the last call: errors and warnings on the console, and requests of a network."""
        said = [
            f"{entry['level']}: {entry['message']}"
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
        ]
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requested = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return said + [f"requested: {url}" for url in requested if not url.startswith(FROM_DISK)]

    def faults(self, within="document"):
        """What axe-core finds serious or critical: the rule, and the elements at fault."""
        if not self.run("return !!globalThis.axe"):
            self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.run(f"return (await axe.run({within})).violations")
        return [
            f"{fault['id']}: {node['html'][:200]} ({node['failureSummary']})"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def screenshot(self, path, whole=True):
        """A PNG of the whole page, or of what is in the window."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        asked = {"captureBeyondViewport": True, "clip": {**size, "scale": 1}} if whole else {}
        png = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", **asked})["data"]
        Path(path).write_bytes(base64.b64decode(png))

    def quit(self):
        self.driver.quit()
