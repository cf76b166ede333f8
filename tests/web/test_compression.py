"""Pages come compressed, but not where their length could betray what they hold."""

import gzip

import brotli
import pytest
import zstandard
from flask import Flask, Response

from ideas.web.compression import init_compression

PAGE = "<p>An idea like any other.</p>" * 200


@pytest.fixture
def site() -> Flask:
    """A site with a long page, a short one, a picture, and a page that comes in parts."""
    app = Flask(__name__)
    init_compression(app)
    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule("/short", "short", lambda: "<p>Short.</p>")
    app.add_url_rule("/picture", "picture", lambda: Response(PAGE, mimetype="image/svg+xml"))
    app.add_url_rule("/parts", "parts", lambda: Response((part for part in [PAGE]), mimetype="text/html"))
    return app


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("*", "zstd"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_a_page_comes_in_the_best_encoding_that_the_browser_takes(
    site: Flask, accepted: str, encoding: str | None
) -> None:
    answer = site.test_client().get("/", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    unpack = {"zstd": zstandard.decompress, "br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert unpack(answer.data).decode() == PAGE
    assert answer.content_length == len(answer.data)
    assert "Accept-Encoding" in answer.vary


@pytest.mark.parametrize("path", ["/short", "/picture", "/parts"])
def test_what_is_short_no_page_or_comes_in_parts_is_left_as_it_is(site: Flask, path: str) -> None:
    assert "Content-Encoding" not in site.test_client().get(path, headers={"Accept-Encoding": "br"}).headers


@pytest.mark.parametrize(
    ("started_by", "is_compressed"),
    [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False), (None, False)],
)
def test_somebody_with_a_session_gets_a_page_that_another_site_asked_for_uncompressed(
    site: Flask, started_by: str | None, is_compressed: bool
) -> None:
    client = site.test_client()
    client.set_cookie("session", "somebody")
    headers = {"Accept-Encoding": "br"} | ({"Sec-Fetch-Site": started_by} if started_by else {})
    assert ("Content-Encoding" in client.get("/", headers=headers).headers) is is_compressed


def test_a_visitor_gets_a_compressed_page_wherever_they_come_from(site: Flask) -> None:
    answer = site.test_client().get("/", headers={"Accept-Encoding": "br", "Sec-Fetch-Site": "cross-site"})
    assert answer.headers["Content-Encoding"] == "br"


def test_asking_only_for_the_headers_tells_of_the_same_length(site: Flask) -> None:
    client = site.test_client()
    headers = {"Accept-Encoding": "br"}
    assert client.head("/", headers=headers).headers["Content-Length"] == str(
        len(client.get("/", headers=headers).data)
    )
