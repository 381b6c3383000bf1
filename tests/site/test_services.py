"""Links to services that run notebooks, and the branch that they open: there with an address, absent without."""

import re
from types import SimpleNamespace

import pytest
import services

REPOSITORY = "https://github.com/owner/course"


@pytest.fixture
def app(tmp_path, monkeypatch):
    """What the extension sees of a build that has made one page and its copy."""
    (tmp_path / "html" / "book").mkdir(parents=True)
    (tmp_path / "html" / "book" / "relu.ipynb").write_text("{}")
    monkeypatch.setattr(services, "is_notebook", lambda app, name: name == "book/relu")
    config = SimpleNamespace(html_theme_options={"repository_url": REPOSITORY})
    return SimpleNamespace(config=config, outdir=tmp_path / "html", builder=SimpleNamespace(format="html"))


def page(app, name):
    context = {"body": ""}
    services.offer(app, name, "page.html", context, "a page")
    return context["body"]


def test_a_lesson_leads_to_its_copy_and_says_that_this_is_not_tested(app):
    found = re.findall(r'href="(.*?)"', page(app, "book/relu"))
    assert found == list(services.links(REPOSITORY, "relu.ipynb").values())
    assert all("owner/course" in url and "notebooks" in url and url.endswith("relu.ipynb") for url in found)
    assert "Not tested" in page(app, "book/relu")
    assert page(app, "book/library") == ""


def test_the_branch_has_the_copies_and_what_binder_installs(app):
    services.write_branch(app, None)
    branch = app.outdir.parent / "notebooks"
    names = {path.relative_to(branch).as_posix() for path in branch.rglob("*") if path.is_file()}
    assert names == {"README.md", "relu.ipynb", "binder/requirements.txt", "binder/runtime.txt"}
    assert f"git+{REPOSITORY}\n" in (branch / "binder" / "requirements.txt").read_text()


def test_without_an_address_there_is_nothing(app):
    app.config.html_theme_options.clear()
    services.write_branch(app, None)
    assert page(app, "book/relu") == "" and not (app.outdir.parent / "notebooks").exists()
