"""Who is let in: this computer, this page, this session, with requests that are not too large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.lab.client import ADDRESS, PORT, TOKEN, reached

from knoll.lab.guard import BodyBudget, Guard, Receive, Scope, Send
from knoll.messages import LANGUAGES, Language, sentence

REFUSED: dict[str, tuple[dict[str, str], int, str]] = {
    "a name that leads here": ({"host": f"evil.example:{PORT}"}, 403, "lab.other_host"),
    "another port": ({"host": "127.0.0.1:80"}, 403, "lab.other_host"),
    "another page": ({"origin": "http://evil.example"}, 403, "lab.other_origin"),
    "a file": ({"origin": "null"}, 403, "lab.other_origin"),
    "a page of another port": ({"origin": "http://127.0.0.1:1"}, 403, "lab.other_origin"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", REFUSED)
def test_others_are_refused(who: str, language: Language) -> None:
    headers, status, words = REFUSED[who]
    answer = reached().get(f"/?language={language}", headers=headers)
    assert (answer.status_code, answer.json()) == (status, {"error": sentence(words).text(language)})


@pytest.mark.parametrize("query", ["", "?t=", "?t=wrong", f"?t={TOKEN[:-1]}", "?t=%00", "?t=%E5%B0%8F"])
@pytest.mark.parametrize("path", ["/", "/view/layer", "/static/lab.js"])
def test_nobody_is_let_in_without_the_token(path: str, query: str) -> None:
    answer = reached(known=False).get(path + query)
    assert (answer.status_code, answer.json()) == (403, {"error": sentence("lab.token").text("en")})


def test_the_token_of_the_address_becomes_a_cookie() -> None:
    client = reached(known=False)
    page = client.get(f"/?t={TOKEN}")
    assert page.status_code == 200
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/static/lab.js").status_code == 200


def test_hosts_of_this_computer_are_let_in() -> None:
    for host in (f"localhost:{PORT}", f"[::1]:{PORT}"):
        assert reached().get("/", headers={"host": host}).status_code == 200
    assert reached().get("/", headers={"origin": ADDRESS}).status_code == 200


def test_pages_say_what_they_may_load() -> None:
    headers = reached().get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
def test_other_methods_are_refused(method: str) -> None:
    answer = reached().request(method, "/")
    assert (answer.status_code, answer.json()) == (405, {"error": sentence("lab.method").text("en")})


def test_a_long_body_is_refused_before_it_is_read() -> None:
    answer = reached().post("/image", content=b"x", headers={"content-length": str(100 << 20)})
    assert (answer.status_code, answer.json()) == (413, {"error": sentence("lab.long_body", most=8).text("en")})


def test_a_body_that_does_not_say_how_long_it_is_is_read_no_further_than_allowed() -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield bytes(1 << 20)

    assert reached().post("/image", content=endless()).status_code == 413


def test_a_long_address_is_refused() -> None:
    answer = reached().get("/view/layer?layer=" + "x" * 20_000)
    assert answer.status_code == 414
    short = reached().get("/view/layer?layer=" + "x" * 5000)
    assert (short.status_code, short.json()) == (400, {"error": sentence("lab.long_query", most=4000).text("en")})


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd",
        "/static/index.html", "/static/", "/static/%2fetc%2fpasswd", "/view/", "/view/nothing", "/view/..%2fapp",
        "/etc/passwd",
    ],
)  # fmt: skip
def test_paths_that_climb_out_lead_nowhere(path: str) -> None:
    answer = reached().get(path)
    assert (answer.status_code, answer.json()) == (404, {"error": sentence("lab.no_page").text("en")})


def test_all_bodies_together_have_a_limit_and_give_their_bytes_back() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        held.append(budget.left)
        assert len((await receive())["body"]) == 600
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    held: list[int] = []
    budget = BodyBudget(1000)
    guard = Guard(application, PORT, TOKEN, budget=budget)
    client = TestClient(guard, ADDRESS)
    for _ in range(3):
        assert client.post(f"/weights?t={TOKEN}", content=bytes(600)).status_code == 200
    assert held == [400] * 3
    budget.take(500)
    refused = client.post(f"/weights?t={TOKEN}", content=bytes(600))
    assert (refused.status_code, refused.json()) == (503, {"error": sentence("lab.busy").text("en")})
    assert budget.left == 500
