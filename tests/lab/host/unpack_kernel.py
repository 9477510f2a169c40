"""Writes the kernel inside a bzImage that xz packed, or else the file as it is: unpack_kernel.py FILE > KERNEL"""

import lzma
import sys

XZ = b"\xfd7zXZ\x00"


def unpacked(image: bytes) -> bytes:
    """The ELF file that the machine would unpack. A reader of xz itself refuses what follows it in the image."""
    begin = image.find(XZ)
    return image if begin < 0 else lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(image[begin:])


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        sys.stdout.buffer.write(unpacked(file.read()))
