"""What the forms of routes send, so that a refusal is about rights and not about what was typed.

A value such as "=guest" stands for what has that name in the tests' world, on the board asked for.
"""

from collections.abc import Mapping

#: What a person would send who means it; everything else is asked with an empty form.
FORMS: Mapping[str, Mapping[str, str]] = {
    "admin.add_belonging": {"handle": "nobody"},
    "admin.edit_organisation": {"name": "Some Customer", "plan": "small", "attributes": "seats = 5"},
    "admin.new_organisation": {"name": "New Customer", "annual_value": "12.50", "currency": "EUR"},
    "admin.add_to_segment": {"handle": "nobody"},
    "admin.edit_segment": {"name": "Changed Segment", "attribute_0": "member.kind", "value_0": "partner"},
    "admin.new_segment": {"name": "New Segment", "attribute_0": "organisation.plan", "value_0": "gold"},
    "admin.site_words": {
        "name": "Testers",
        "tagline": "Better.",
        "footer": "We test.",
        "hue": "petrol",
        "registration": "open",
    },
    "admin.try_again": {"row": "=failed"},
    "admin.try_all_again": {"job": "mail.send"},
    "authors.ask": {"note": "I know this well."},
    "authors.decide": {"request": "=asking", "decision": "accept"},
    "authors.invite": {"handle": "=guest", "note": "You know this well."},
    "cocreation.choose": {"note": "It is the smallest change that helps."},
    "cocreation.confirm": {"verdict": "fixed", "note": "Looked at it twice."},
    "cocreation.publish_fix": {"title": "Mend it like this", "body": "Do this and that."},
    "cocreation.unchoose": {"reason": "There is a better one."},
    "commenting.post": {"body": "I think so too."},
    "commenting.react": {"kind": "helpful"},
    "commenting.save": {"body": "Said in other words.", "seen": "anything"},
    "corner.change_settings": {"name": "Somebody Else", "bio": "Tests."},
    "customers.take_back": {"handle": "=supporter"},
    "desk.add_note": {"note": "Ask the workshop first."},
    "drafting.join": {"answer": "yes"},
    "drafting.keep": {"title": "Not yet", "body": "But soon.", "draft": "bcdfghjkmn", "seen": "0"},
    "drafting.name": {"handle": "=writer along"},
    "drafting.take_name_back": {"handle": "=asked to write"},
    "ideation.save": {"title": "Make it better still", "body": "It would help.", "note": "", "seen_revision": "1"},
    "ideation.withdraw": {"reason": "I was wrong about it."},
    "invitations.remove": {"handle": "=guest"},
    "invitations.revoke": {"invitation": "=invitation"},
    "mailin.decide": {"decision": "discard"},
    "moderation.act": {"action": "lock", "reason": "It has become too hot."},
    "moderation.act_on_comment": {"action": "hide", "reason": "It hurts somebody."},
    "moderation.decide": {"decision": "dismiss", "reason": "There is nothing wrong with it."},
    "moderation.report": {"reason": "spam", "text": "Look at this."},
    "moderation.report_comment": {"reason": "spam", "text": "Look at this."},
    "preferences.theme": {"theme": "dark"},
    "responding.send": {"body": "We have read this carefully and will come back to it."},
    "voting.keep": {"seen_revision": "1"},
    "voting.need": {"need": "For our drivers."},
}
