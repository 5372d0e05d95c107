"""Images that are built from what their Dockerfiles copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vwt_local.containers import build_all

ENTRY = {"images": r".+:1", "dockerfile": "a/Dockerfile", "builtIn": False, "environment": {"VWT_X": "1"}}


def table(folder: Path, text: str, **changes: object) -> Path:
    (folder / "a" / "package").mkdir(parents=True)
    (folder / "a" / "train").write_text("print('trains')")
    (folder / "a" / "Dockerfile").write_text(text)
    path = folder / "images.json"
    path.write_text(json.dumps([{**ENTRY, **changes}]))
    return path


def test_an_image_holds_what_is_copied_and_follows_its_folders(tmp_path: Path) -> None:
    path = table(tmp_path, "FROM python\nCOPY a/train ./\nRUN pip install\nCOPY a/package ./package\n")
    for _ in range(2):
        (image,) = build_all(path, tmp_path / "built")
        assert sorted(found.name for found in image.folder.iterdir()) == ["package", "train"]
    (tmp_path / "a" / "package" / "new.py").touch()
    assert (image.folder / "package" / "new.py").exists()
    assert image.program("train").read_text() == "print('trains')"
    assert (image.names.fullmatch("r:1") is not None, image.names.fullmatch("r:12")) == (True, None)
    assert (image.built_in, image.environment) == (False, {"VWT_X": "1"})


@pytest.mark.parametrize(
    ("dockerfile", "changes", "cause"),
    [
        ("COPY --from=other a/train ./\n", {}, "options of COPY are not understood"),
        ("COPY a/serve ./\n", {}, "which is not there"),
        ("", {"images": "("}, "cannot be built: error"),
        ("", {"dockerfile": "Dockerfile"}, "cannot be built: FileNotFoundError"),
        ("", {"environment": 1, "builtIn": 1, "images": 1}, "cannot be built: TypeError"),
    ],
)
def test_says_why_an_image_cannot_be_built(
    tmp_path: Path, dockerfile: str, changes: dict[str, object], cause: str
) -> None:
    with pytest.raises(ValueError, match=cause):
        build_all(table(tmp_path, dockerfile, **changes), tmp_path / "built")
