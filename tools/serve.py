"""Serve a built site on this machine only: ``python tools/serve.py [FOLDER] [PORT]``."""

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line per request."""

    def log_message(self, *args):
        pass


def open_server(folder, port):
    """Return a server for `folder` on 127.0.0.1 at `port`, or at any free port when `port` is taken."""
    handler = partial(Quiet, directory=folder)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def main():
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default="_build/html")
    parser.add_argument("port", nargs="?", type=int, default=8000)
    options = parser.parse_args()
    with open_server(options.folder, options.port) as server:
        print(f"The book is at http://127.0.0.1:{server.server_port}/ (Ctrl-C stops it).", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
