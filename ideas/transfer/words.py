"""The closed sets of words in the interchange format; their values are what stands in the file."""

from enum import StrEnum


class Audience(StrEnum):
    """Who may see a board."""

    PUBLIC = "public"
    STAFF = "staff"


class Degree(StrEnum):
    """How far customers decide on a board."""

    INFORM = "inform"
    CONSULT = "consult"
    CO_DESIGN = "co-design"
    DECIDE = "decide"


class Hue(StrEnum):
    """The colour of a board."""

    PETROL = "petrol"
    RUST = "rust"
    MOSS = "moss"
    PLUM = "plum"
    INK = "ink"
    OCHRE = "ochre"
    PINE = "pine"
    HEATHER = "heather"


class Category(StrEnum):
    """What a status amounts to."""

    OPEN = "open"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    DECLINED = "declined"
    PARKED = "parked"


class MemberKind(StrEnum):
    """On whose side a member stands."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    STAFF = "staff"


class IdeaKind(StrEnum):
    """What an idea is."""

    IDEA = "idea"
    PROBLEM = "problem"
    FIX = "fix"


class RevisionKind(StrEnum):
    """Why a revision was stored."""

    ORIGINAL = "original"
    EDIT = "edit"
    RETITLE = "retitle"


class Strength(StrEnum):
    """How much a supporter needs it."""

    NICE = "nice"
    IMPORTANT = "important"
    CRITICAL = "critical"


class CommentAudience(StrEnum):
    """Who may read a comment."""

    PUBLIC = "public"
    INTERNAL = "internal"


class ReactionKind(StrEnum):
    """What a reaction says."""

    THANKS = "thanks"
    HELPFUL = "helpful"
    SAME_HERE = "same_here"


class DeclineReason(StrEnum):
    """The kind of reason for a no."""

    NOT_GOOD_ENOUGH = "not_good_enough"
    AGAINST_PURPOSE = "against_purpose"
    TOO_FEW = "too_few"
    TOO_COSTLY = "too_costly"
    SOLVED_OTHERWISE = "solved_otherwise"
    NOT_POSSIBLE = "not_possible"
    DUPLICATE = "duplicate"
    AGAINST_RULES = "against_rules"
    UNCLEAR = "unclear"
    OTHER = "other"


class Verdict(StrEnum):
    """What a reporter says after delivery."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"


class CreditKind(StrEnum):
    """The contribution that a credit is for."""

    ORIGIN = "origin"
    CO_AUTHORING = "co_authoring"
    ACCEPTED_AMENDMENT = "accepted_amendment"
    ACCEPTED_FIX = "accepted_fix"
    REPRODUCTION = "reproduction"
    TEST = "test"
    EVIDENCE = "evidence"
    CONFIRMATION = "confirmation"
