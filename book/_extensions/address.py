"""Derive every public link from one setting, ``repository: url`` in ``_config.yml``.

While the setting is empty, the site names no address at all: no canonical links, no sitemap, no repository buttons, no
links to services that run notebooks. Once it is set, the site is expected at the repository's GitHub Pages address (or
at ``html: baseurl``).
"""

from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from sphinx.errors import ConfigError


def site_address(repository):
    """Return the GitHub Pages address of a repository.

    Parameters
    ----------
    repository : str
        Such as ``https://github.com/owner/name``; empty while the book has no public home.

    Returns
    -------
    str
        ``https://owner.github.io/name/``, or an empty string for an empty one.
    """
    if not repository:
        return ""
    parts = urlsplit(repository)
    names = parts.path.strip("/").split("/")
    if parts.scheme != "https" or parts.netloc != "github.com" or len(names) != 2:
        raise ConfigError(
            f"repository: url in _config.yml is {repository!r}; "
            "write it as https://github.com/owner/name, or leave it empty."
        )
    owner, name = names[0].lower(), names[1]
    return f"https://{owner}.github.io/" + ("" if name.lower() == f"{owner}.github.io" else f"{name}/")


def derive(app, config):
    """Fill in the settings that follow from the repository's address."""
    options = config.html_theme_options
    repository = options.get("repository_url", "")
    config.html_baseurl = config.html_baseurl or site_address(repository)
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path or "/"
    for button in ("use_repository_button", "use_issues_button"):
        options[button] = bool(repository)
    if not repository:
        options.pop("repository_url", None)


def write_sitemap(app, error):
    """Write ``sitemap.xml`` for search engines, if the site has an address."""
    if error or app.builder.format != "html" or not app.config.html_baseurl:
        return
    links = [app.config.html_baseurl + app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    rows = "".join(f"  <url><loc>{escape(link)}</loc></url>\n" for link in links)
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    (Path(app.outdir) / "sitemap.xml").write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}', "utf-8")


def root_page(app):
    """Return the page at the site's own address, unless the book's first page is there."""
    return [] if app.config.root_doc == "index" else [("index", {}, "root.html")]


def setup(app):
    """Connect the extension to Sphinx, before the theme reads its options."""
    app.connect("config-inited", derive, priority=100)
    app.connect("html-collect-pages", root_page)
    app.connect("build-finished", write_sitemap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
