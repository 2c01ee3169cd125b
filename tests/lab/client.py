"""The lab as a client reaches it."""

from __future__ import annotations

from starlette.testclient import TestClient

from knoll.lab.app import application
from knoll.lab.resources import Resources
from knoll.messages import Language

PORT, TOKEN = 8421, "a-token-that-only-the-person-knows"
ADDRESS = f"http://127.0.0.1:{PORT}"


def reached(resources: Resources | None = None, language: Language = "en", *, known: bool = True) -> TestClient:
    """A client of the lab, with its cookie unless it is not known."""
    client = TestClient(
        application(resources or Resources(), PORT, TOKEN, language), ADDRESS, raise_server_exceptions=False
    )
    if known:
        client.cookies.set(f"knoll-lab-{PORT}", TOKEN)
    return client
