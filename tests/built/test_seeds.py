# SPDX-License-Identifier: Apache-2.0
"""The seeds of the fuzz targets are what fuzz/seeds.py writes: of the vectors and the targets as they are."""

from pathlib import Path

FUZZ = Path(__file__).resolve().parents[2] / "fuzz"


def seeds_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_they_are_new(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(FUZZ)
    import seeds  # noqa: PLC0415

    monkeypatch.setattr(seeds, "FUZZ", tmp_path)
    seeds.main()
    written = seeds_in(tmp_path / "corpus")
    assert written == seeds_in(FUZZ / "corpus") and len(written) > 300
