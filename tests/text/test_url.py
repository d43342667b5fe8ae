from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stance.schema import Article
from stance.settings import IngestSettings
from stance.text.failures import Failure
from stance.text.ingest import read_articles

PAGE = (
    "<html><head><title>Troops leave</title>"
    '<meta property="article:published_time" content="2020-07-22"></head><body><article>'
    "<h1>Troops leave</h1><p>The army said on Monday that it would leave the city of Türkan.</p>"
    "</article></body></html>"
)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answer = getattr(self, "answer_" + self.path.strip("/"), None)
        if answer:
            answer()
        else:
            self.send_error(404)

    def send(self, data: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()
        self.wfile.write(data)

    def answer_page(self) -> None:
        self.send(PAGE.encode("latin-1"), "text/html; charset=iso-8859-1")

    def answer_text(self) -> None:
        self.send(b"The army left.\r\nThey stayed.", "text/plain")

    def answer_pdf(self) -> None:
        self.send(b"%PDF-1.7", "application/pdf")

    def answer_json(self) -> None:
        self.send(b"{}", "application/json")

    def answer_large(self) -> None:
        self.send(b"x" * 2000, "text/plain")

    def answer_empty(self) -> None:
        self.send(b"", "text/html")

    def answer_slow(self) -> None:
        time.sleep(1)

    def answer_dribble(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def answer_moved(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/text")
        self.end_headers()

    def answer_loop(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/loop")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # clients that leave
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def read(url: str, **settings: float) -> Article | Failure:
    (item,) = read_articles([url], IngestSettings(**settings))  # type: ignore[arg-type]
    return item


def test_page(address: str) -> None:
    article = read(f"{address}/page")
    assert isinstance(article, Article)
    assert article.text.endswith("The army said on Monday that it would leave the city of Türkan.")
    assert (article.title, article.date) == ("Troops leave", "2020-07-22")
    assert article.id == article.source == f"{address}/page"
    assert article.warnings == ()


@pytest.mark.parametrize("path", ["text", "moved"])
def test_plain_text_also_after_a_redirect(address: str, path: str) -> None:
    article = read(f"{address}/{path}")
    assert isinstance(article, Article)
    assert article.text == "The army left.\nThey stayed."


@pytest.mark.parametrize(
    ("path", "settings", "reason"),
    [
        ("nothing", {}, "404"),
        ("pdf", {}, "PDF"),
        ("json", {}, "application/json"),
        ("empty", {}, "empty"),
        ("loop", {}, "redirect"),
        ("large", {"max_bytes": 1000}, "1,000 bytes"),
        ("slow", {"url_timeout": 0.1}, "0.1 seconds"),
    ],
)
def test_what_goes_wrong_is_a_failure(
    address: str, path: str, settings: dict[str, float], reason: str
) -> None:
    failure = read(f"{address}/{path}", **settings)
    assert isinstance(failure, Failure)
    assert failure.source == f"{address}/{path}"
    assert reason in failure.reason


def test_server_that_dribbles_is_left(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stance.text.url.TOTAL_TIMEOUTS", 1)
    failure = read(f"{address}/dribble", url_timeout=0.4)
    assert isinstance(failure, Failure)
    assert "1 times 0.4 seconds" in failure.reason


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://", "http://[", "http://a b/\0"])
def test_addresses_nobody_answers_at_are_failures(url: str) -> None:
    assert isinstance(read(url), Failure)
