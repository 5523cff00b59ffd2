"""Who is let in."""

from ipaddress import ip_address

from starlette.requests import Request

from serving.problems import Problem


def caller(request: Request) -> str:
    """The address of the caller; raises `Problem` for any other machine.

    There are no keys and no roles yet: whoever can reach the service from this machine is let in, to everything, and
    nobody else is, whatever address the service listens on. Behind a proxy on this machine everybody looks local.
    """
    host = request.client.host if request.client else ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Problem("not-allowed", "only callers on the service's own machine are let in")
    return host
