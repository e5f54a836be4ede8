"""Files are packed part by part, and handed over when all of them are there."""

from __future__ import annotations

import io
import zipfile

from fer_demo.interface.widgets.packing import Packing


def test_each_step_makes_at_least_one_part_and_the_last_files_come_at_the_end() -> None:
    made: list[int] = []

    def part(number: int) -> dict[str, bytes | str]:
        made.append(number)
        return {f"{number}.txt": str(number)}

    packing = Packing("all.zip", [lambda: part(1), lambda: part(2)], lambda: {"about.txt": f"{len(made)} parts"})
    packing.advance(0)
    assert (packing.done, packing.total, made) == (1, 2, [1])
    packing.advance(60)
    assert packing.done == 2
    name, kind, content = packing.file()
    assert (name, kind) == ("all.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["1.txt", "2.txt", "about.txt"]
        assert archive.read("about.txt") == b"2 parts"
