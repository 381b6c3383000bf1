"""A folder served on this machine, to the tests of the site and to what measures it."""

import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without writing a log."""

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def serve(handler, kind=ThreadingHTTPServer):
    """Yield a server at any free port; it runs until the block ends."""
    server = kind(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def address(server):
    """Return where a server answers."""
    return f"http://127.0.0.1:{server.server_port}"
