"""Static files: names that change with the content, joined and compressed beforehand, kept for a year."""

import gzip
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest
from flask import Flask

from ideas.app import ROOT
from ideas.web import assets
from ideas.web.assets import build, join, listed

pytestmark = pytest.mark.once


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    for name, content in {
        "css/bundle.txt": "# order matters\ncss/one.css\n\ncss/two.css\n",
        "css/one.css": "a { color: red }",
        "css/two.css": "b { color: blue }",
        "js/bundle.txt": "js/x.js\njs/y.js\n",
        "js/x.js": "const name = 1;",
        "js/y.js": "const name = 2; // the end",
        "img/dot.png": "\x89PNG",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def snapshot(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_parts_of_a_bundle_become_one_file_in_their_order(source: Path, tmp_path: Path) -> None:
    names = build(source, tmp_path / "out")
    assert (tmp_path / "out" / names["css/ideas.css"]).read_text() == "a { color: red }\nb { color: blue }"


def test_scripts_of_a_bundle_keep_their_names_to_themselves() -> None:
    joined = join("js/ideas.js", [b"const name = 1;", b"const name = 2; // the end"]).decode()
    assert joined == "{\nconst name = 1;\n}\n{\nconst name = 2; // the end\n}\n"


def test_remarks_in_a_list_are_no_paths() -> None:
    assert listed(b"# a\n  b.css \n\n#c\nd.css") == ["b.css", "d.css"]


def test_a_part_that_is_not_there_is_told_by_name(source: Path, tmp_path: Path) -> None:
    (source / "css/two.css").unlink()
    with pytest.raises(KeyError, match=r"css/two\.css"):
        build(source, tmp_path / "out")


def test_a_name_changes_with_the_content_and_only_then(source: Path, tmp_path: Path) -> None:
    before = build(source, tmp_path / "out")
    assert build(source, tmp_path / "other") == before
    (source / "css/two.css").write_text("b { color: navy }")
    after = build(source, tmp_path / "out")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"css/two.css", "css/ideas.css"}
    assert (tmp_path / "out" / before["css/ideas.css"]).exists()
    assert all(re.search(r"\.[0-9a-f]{12}\.\w+$", name) for name in after.values())


def test_texts_are_compressed_beforehand_and_pictures_are_not(source: Path, tmp_path: Path) -> None:
    names = build(source, tmp_path / "out")
    for name in ("css/ideas.css", "js/ideas.js"):
        path = tmp_path / "out" / names[name]
        assert brotli.decompress(Path(f"{path}.br").read_bytes()) == path.read_bytes()
        assert gzip.decompress(Path(f"{path}.gz").read_bytes()) == path.read_bytes()
    picture = tmp_path / "out" / names["img/dot.png"]
    assert picture.exists()
    assert not Path(f"{picture}.br").exists()


def test_many_builds_at_once_leave_whole_files_and_nothing_else(source: Path, tmp_path: Path) -> None:
    (source / "css/one.css").write_text("a { color: red }\n" * 20_000)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: build(source, tmp_path / "out"), range(6)))
    build(source, tmp_path / "alone")
    assert all(names == results[0] for names in results)
    assert snapshot(tmp_path / "out") == snapshot(tmp_path / "alone")


def test_a_file_that_was_cut_off_is_written_again(source: Path, tmp_path: Path) -> None:
    name = build(source, tmp_path / "out")["css/ideas.css"]
    for path in (tmp_path / "out" / name, tmp_path / "out" / f"{name}.br"):
        path.write_bytes(path.read_bytes()[:-3])
    build(source, tmp_path / "out")
    content = (tmp_path / "out" / name).read_bytes()
    assert content.endswith(b"}")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("css/ideas.css", "text/css"),
        ("js/ideas.js", "text/javascript"),
        ("vendor/htmx/htmx.min.js", "text/javascript"),
        ("img/favicon.svg", "image/svg+xml"),
    ],
)
def test_files_are_served_for_a_year_with_their_type(session_app: Flask, path: str, kind: str) -> None:
    address = session_app.jinja_env.globals["asset"](path)  # type: ignore[operator]
    answer = session_app.test_client().get(address)
    assert answer.status_code == 200
    assert answer.content_type.split(";")[0] == kind
    control = answer.headers["Cache-Control"]
    assert "immutable" in control
    assert "public" in control
    assert "max-age=31536000" in control
    answer.close()


@pytest.mark.parametrize(("accepted", "coding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_the_best_coding_that_a_browser_knows_is_sent(session_app: Flask, accepted: str, coding: str | None) -> None:
    address = session_app.jinja_env.globals["asset"]("css/ideas.css")  # type: ignore[operator]
    answer = session_app.test_client().get(address, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    listed_parts = listed((ROOT / "static/css/bundle.txt").read_bytes())
    assert unpack(answer.data) == join(
        "css/ideas.css", [(ROOT / "static" / part).read_bytes() for part in listed_parts]
    )
    answer.close()


@pytest.mark.parametrize(
    "path", ["/assets/css/ideas.css", "/assets/../ideas.db", "/assets/%2e%2e/ideas.db", "/assets/"]
)
def test_nothing_but_built_files_is_served(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_every_part_of_the_bundles_is_there_and_no_part_is_forgotten() -> None:
    for kind in ("css", "js"):
        named = listed((ROOT / f"static/{kind}/bundle.txt").read_bytes())
        found = {str(path.relative_to(ROOT / "static")) for path in (ROOT / "static" / kind).rglob(f"*.{kind}")}
        assert set(named) <= found
        assert len(named) == len(set(named))
    assert set(assets.BUNDLES) == {"css/ideas.css", "js/ideas.js"}
