"""The lab as a server on this computer alone."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from types import FrameType

from knoll.errors import FileError, UnsupportedError, system_reason
from knoll.lab.resources import Resources
from knoll.messages import Language, say

HOST = "127.0.0.1"


def serve(resources: Resources, port: int, language: Language, began: Callable[[str], None]) -> None:
    """Serve the lab until Ctrl-C; `began` is told its address. Port 0 is one that is free.

    Raises UnsupportedError where what it needs is not installed, FileError where the port is taken.
    """
    try:
        import uvicorn

        from knoll.lab.app import application
    except ModuleNotFoundError as error:
        raise UnsupportedError(say("lab.missing", name=error.name), advice="pip install 'knoll[lab]'") from None
    with _listening(port) as listener:
        own, token = listener.getsockname()[1], secrets.token_hex(24)
        config = uvicorn.Config(
            application(resources, own, token, language),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=512,
            timeout_keep_alive=15,
            h11_max_incomplete_event_size=32 << 10,
        )

        class Server(uvicorn.Server):
            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                resources.ending.set()  # streams would be waited for
                super().handle_exit(sig, frame)

        began(f"http://{HOST}:{own}/?t={token}")
        Server(config).run([listener])


def _listening(port: int) -> socket.socket:
    """A socket of this computer alone. Raises FileError."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise FileError.after(error, say("lab.port", port=port, reason=system_reason(error))) from None
