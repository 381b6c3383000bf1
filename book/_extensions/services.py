"""Links that open a lesson in Binder and in Colab, and what these need, once the repository has an address.

Both open notebooks of a branch of the repository. The branch ``notebooks`` holds the copies for download and what
Binder installs; the build writes its files beside the site, and the workflow ``publish.yml`` puts them there.

Neither service was tried with this course, and the links say so.
"""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from notebooks import is_notebook

BRANCH = "notebooks"
SERVICES = {
    "Binder": "https://mybinder.org/v2/gh/{name}/{branch}?labpath={file}",
    "Colab": "https://colab.research.google.com/github/{name}/blob/{branch}/{file}",
}
OFFER = '<p class="run-note">The same notebook on a service, which runs it elsewhere: {links}. Not tested.</p>'


def links(repository, file):
    """Return the addresses of a notebook in the services.

    >>> links("https://github.com/owner/course", "relu.ipynb")["Colab"]
    'https://colab.research.google.com/github/owner/course/blob/notebooks/relu.ipynb'
    """
    name = urlsplit(repository).path.strip("/")
    return {service: form.format(name=name, branch=BRANCH, file=file) for service, form in SERVICES.items()}


def files(repository):
    """Return what stands beside the notebooks in their branch, by name."""
    return {
        "README.md": f"The lessons of {repository} as notebooks, made with its site: change nothing here.\n",
        "binder/requirements.txt": f"git+{repository}\njupyterlab\n",
        "binder/runtime.txt": "python-3.13\n",
    }


def repository_of(app):
    """Return the repository's address, or an empty text."""
    return app.config.html_theme_options.get("repository_url", "")


def offer(app, pagename, templatename, context, doctree):
    """Put the links at the end of a lesson."""
    if doctree is not None and repository_of(app) and is_notebook(app, pagename):
        found = links(repository_of(app), f"{pagename.rpartition('/')[2]}.ipynb")
        context["body"] += OFFER.format(links=", ".join(f'<a href="{url}">{name}</a>' for name, url in found.items()))


def write_branch(app, error):
    """Write the files of the branch beside the finished site."""
    if error or app.builder.format != "html" or not repository_of(app):
        return
    folder = Path(app.outdir).parent / BRANCH
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files(repository_of(app)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    for copy in Path(app.outdir).rglob("*.ipynb"):
        shutil.copy2(copy, folder)


def setup(app):
    """Connect the extension to Sphinx, after what is said of running the cells in the page."""
    app.connect("html-page-context", offer, priority=600)
    app.connect("build-finished", write_branch)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
