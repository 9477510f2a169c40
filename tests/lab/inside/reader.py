"""Reads a disk again and again past all caches until it is terminated: DEVICE RESULT.

RESULT gets one line as JSON: the number of reads, the longest time between two of them, and the error that ended it.
"""

import json
import mmap
import os
import signal
import sys
import time

SIZE = 65536


def read_on(device, seen):
    descriptor = os.open(device, os.O_RDONLY | os.O_DIRECT)
    buffer = mmap.mmap(-1, SIZE)
    end = os.lseek(descriptor, 0, os.SEEK_END)
    place, last = 0, time.monotonic()
    while not seen["over"]:
        os.preadv(descriptor, [buffer], place)
        now = time.monotonic()
        seen["reads"] += 1
        seen["longest"] = max(seen["longest"], now - last)
        place, last = (place + SIZE) % end, now


def main(device, result):
    seen = {"reads": 0, "longest": 0.0, "error": None, "over": False}
    signal.signal(signal.SIGTERM, lambda *_: seen.update(over=True))
    try:
        read_on(device, seen)
    except OSError as error:
        seen["error"] = str(error)
    with open(result, "w", encoding="utf-8") as file:
        json.dump(seen, file)


main(*sys.argv[1:])
