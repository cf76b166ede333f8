"""How mail programs write a reply: the whole message, and what in it is the reply. The words are made up."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

SENDER = "Testers Ideas <ideas@ideas.example.com>"
OWN_NAMES = ("ideas@ideas.example.com", "@reply.example.com", "ideas.example.com")
REPLY = "It would help us too.\n\nWe export each Friday, by hand."
LINK = "https://ideas.example.com/ideas/abc"


@dataclass(frozen=True, slots=True)
class Shape:
    """A message without the headers of its way, and the words that its writer added."""

    message: str
    reply: str = REPLY


def plain(body: str, *, head: str = "text/plain; charset=utf-8") -> str:
    """Return a message of one part of text."""
    return f"Content-Type: {head}\nContent-Transfer-Encoding: 8bit\n\n{dedent(body).lstrip()}"


def both(text: str, html: str) -> str:
    """Return a message with its words in two forms."""
    return (
        'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b1"\n\n'
        f"--b1\n{plain(text)}\n--b1\n{page(html)}\n--b1--\n"
    )


def page(html: str) -> str:
    """Return a message of one part of HTML."""
    return plain(html, head="text/html; charset=utf-8")


GMAIL_HTML = """
<div dir="ltr"><div>It would help us too.</div><div><br></div>
<div>We export each <b>Friday</b>, by hand.</div></div><br>
<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Sun, Nov 22, 2026 at 9:12 AM Testers
Ideas &lt;<a href="mailto:ideas@ideas.example.com">ideas@ideas.example.com</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0"><p>Ada has commented.</p><a href="https://ideas.example.com/i">Read</a>
</blockquote></div>
"""

OUTLOOK_HTML = """
<html><head><style>p { margin: 0 }</style><title>Re: Export</title></head><body>
<div class="elementToProof">It would help us too.</div><div class="elementToProof"><br></div>
<div class="elementToProof">We export each Friday, by hand.</div>
<div id="appendonsend"></div><hr style="width:98%">
<div id="divRplyFwdMsg"><b>From:</b> Testers Ideas &lt;ideas@ideas.example.com&gt;<br><b>Sent:</b> Sunday<br>
<b>To:</b> Vera<br><b>Subject:</b> Export</div><div>Ada has commented.</div></body></html>
"""

SHAPES: Mapping[str, Shape] = {
    "Gmail": Shape(
        both(
            f"""
            It would help us too.

            We export each Friday, by hand.

            On Sun, Nov 22, 2026 at 9:12 AM Testers Ideas <
            ideas@ideas.example.com> wrote:

            > Ada has commented.
            > {LINK}
            """,
            GMAIL_HTML,
        )
    ),
    "Gmail, HTML only": Shape(page(GMAIL_HTML)),
    "Gmail in German": Shape(
        plain(
            f"""
            Das hilft auch uns.

            Am So., 22. Nov. 2026 um 09:12 Uhr schrieb Testers Ideas <
            ideas@ideas.example.com>:

            > Ada has commented.
            > {LINK}
            """
        ),
        "Das hilft auch uns.",
    ),
    "Gmail in French": Shape(
        plain(
            """
            Cela nous aiderait aussi.

            Le dim. 22 nov. 2026 à 09:12, Testers Ideas <ideas@ideas.example.com> a
            écrit :

            > Ada has commented.
            """
        ),
        "Cela nous aiderait aussi.",
    ),
    "Gmail in Spanish": Shape(
        plain(
            """
            También nos ayudaría.

            El dom, 22 nov 2026 a las 9:12, Testers Ideas (<ideas@ideas.example.com>)
            escribió:

            > Ada has commented.
            """
        ),
        "También nos ayudaría.",
    ),
    "Gmail in Finnish, which no table knows": Shape(
        plain(
            """
            Se auttaisi meitäkin.

            su 22.11.2026 klo 9.12 Testers Ideas (ideas@ideas.example.com)
            kirjoitti:

            > Ada has commented.
            """
        ),
        "Se auttaisi meitäkin.",
    ),
    "Gmail in Japanese": Shape(
        plain(
            """
            私たちにも役立ちます。

            2026年11月22日(日) 9:12 Testers Ideas <ideas@ideas.example.com>:

            > Ada has commented.
            """
        ),
        "私たちにも役立ちます。",
    ),
    "Outlook for Windows": Shape(
        plain(
            f"""
            It would help us too.

            We export each Friday, by hand.

            Kind regards,
            Vera Wright
            Head of Exports | Wright & Sons | +49 30 555 0199

            From: {SENDER}
            Sent: Sunday, November 22, 2026 9:12 AM
            To: Vera Wright <vera@example.org>
            Subject: Ada has commented: Export

            Ada has commented.
            {LINK}
            """
        )
    ),
    "Outlook on the web, HTML only": Shape(page(OUTLOOK_HTML)),
    "Outlook in German": Shape(
        plain(
            f"""
            Das hilft auch uns.

            Mit freundlichen Grüßen
            Vera Wright

            ________________________________
            Von: {SENDER}
            Gesendet: Sonntag, 22. November 2026 09:12
            An: Vera Wright <vera@example.org>
            Betreff: Ada has commented: Export

            Ada has commented.
            """
        ),
        "Das hilft auch uns.",
    ),
    "Outlook on a telephone": Shape(
        plain(
            f"""
            It would help us too.

            We export each Friday, by hand.

            Get Outlook for iOS<https://aka.ms/o0ukef>
            ________________________________
            From: {SENDER}
            Sent: Sunday, November 22, 2026 9:12:33 AM
            To: Vera Wright <vera@example.org>
            Subject: Export

            Ada has commented.
            """
        )
    ),
    "Apple Mail": Shape(
        plain(
            f"""
            It would help us too.

            We export each Friday, by hand.

            > On 22 Nov 2026, at 09:12, {SENDER} wrote:
            >
            > Ada has commented.
            > {LINK}
            """
        )
    ),
    "iPhone": Shape(
        plain(
            f"""
            It would help us too.

            We export each Friday, by hand.

            Sent from my iPhone

            > On 22 Nov 2026, at 09:12, {SENDER} wrote:
            >
            > Ada has commented.
            """
        )
    ),
    "iPhone in Dutch, the quotation next to the words": Shape(
        plain(
            f"""
            Dat zou ons ook helpen.
            Op 22 nov 2026 om 09:12 heeft {SENDER} het volgende geschreven:
            > Ada has commented.
            """
        ),
        "Dat zou ons ook helpen.",
    ),
    "Thunderbird, lines that flow": Shape(
        "Content-Type: text/plain; charset=UTF-8; format=flowed\nContent-Transfer-Encoding: 8bit\n\n"
        "It would \nhelp us too.\n\nWe export each Friday, \nby hand.\n\n-- \nVera Wright\nWright & Sons\n\n"
        f"On 22.11.26 09:12, {SENDER.split(' <', 1)[0]} wrote:\n> Ada has commented.\n> {LINK}\n"
    ),
    "Thunderbird, answered below": Shape(
        plain(
            f"""
            Am 22.11.26 um 09:12 schrieb Testers Ideas:
            > Ada has commented.
            > {LINK}

            It would help us too.

            We export each Friday, by hand.

            --
            Vera Wright
            """
        )
    ),
    "answered between the lines": Shape(
        plain(
            """
            On 22.11.26 09:12, Testers Ideas wrote:
            > Who else needs it?

            It would help us too.

            > And how often?

            We export each Friday, by hand.
            """
        )
    ),
    "no quotation at all": Shape(plain(REPLY)),
    "letters of Windows": Shape(
        "Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable\n\n"
        "Caf=E9 =96 that would help us.\n",
        "Café – that would help us.",
    ),
    "a character set that nobody knows": Shape(
        plain("It would help us too.\n", head="text/plain; charset=x-own"), "It would help us too."
    ),
    "an empty text beside the HTML": Shape(both("\n", GMAIL_HTML)),
    "a sentence that begins like a closing": Shape(
        plain(
            """
            Hello,

            Thanks, that works for the small files.
            Best of all would be a button.

            Data: 40 files a week.
            To: be fair, it is not urgent.
            """
        ),
        "Hello,\n\nThanks, that works for the small files.\nBest of all would be a button.\n\n"
        "Data: 40 files a week.\nTo: be fair, it is not urgent.",
    ),
    "words that look like a quotation of somebody else": Shape(
        plain(
            """
            I asked around.
            On Monday the head of sales wrote:
            we need this by May.
            """
        ),
        "I asked around.\nOn Monday the head of sales wrote:\nwe need this by May.",
    ),
    "a list": Shape(
        page("<p>We need:</p><ul><li>dates</li><li>sums</li></ul><script>alert(1)</script><p>Thank you</p>"),
        "We need:\n\n- dates\n- sums",
    ),
}
