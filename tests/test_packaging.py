"""What is installed, what is shipped, and what make says when it cannot start."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

import nonlinear

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HEAVY = {"matplotlib", "ipywidgets", "anywidget", "sklearn", "IPython", "scipy"}
LIGHT = """activations datasets diagnostics gradcheck initialisers layers losses lstm network normalisation
    optimisers parameters recording schedules sweeps training workspace""".split()
DATA = {".csv", ".js", ".json", ".md", ".npz", ".txt"}
MACHINE = re.compile(
    r"(?<![\w.}/-])/(?:home|root|Users|work|opt|mnt)/[\w.]"
    r"|--(?:extra-)?index-url|--find-links"
)


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)


def heavy_modules_after(statement):
    """Names of the heavy packages that `statement` loads in a fresh interpreter."""
    done = run(sys.executable, "-c", f"import sys\n{statement}\nprint(*sorted(set(sys.modules) & {HEAVY}))")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_computing_loads_numpy_and_nothing_heavier():
    assert heavy_modules_after("\n".join(f"import nonlinear.{module}" for module in LIGHT)) == []


def test_plotting_loads_matplotlib():
    assert "matplotlib" in heavy_modules_after("import nonlinear.course.plotting")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the library, open for reading."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    done = run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(*folder.iterdir()) as opened:
        yield opened


def test_one_name_and_version_everywhere(wheel):
    (metadata,) = (wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    distribution = message_from_string(metadata)
    assert distribution["Name"] == "nonlinear-course"
    assert distribution["Version"] == nonlinear.__version__ == citation["version"]


@pytest.mark.parametrize("path", ["README.md", "book/library.md"])
def test_readers_are_told_which_nonlinear_is_this_one(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert "`nonlinear-course`" in text and "package index" in text


def pythons(path, pattern):
    return set(re.findall(pattern, (ROOT / path).read_text(encoding="utf-8")))


def test_the_python_versions_promised_are_the_versions_tested():
    promised = {c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert promised == set(workflow["jobs"]["units"]["strategy"]["matrix"]["python"])
    assert promised == pythons("README.md", r"\b3\.1\d\b")
    oldest = min(promised, key=lambda number: int(number.partition(".")[2]))
    assert PROJECT["requires-python"] == f">={oldest}"
    assert f"--python-version {oldest} " in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"-ge {oldest.partition('.')[2]} ]" in (ROOT / "tools/make_venv.sh").read_text(encoding="utf-8")


def pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.partition(" ;")[0].split("==") for line in lines if line and not line.startswith("#"))


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned():
    asked = [*PROJECT["dependencies"], *(r for extra in PROJECT["optional-dependencies"].values() for r in extra)]
    names = {normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in asked} - {PROJECT["name"]}
    assert names <= pinned().keys()


def test_nothing_needs_a_deep_learning_framework():
    assert not {"torch", "jax", "jaxlib", "tensorflow", "keras"} & pinned().keys()


def text_files():
    """The files that git tracks, or would track, that hold text."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files are the project's own is not known")
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).stdout.split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file() and (ROOT / name) != Path(__file__)]
    return [path for path in files if b"\0" not in path.read_bytes()[:8192]]


def test_no_file_names_a_registry_host_or_a_path_of_one_machine():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in text_files()
        for match in MACHINE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize("bad", ["see {}home/ann/x", '"{}root/.cache"', "--extra-index-{}", "{}Users/ann"])
def test_the_search_for_hosts_and_paths_finds(bad):
    assert MACHINE.search(bad.format("url x" if "index" in bad else "/"))


def test_the_lock_names_no_host():
    for name in ("constraints.txt", "requirements.txt"):
        assert "://" not in (ROOT / name).read_text()


@pytest.mark.parametrize("good", ["https://example.org/home/x", "src/work/x", "./opt/x", "{root}/home/x"])
def test_the_search_for_hosts_and_paths_passes(good):
    assert not MACHINE.search(good)


def test_the_wheel_ships_code_data_and_licences(wheel):
    shipped = set(wheel.namelist())
    package = ROOT / "src/nonlinear"
    wanted = {p.relative_to(ROOT / "src").as_posix() for p in package.rglob("*") if p.suffix in DATA | {".py"}}
    assert {Path(name).suffix for name in wanted} >= {".js", ".md", ".npz", ".py"}
    assert wanted <= shipped
    assert {Path(name).name for name in shipped if "/licenses/" in name} == {"LICENSE", "LICENSE-CC-BY-4.0"}


@pytest.fixture
def bare_machine(tmp_path):
    """A function that runs make in a copy of the project on a machine whose only Pythons are the given fakes."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    for name in (
        "Makefile",
        "pyproject.toml",
        "requirements.txt",
        "constraints.txt",
        "_config.yml",
        "_toc.yml",
        "CHANGELOG.md",
    ):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for folder in ("bin", "book", "src"):
        (tmp_path / folder).mkdir()
    for tool in ("find", "sh"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))

    def run_make(*arguments, **pythons):
        for name, script in pythons.items():
            path = tmp_path / "bin" / name.replace("_", ".")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTHON"))}
        return run(make, *arguments, cwd=tmp_path, env=clean | {"PATH": str(tmp_path / "bin"), "LC_ALL": "C"})

    return run_make


OLD = "echo 3.10"
NO_PIP = 'case "$2" in *ensurepip*) exit 1;; *) echo 3.12;; esac'
FOUND_NONE = (
    "Nonlinear needs Python 3.11 or newer and found none: install one, or name it with make PYTHON=/path/to/python3."
)
LACKS_PIP = "lacks venv or ensurepip: install them (on Debian and Ubuntu: apt install python3-venv) and run make again."
NO_VENV = 'case "$1$2" in -mvenv) echo "disk full"; exit 1;; *) echo 3.12;; esac'


@pytest.mark.parametrize(
    ("arguments", "pythons", "sentence"),
    [
        ([], {}, FOUND_NONE),
        ([], {"python3": OLD}, FOUND_NONE),
        (["PYTHON=python3"], {"python3": OLD}, "Nonlinear needs Python 3.11 or newer, and PYTHON=python3 is 3.10."),
        (["PYTHON=python4"], {}, "Nonlinear needs Python 3.11 or newer, and PYTHON=python4 is not a Python that runs."),
        ([], {"python3": NO_PIP}, f"python3 {LACKS_PIP}"),
        ([], {"python3": OLD, "python3_13": NO_PIP}, f"python3.13 {LACKS_PIP}"),
        ([], {"python3": NO_VENV}, "python3 could not make the virtual environment .venv: disk full."),
    ],
    ids=["none", "old", "old-named", "missing-named", "no-pip", "second-choice", "venv-fails"],
)
@pytest.mark.parametrize("target", ["book", "test"])
def test_make_says_in_one_sentence_what_is_missing(bare_machine, target, arguments, pythons, sentence):
    done = bare_machine(target, *arguments, **pythons)
    assert done.returncode != 0
    assert done.stdout == ""
    assert re.fullmatch(rf"Makefile:\d+: \*\*\* {re.escape(sentence)}  Stop\.\n", done.stderr)


def test_make_alone_prints_the_targets(bare_machine):
    done = bare_machine()
    assert done.returncode == 0
    targets = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("make")}
    assert targets == set(
        """book site preview lab test units lessons mutants audit test-run browsers newest links dev lint normalise lock
        release dist pyodide clean""".split()
    )
    assert len(done.stdout.splitlines()) < 25, "more than a screen shows at once"


WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in ROOT.glob(".github/workflows/*.yml")}
COMMANDS = [
    step["run"]
    for workflow in WORKFLOWS.values()
    for job in workflow["jobs"].values()
    for step in job["steps"]
    if "run" in step
]


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_a_workflow_runs_targets_of_the_makefile(bare_machine, command):
    make, target = command.split()
    done = bare_machine("-n", target, python3="echo 3.12")
    assert make == "make" and done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_newest_looks_for_newer_packages_each_time(bare_machine, tmp_path):
    python = tmp_path / "_build/newest/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3.12\n")
    python.chmod(0o755)
    (tmp_path / "_build/newest/installed").touch()
    assert "pip install --quiet --disable-pip-version-check --upgrade" in bare_machine("-n", "newest").stdout


def test_newest_runs_the_cells_of_a_notebook_in_their_order(bare_machine):
    """In one process: a cell needs what those before it made."""
    recipe = bare_machine("-n", "newest", python3="echo 3.12").stdout.splitlines()
    (cells,) = [line for line in recipe if "--nbval" in line]
    assert "--dist=loadfile" in cells.split()


def test_every_check_runs_somewhere():
    wanted = {*"lint units lessons newest site links links-online audit test-run dist pyodide".split()}
    assert {command.removeprefix("make ") for command in COMMANDS} >= wanted
    assert WORKFLOWS["publish"][True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` as true


def test_the_server_takes_another_port_when_its_own_is_busy(tmp_path):
    (tmp_path / "index.html").write_text("hello")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        command = [sys.executable, ROOT / "tools/serve.py", tmp_path, str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            address = re.search(r"http://127\.0\.0\.1:(\d+)/", server.stdout.readline())
            with urlopen(address[0]) as page:
                assert page.read() == b"hello"
            server.terminate()
    assert int(address[1]) != port


def previewed(page):
    """Run the command that builds one page."""
    return subprocess.run([sys.executable, ROOT / "tools/preview.py", page], capture_output=True, text=True, cwd=ROOT)


def test_one_page_can_be_built_alone():
    done = previewed("notation")
    address, time = done.stdout.splitlines()
    assert re.match(r"Built in \d+\.\d s", time)
    page = (ROOT / "_build/preview/_build/html/book/notation.html").resolve()
    assert address == page.as_uri() and "<title>" in page.read_text("utf-8")


def test_a_page_that_is_not_there_is_named_with_those_that_are():
    done = previewed("relo")
    assert done.returncode == 1 and "no page 'relo'" in done.stderr and " relu, " in done.stderr
