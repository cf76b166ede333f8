"""How mails about one idea find together in mail programs: each has a name that stays, and names the same beginning."""

from ideas.core.messages import message_id_of


def mail_id(member_id: int, key: str) -> str:
    """Return the Message-ID of the mail that tells a member of an event: the same with each try to send it."""
    return message_id_of(f"notification:{member_id}:{key}")


def thread_id(member_id: int, idea_id: int) -> str:
    """Return what all mails to a member about an idea refer to. No mail bears it: any of them may be the first."""
    return message_id_of(f"thread:{member_id}:{idea_id}")
