"""No connections: with this folder on its path, Python refuses to connect to anything but itself."""

import sys


def refuse(event, arguments):
    """Refuse to look up or to call another machine; a kernel and who asks it are on this one."""
    if event == "socket.connect":
        where = arguments[1]
        here = not isinstance(where, tuple) or where[0] in ("127.0.0.1", "::1", "localhost")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        here = arguments[0] in (None, "", "127.0.0.1", "::1", "localhost")
    else:
        return
    if not here:
        raise PermissionError(f"a lesson connects to nothing: {event} {arguments[1:]}")


sys.addaudithook(refuse)
