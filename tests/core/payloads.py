"""What attackers put into texts, in many spellings, and a reader that finds what got through."""

import re
from html.parser import HTMLParser

from ideas.core.markup import ATTRIBUTES, LINK_REL, SCHEMES, TAGS
from ideas.core.picturing import FILE_ADDRESS, SMALL_ADDRESS

#: Void elements have no end tag.
VOID = {"br", "hr", "img"}

PAYLOADS = (
    # Elements that run or load.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x0c>alert(1)</script\x0c>",
    "</p><script>alert(1)//",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=9>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><foreignObject><p onclick=alert(1)>x</p></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "<math href='javascript:alert(1)'>x</math>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    "<IMG SRC=`javascript:alert(1)`>",
    "<img src=x:x onerror\n=alert(1)>",
    "<image src=x onerror=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='data:text/html,<script>alert(1)</script>'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><img title='</title><img src=x onerror=alert(1)>'></title>",
    "<xmp><img title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style><img src='</style><img src=x onerror=alert(1)>'>",
    "<p style='background:url(//evil.example/x)'>x</p>",
    "<form action=//evil.example><button formaction='javascript:alert(1)'>x</button></form>",
    "<button form=ideas type=submit>x</button>",
    # Attributes that htmx obeys, that clobber names, or that dress up.
    "<p hx-get='/sign-out' hx-trigger='load'>x</p>",
    "<p data-hx-post='/admin/members' data-hx-trigger='load'>x</p>",
    "<p hx-on:load='alert(1)'>x</p>",
    "<p hx-on--after-request='alert(1)' data-hx-on:click='alert(1)'>x</p>",
    "<a href='/x' hx-boost=true hx-vals='js:{a:alert(1)}'>x</a>",
    "<p id=messages name=csrf_token class='visually-hidden'>x</p>",
    "<a id=location name=cookie href='https://ok.example'>x</a>",
    "<form id=document><input name=cookie></form>",
    "<a href='https://ok.example' target=_blank rel=opener onclick=alert(1)>x</a>",
    "<td onmouseover=alert(1) style=position:fixed>x</td>",
    # Addresses that are no addresses.
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script&colon;alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](DATA:image/svg+xml,<svg/onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://ok.example/1)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    "javascript:alert(1)",
    "javascript://ok.example/%0aalert(1)",
    # Markdown against itself.
    "![x](https://evil.example/pixel.gif)",
    "![x](x 'onerror=alert(1)')",
    "[x](https://ok.example 'x\" onmouseover=\"alert(1)')",
    '[x](https://ok.example" onmouseover="alert(1))',
    "[<img src=x onerror=alert(1)>](https://ok.example)",
    "[![x](javascript:alert(1))](javascript:alert(2))",
    'https://ok.example/"onmouseover="alert(1)',
    '<https://ok.example/"onmouseover="alert(1)>',
    '```"><script>alert(1)</script>\nx\n```',
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> | b |\n|:-:|-:|\n| <img src=x onerror=alert(1)> | javascript:alert(1) |",
    "> <script>alert(1)</script>\n> - <svg onload=alert(1)>",
    "# <a name=x onclick=alert(1)>x</a>",
    # Comments, entities and other markup.
    "<!-- --><script>alert(1)</script><!-- -->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<!doctype html><html onclick=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<\u0000script>alert(1)</script>",
    "<p/onclick=alert(1)//><<script>alert(1)//<</script>",
)


class Reader(HTMLParser):
    """Reads HTML as a browser's tokenizer would and notes all that should not be in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.words = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"element {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, []):
                self.wrong.append(f"attribute {name} of {tag}")
            if name == "href" and not is_safe(value or ""):
                self.wrong.append(f"address {value}")
            if name == "src" and not SMALL_ADDRESS.fullmatch(value or ""):
                self.wrong.append(f"picture from elsewhere {value}")
        if tag == "a" and ("rel", LINK_REL) not in attrs and not FILE_ADDRESS.fullmatch(dict(attrs).get("href") or ""):
            self.wrong.append("link that is not marked as not ours")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"unbalanced {tag}")

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"instruction {data}")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"declaration {data}")

    def close(self) -> None:
        super().close()
        self.wrong += [f"unclosed {tag}" for tag in self._open]


def is_safe(address: str) -> bool:
    """Tell whether a browser would read the address as one of ours or of an allowed scheme."""
    # Browsers drop these wherever they stand before they look for the scheme.
    squeezed = "".join(sign for sign in address if sign > " ")
    # Where what stands before the colon is no scheme, the whole is a path below the page's own address.
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", squeezed, re.IGNORECASE)
    return scheme is None or scheme[1].lower() in SCHEMES


def read(markup: str) -> Reader:
    """Return the reader behind the end of `markup`."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader
