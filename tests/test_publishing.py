"""What publishing needs: the search for dead links, the release, the Python that is fetched for the page."""

import datetime
import hashlib
import http.server
import io
import json
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import fetch_pyodide
import links
import pytest
import run
import yaml

from tests.serving import address, serve

ROOT = Path(__file__).parents[1]


# ---- links


PAGE = """<h1 id="top">T</h1><img src="a.png"><a href="{}">x</a>
<a href="mailto:a@b.c">m</a><a href="https://example.org/">e</a><script>"<a href='not.html'>"</script>"""


@pytest.mark.parametrize(
    ("link", "dead"),
    [("#top", False), ("sub/b.html", False), ("sub/b.html#b", False), ("/a.html?v=1", False), ("/course/a.html", False)]
    + [(bad, True) for bad in ("#x", "b.html", "sub/b.html#top", "sub/", "../a.html", "/c.html")],
)
def test_dead_links_within_a_site_are_found(tmp_path, capsys, link, dead):
    links.read.cache_clear()
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.png").touch()
    (tmp_path / "a.html").write_text(PAGE.format(link))
    (tmp_path / "sub" / "b.html").write_text('<p id="b"><a href="../a.html">back</a>')
    assert links.main([str(tmp_path)]) == dead
    assert (f"a.html: {link} dead" in capsys.readouterr().out) == dead


class Host(http.server.BaseHTTPRequestHandler):
    """Answers as hosts do, and notes whether it is asked two things at once."""

    asked, together, busy = [], [], threading.Lock()

    def do_HEAD(self):  # noqa: N802
        """Say how it is with a page."""
        self.together.append(not self.busy.acquire(blocking=False))
        time.sleep(0.02)  # so that questions asked at once meet
        self.asked.append((self.command, self.path, self.headers["User-Agent"]))
        again = sum(path == self.path for _, path, _ in self.asked) > 1
        kind = self.path.strip("/")
        code = {"gone": 404, "closed": 403, "moved": 301}.get(kind, 200)
        code = 405 if kind == "get" and self.command == "HEAD" else 429 if kind == "wait" and not again else code
        self.send_response(code)
        if code == 301:
            self.send_header("Location", "/alive")
        if code == 429:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.busy.release()  # before the answer leaves, which a next question may follow at once
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815

    def log_message(self, *args):
        """Say nothing."""


def test_links_elsewhere_are_asked_for_politely(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(links, "PAUSE", 0.0)
    links.read.cache_clear()
    with serve(Host) as server:
        pages = ["alive", "alive#part", "gone", "closed", "moved", "get", "wait"]
        addresses = [f"{address(server)}/{page}" for page in pages] + ["http://nowhere.invalid/"]
        (tmp_path / "a.html").write_text("".join(f'<a href="{each}">x</a>' for each in addresses))
        assert links.main([str(tmp_path), "--online"]) == 1
        out = capsys.readouterr().out
        assert f"{addresses[2]} dead: 404\n" in out and f"{addresses[3]} refused: 403\n" in out
        assert "http://nowhere.invalid/ dead: " in out and "7 links, 3 without an answer" in out
        counts = [sum(asked[1] == f"/{page}" for asked in Host.asked) for page in ("gone", "closed", "get", "wait")]
        assert counts == [2, 2, 2, 2] and not any(Host.together)
        assert {agent for *_, agent in Host.asked} == {links.AGENT}
        (tmp_path / "a.html").write_text(f'<a href="{addresses[3]}">x</a>')
        links.read.cache_clear()
        assert links.main([str(tmp_path), "--online"]) == 0


# ---- a release


RELEASED = ("src/nonlinear/__init__.py", "CITATION.cff", "CHANGELOG.md", "tools/release.py")


@pytest.fixture
def clone(tmp_path):
    """A scratch repository with the files that a release reads and writes; a function that runs a command there."""
    if not shutil.which("git"):
        pytest.skip("needs git")
    for name in RELEASED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)

    def execute(*command):
        return subprocess.run([str(part) for part in command], cwd=tmp_path, capture_output=True, text=True)

    execute("git", "init", "--quiet")
    for name, value in {"user.name": "a", "user.email": "a@b.c", "commit.gpgsign": "false"}.items():
        execute("git", "config", name, value)
    execute("git", "add", ".")
    execute("git", "commit", "--quiet", "--message", "start")
    return execute


def release(clone, version):
    return clone(sys.executable, "tools/release.py", version)


def test_a_release_is_one_command(clone, tmp_path):
    changes = tmp_path / "CHANGELOG.md"
    assert "no entry" in release(clone, "7.0.0").stderr
    for number, version in enumerate(("7.0.0", "7.1.0")):
        changes.write_text(changes.read_text().replace("## ", f"## {version}\n\n- New.\n\n## ", 1))
        assert "not committed" in release(clone, version).stderr
        clone("git", "commit", "--all", "--message", "entry")
        done = release(clone, version)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"Tagged v{version}. To publish it: git push origin HEAD v{version}\n"
        cited = yaml.safe_load((tmp_path / "CITATION.cff").read_text())
        assert cited["version"] == version and isinstance(cited["date-released"], datetime.date)
        assert f'__version__ = "{version}"\n' in (tmp_path / RELEASED[0]).read_text()
        assert clone("git", "status", "--porcelain").stdout == ""
        assert clone("git", "describe", "--exact-match").stdout == f"v{version}\n"
        changed = clone("git", "show", "--name-only", "--format=%s").stdout.split()
        assert changed == ["Release", version, "CITATION.cff", "src/nonlinear/__init__.py"]
        assert clone("git", "rev-list", "--count", "HEAD").stdout.strip() == str(3 + 2 * number)


@pytest.mark.parametrize(
    ("version", "words"), [("0.0.9", "not newer"), ("v7.0.0", "write three numbers"), ("", "write three numbers")]
)
def test_what_is_no_release_is_refused_and_changes_nothing(clone, version, words):
    done = release(clone, version)
    assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1
    assert clone("git", "status", "--porcelain").stdout == clone("git", "tag").stdout == ""


def test_the_newest_entry_of_the_changelog_is_this_version():
    from nonlinear import __version__

    headings = [line for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines() if line.startswith("## ")]
    assert headings[0] == f"## {__version__}"


# ---- the Python for the page


def test_the_release_of_pyodide_is_unpacked_and_checked(tmp_path, monkeypatch):
    content = {"pyodide.mjs": b"code", run.LOCK: json.dumps({"packages": {}}).encode()}
    pins = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    monkeypatch.setattr(run, "PINS", {"version": "1", "files": pins, "packages": []})
    archive = tmp_path / "pyodide-1.tar.bz2"
    for data in (content, content | {"pyodide.mjs": b"other"}):
        with tarfile.open(archive, "w:bz2") as packed:
            for name, each in data.items():
                entry = tarfile.TarInfo(f"pyodide/{name}")
                entry.size = len(each)
                packed.addfile(entry, io.BytesIO(each))
        if data is content:
            assert "pyodide.mjs" in fetch_pyodide.fetch(archive.as_uri(), tmp_path / "at")
            assert (tmp_path / "at" / "pyodide" / "pyodide.mjs").read_bytes() == b"code"
        else:
            with pytest.raises(run.ConfigError, match="not that of Pyodide 1"):
                fetch_pyodide.fetch(archive.as_uri(), tmp_path / "at")
