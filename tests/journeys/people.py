"""People with a browser: what they do is written as they would say it."""

import re
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Page, expect

PASSWORD = "a long enough password"
MAIL_SECONDS = 20


@dataclass
class Person:
    """Somebody at a page of the site."""

    page: Page
    site: str

    def open(self, path: str) -> None:
        """Go to an address of the site."""
        self.page.goto(f"{self.site}{path}")

    def press(self, name: str, *, exact: bool = True) -> None:
        """Press the button with this name, the first where there are several."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def follow(self, name: str) -> None:
        """Follow the link with this name, the first where there are several."""
        self.page.get_by_role("link", name=name).first.click()

    def write(self, label: str, text: str) -> None:
        """Fill the field with this label, letter by letter as a person does."""
        field = self.page.get_by_label(label, exact=False).first
        field.fill("")
        field.press_sequentially(text, delay=1)

    def sees(self, text: str) -> None:
        """Expect a text on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def register(self, name: str, email: str, *, mail_folder: Path) -> None:
        """Make an account with the link from the mail; be signed in afterwards."""
        self.open("/register")
        self.write("Mail address", email)
        # Nobody fills in a form faster.
        self.page.wait_for_timeout(2_000)
        self.press("Send link")
        self.sees("Look into your mail")
        self.page.goto(_link_for(email, mail_folder))
        self.write("Name", name)
        self.page.get_by_label("Password").first.fill(PASSWORD)
        self.press("Create account")
        expect(self.page.get_by_role("link", name="My corner").first).to_be_visible()

    def sign_in(self, email: str) -> None:
        """Sign in with the password all have."""
        self.open("/sign-in")
        self.write("Mail address", email)
        self.page.get_by_label("Password").first.fill(PASSWORD)
        self.press("Sign in")
        expect(self.page.get_by_role("link", name="My corner").first).to_be_visible()

    @property
    def path(self) -> str:
        """Address of the present page, without the site and what follows #."""
        return self.page.url.removeprefix(self.site).split("#")[0].split("?")[0]


def _link_for(email: str, folder: Path) -> str:
    """Return the first address in the mail to somebody, once it is there."""
    end = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < end:
        for path in folder.glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            found = re.search(r"https?://\S+", body.get_content() if body else "")
            if email in str(message["To"]) and found:
                return found.group()
        time.sleep(0.1)
    raise AssertionError(f"no mail to {email}")
