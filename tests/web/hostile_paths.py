"""Texts for `next=` that lead away from the site, or might in some browser or proxy."""

EVIL = "evil.example"

#: Signs that browsers take for a slash, leave out, or end an address with.
SIGNS = ("\\", "\t", "\n", "\r", "\x00", "\x0b", "\x0c", "\x1f", " ", "\x7f", "\x85", "\xa0", "\u2028", "\u3000")
ENCODED = ("%5c", "%5C", "%09", "%0a", "%0d", "%00", "%0b", "%0c", "%1f", "%20", "%7f", "%c2%85", "%255c", "%2509")

HOSTILE = (
    *(f"{slashes}{EVIL}" for slashes in ("//", "///", "////", "//////////")),
    *(
        f"{scheme}{EVIL}"
        for scheme in ("http://", "https://", "HTTPS://", "ftp://", "ws://", "http:", "https:/", "://")
    ),
    *(
        f"{scheme}:alert(1)"
        for scheme in ("javascript", "JaVaScRiPt", "java\tscript", "vbscript", "data", "file", "blob")
    ),
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "mailto:a@evil.example",
    "tel:110",
    "view-source:https://evil.example",
    EVIL,
    f"www.{EVIL}",
    f"@{EVIL}",
    f".{EVIL}",
    f":@{EVIL}",
    f"localhost@{EVIL}",
    f"http://localhost@{EVIL}",
    f"http://localhost:80@{EVIL}",
    f"http://localhost.{EVIL}",
    f"http://{EVIL}#localhost",
    f"http://{EVIL}?localhost",
    f"http://{EVIL}\\@localhost",
    "http://localhost/",
    "//localhost/",
    f"//localhost@{EVIL}",
    f"//{EVIL}/%2f..",
    f"//{EVIL}%2f%2e%2e",
    f"///{EVIL}//",
    "//[::1]/",
    "//0/",
    "//2130706433/",
    "//127.1/",
    "http://[",
    "//[",
    "/\\[",
    *(f"/{sign}/{EVIL}" for sign in SIGNS),
    *(f"{sign}//{EVIL}" for sign in SIGNS),
    *(f"/{sign}/{EVIL}" for sign in ENCODED),
    *(f"/{sign}{EVIL}" for sign in ("\\", "\\\\", "\\/", "%5c", "%5c%5c", "%255c", "%25255c")),
    *(f"{sign}{EVIL}" for sign in ("\\\\", "\\/", "\\", "%2f%2f", "%5c%5c", "/%2f", "/%2F", "/%252f", "/%252F%252F")),
    f"/%2f%2f{EVIL}",
    f"/%25252f{EVIL}",
    f"/\u2215{EVIL}\x00",
    f"/{EVIL}\r\nLocation: https://{EVIL}",
    f"/%0d%0aLocation:%20https://{EVIL}",
    "/x%0d%0aSet-Cookie:%20a=b",
    "/x\r\nSet-Cookie: a=b",
    "/x\nSet-Cookie: a=b",
    "?next=//evil.example",
    "#//evil.example",
    ";//evil.example",
    "./../evil",
    "../evil",
    "evil",
    "*",
    "",
    " ",
)
