"""What the process of test_bounded.py can be asked for."""

from __future__ import annotations

import os
import time

from fer_demo.errors import DataError


def answer(task: bytearray, content: bytearray) -> list[bytes | bytearray]:
    match task:
        case b"sleep":
            time.sleep(60)
        case b"work":
            while True:
                pass
        case b"fill":
            return [bytes(len(content) * 1_000_000)]
        case b"crash":
            os.abort()
        case b"refuse":
            raise DataError("This is not wanted; bring another.")
        case b"print":
            print("not an answer")
    return [content, str(os.getpid()).encode()]
