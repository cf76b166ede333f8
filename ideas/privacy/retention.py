"""How long is kept what says from where somebody came and what was sent to them."""

from datetime import timedelta

#: Network addresses and browsers beside sessions.
KEEP_ADDRESSES = timedelta(days=30)
#: Mails written into files instead of being sent.
KEEP_MAIL_FILES = timedelta(days=30)
#: Links and invitations that were used or have run out.
KEEP_LINKS = timedelta(days=30)
#: Files with everything about somebody, for them to fetch.
KEEP_EXPORTS = timedelta(days=7)
#: Which forms were sent by whom, so that none makes the same thing twice.
KEEP_FORMS = timedelta(days=7)
#: Messages to other programs, to be looked at and sent again.
KEEP_MESSAGES = timedelta(days=30)
#: Addresses that a mail server refused; later they are tried again.
KEEP_REFUSED = timedelta(days=180)
#: How many mails were sent on which day.
KEEP_MAIL_COUNTS = timedelta(days=365)
#: Proposals that nobody has published, since somebody last changed them.
KEEP_DRAFTS = timedelta(days=180)
#: What a draft became, for those who had it open when it was published.
KEEP_PUBLISHED_DRAFTS = timedelta(days=30)
