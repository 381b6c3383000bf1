"""Give every page a Content-Security-Policy, so that a browser refuses whatever the book does not serve itself.

The theme has a few inline scripts. They are allowed one by one, by their hash: any other inline script is refused.
Links that lead elsewhere say ``rel="noopener"``.
"""

import base64
import hashlib
import re
from pathlib import Path

POLICY = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"
)
CHARSET = '<meta charset="utf-8" />'
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
EXECUTABLE = {"", "module", "text/javascript"}
LINK_OUT = re.compile(r'<a (?=[^>]*href="https?:)(?![^>]*\brel=)')


def script_hash(code):
    """Return the source expression that allows one inline script."""
    digest = hashlib.sha256(code.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def is_inline_code(attributes):
    """Tell whether a script element with these attributes holds code (and not data, nor a link to a file)."""
    kind = re.search(r'type="([^"]*)"', attributes)
    return "src=" not in attributes and (kind.group(1) if kind else "") in EXECUTABLE


def policy(html):
    """Return the policy for one page: its own files and its own inline scripts."""
    hashes = {script_hash(code) for attributes, code in SCRIPT.findall(html) if is_inline_code(attributes)}
    return POLICY.format(hashes=" ".join(sorted(hashes)))


def protect(html):
    """Return the page with its policy in the head; a page that has one already comes back unchanged.

    >>> protect('<a href="https://example.org/">there</a><a href="here.html">here</a>')
    '<a rel="noopener" href="https://example.org/">there</a><a href="here.html">here</a>'
    """
    if "Content-Security-Policy" in html:
        return html
    html = LINK_OUT.sub('<a rel="noopener" ', html)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(html)}" />'
    return html.replace(CHARSET, f"{CHARSET}\n    {meta}", 1)


def protect_pages(app, error):
    """Protect all pages of a finished HTML build."""
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        page.write_text(protect(page.read_text("utf-8")), "utf-8")


def setup(app):
    """Connect the extension to Sphinx, after everything else that writes pages."""
    app.connect("build-finished", protect_pages, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
