#!/usr/bin/env python3
"""Renames the leading directory of a `git archive` tarball.

usage: retar.py IN.tar.gz OLD_PREFIX/ NEW_PREFIX/ OUT.tar.gz

The code host serves `git archive --prefix=PROJECT-VERSION/ TAG | gzip -n -6`. Debian's original source of the same tag
differs in that prefix only. The result is byte for byte what the code host serves, which the caller checks by SHA-256.
"""
import gzip
import subprocess
import sys

BLOCK = 512
NAME_SIZE, PREFIX_SIZE = 100, 155  # of the ustar header's two fields for a path


def split_path(path):
    """Splits a path over the ustar fields (prefix, name) exactly as git's archive-tar.c does."""
    if len(path) <= NAME_SIZE:
        return b"", path
    end = len(path) - 1 if path.endswith(b"/") else len(path)
    end = min(end, PREFIX_SIZE)
    while end > 0 and path[end - 1:end] != b"/":
        end -= 1
    prefix, name = path[:end - 1], path[end:]
    if end == 0 or len(name) > NAME_SIZE:
        raise SystemExit(f"retar: a path is too long for a ustar header: {path!r}")
    return prefix, name


def with_checksum(header):
    header[148:156] = b" " * 8
    header[148:156] = b"%07o\0" % sum(header)
    return bytes(header)


def rename(tar, old, new):
    out = bytearray()
    at = 0
    while at < len(tar):
        header = bytearray(tar[at:at + BLOCK])
        if not any(header):  # the end marker and its padding
            return out + tar[at:]
        size = int(header[124:136].split(b"\0")[0] or b"0", 8)
        kind = bytes(header[156:157])
        end = at + BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK
        if kind in (b"x", b"L"):
            raise SystemExit("retar: extended headers are not supported")
        if kind != b"g":  # the global header holds the commit's id, not a path
            name, prefix = (bytes(header[a:b]).split(b"\0")[0] for a, b in ((0, NAME_SIZE), (345, 345 + PREFIX_SIZE)))
            path = prefix + b"/" + name if prefix else name
            if not path.startswith(old):
                raise SystemExit(f"retar: {path!r} does not begin with {old!r}")
            prefix, name = split_path(new + path[len(old):])
            header[:NAME_SIZE] = name.ljust(NAME_SIZE, b"\0")
            header[345:345 + PREFIX_SIZE] = prefix.ljust(PREFIX_SIZE, b"\0")
            header = with_checksum(header)
        out += bytes(header) + tar[at + BLOCK:end]
        at = end
    return out


def main():
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    source, old, new, target = sys.argv[1:]
    with gzip.open(source, "rb") as file:
        tar = rename(file.read(), old.encode(), new.encode())
    # GNU gzip, not Python's: the two compress to different bytes.
    with open(target, "wb") as file:
        subprocess.run(["gzip", "-n", "-6", "-c"], input=tar, stdout=file, check=True)


if __name__ == "__main__":
    main()
