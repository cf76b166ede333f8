"""The closed sets of words in the interchange format; their values are what stands in the file."""

from enum import StrEnum


class Audience(StrEnum):
    """Who may see a board."""

    PUBLIC = "public"
    MEMBERS = "members"
    SEGMENT = "segment"
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


class Combination(StrEnum):
    """How the rules of a segment are combined."""

    ALL = "all"
    ANY = "any"


class Comparison(StrEnum):
    """How a rule of a segment compares."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Channel(StrEnum):
    """Where staff heard what they entered for a customer."""

    INTERVIEW = "interview"
    TICKET = "ticket"
    CALL = "call"
    MAIL = "mail"
    EVENT = "event"
    OTHER = "other"


class IdeaKind(StrEnum):
    """What an idea is."""

    IDEA = "idea"
    PROBLEM = "problem"
    FIX = "fix"


class RevisionKind(StrEnum):
    """Why a revision was stored."""

    PUBLISHED = "published"
    EDITED = "edited"
    RETITLED = "retitled"
    AMENDED = "amended"
    ADOPTED = "adopted"


class LinkKind(StrEnum):
    """How one idea stands to another."""

    RELATED = "related"
    PART_OF = "part_of"
    DEPENDS_ON = "depends_on"
    DUPLICATES = "duplicates"
    SPLIT_FROM = "split_from"


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

    AGAINST_PURPOSE = "against_purpose"
    TOO_FEW = "too_few"
    TOO_COSTLY = "too_costly"
    NOT_GOOD_ENOUGH = "not_good_enough"
    SOLVED_ANOTHER_WAY = "solved_another_way"
    NOT_OURS = "not_ours"


class Verdict(StrEnum):
    """What a reporter says after delivery."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"


class FollowReason(StrEnum):
    """Why a member follows an idea."""

    AUTHOR = "author"
    SUPPORT = "support"
    COMMENT = "comment"
    FIX = "fix"
    CHOSEN = "chosen"


class ContributionKind(StrEnum):
    """How somebody helped an idea that was delivered."""

    ORIGIN = "origin"
    MERGED_ORIGIN = "merged_origin"
    CO_AUTHOR = "co_author"
    AMENDMENT = "amendment"
    FIX = "fix"
    REPRODUCTION = "reproduction"
    CIRCUMSTANCES = "circumstances"
    EVIDENCE = "evidence"
    CONFIRMATION = "confirmation"
