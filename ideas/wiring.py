"""The one table that answers "what happens when …?": events to handlers, job names to functions."""

from collections.abc import Callable, Mapping, Sequence

from ideas.accounts import erasing as accounts_erasing
from ideas.accounts import handlers as accounts
from ideas.accounts.erasing import Eraser
from ideas.accounts.events import MemberChanged, OrganisationChanged, StandingChanged
from ideas.attachments import erasing as attachments_erasing
from ideas.attachments import handlers as attachments
from ideas.attachments import jobs as attachments_jobs
from ideas.attachments import services as attachments_services
from ideas.boards import erasing as boards_erasing
from ideas.boards import handlers as boards
from ideas.boards.events import BoardOpened, PromiseChanged
from ideas.cocreation import amendment_erasing, reminding
from ideas.cocreation import erasing as cocreation_erasing
from ideas.cocreation import handlers as cocreation
from ideas.cocreation.events import (
    AmendmentDecided,
    AmendmentHandedOver,
    AmendmentLeftOpen,
    AmendmentOutdated,
    AmendmentProposed,
    AmendmentRewritten,
    CoAuthorRequestDecided,
    CoAuthorRequested,
    FixChosen,
    FixUnchosen,
    ProblemConfirmed,
    ProblemReproduced,
    RecurrenceSuspected,
    ReproductionTakenBack,
)
from ideas.commenting import erasing as commenting_erasing
from ideas.commenting.events import CommentEdited, CommentPosted
from ideas.core import attempts, mail, outbox, periodic, sending
from ideas.core.events import Event, Handler
from ideas.core.outbox import Job
from ideas.core.periodic import Every, Periodic
from ideas.drafting import erasing as drafting_erasing
from ideas.drafting.events import DraftPublished
from ideas.following import erasing as following_erasing
from ideas.following import handlers as following
from ideas.ideation import erasing as ideation_erasing
from ideas.ideation import handlers as ideation
from ideas.ideation.events import (
    CoAuthorJoined,
    CoAuthorLeft,
    IdeaAdopted,
    IdeaEdited,
    IdeaEntered,
    IdeaHidden,
    IdeaPublished,
    IdeaRestored,
    IdeasLinked,
    IdeasMerged,
    IdeaSplit,
    IdeaTagged,
    IdeaWithdrawn,
    MemberMentioned,
    MergeUndone,
    StatusChanged,
)
from ideas.mailin import erasing as mailin_erasing
from ideas.mailin import jobs as mailin_jobs
from ideas.moderation import erasing as moderation_erasing
from ideas.moderation import handlers as moderation
from ideas.moderation.events import ContentModerated, ReportDecided, SuggestionDecided, SuggestionMade
from ideas.notifications import digests, overdue, together
from ideas.notifications import erasing as notifications_erasing
from ideas.notifications import handlers as notifications
from ideas.notifications import jobs as notifications_jobs
from ideas.notifications.news import FAN_OUT
from ideas.privacy import erasing as privacy_erasing
from ideas.privacy import files as privacy_files
from ideas.privacy import jobs as privacy_jobs
from ideas.responding import erasing as responding_erasing
from ideas.responding import handlers as responding
from ideas.responding.events import ResponseSent
from ideas.rewards import handlers as rewards
from ideas.rewards.events import CreditSettled
from ideas.search import erasing as search_erasing
from ideas.search import handlers as search
from ideas.search import jobs as search_jobs
from ideas.search import recurrences
from ideas.search import services as search_services
from ideas.voting import erasing as voting_erasing
from ideas.voting import handlers as voting
from ideas.voting.events import SupportCast, SupportEntered, SupportTakenBack
from ideas.web.limits import may_post
from ideas.web.signing_in import entering
from ideas.webhooks import deliveries
from ideas.webhooks import erasing as webhooks_erasing
from ideas.webhooks import handlers as webhooks
from ideas.webhooks import jobs as webhooks_jobs

HANDLERS: Mapping[type[Event], Sequence[Handler]] = {
    MemberChanged: (accounts.on_member_changed,),
    OrganisationChanged: (accounts.on_organisation_changed,),
    StandingChanged: (boards.on_standing_changed,),
    BoardOpened: (ideation.on_board_opened,),
    PromiseChanged: (responding.on_promise_changed,),
    IdeaPublished: (
        attachments.on_idea_published,
        following.on_idea_published,
        voting.on_idea_published,
        search.on_idea_changed,
        recurrences.on_idea_published,
        rewards.on_idea_published,
        notifications.on_idea_published,
        webhooks.on_idea_published,
    ),
    IdeaEntered: (notifications.on_idea_entered,),
    IdeaEdited: (
        voting.on_idea_edited,
        cocreation.on_idea_edited,
        attachments.on_idea_edited,
        search.on_idea_changed,
        together.on_idea_edited,
        webhooks.on_idea_edited,
    ),
    IdeaTagged: (search.on_idea_changed,),
    IdeaWithdrawn: (search.on_idea_changed, notifications.on_idea_withdrawn, webhooks.on_idea_withdrawn),
    IdeaHidden: (search.on_sight_changed,),
    IdeaRestored: (search.on_sight_changed,),
    SupportCast: (following.on_support_cast,),
    SupportEntered: (notifications.on_support_entered,),
    SupportTakenBack: (following.on_support_taken_back,),
    CommentPosted: (
        attachments.on_comment_written,
        following.on_comment_posted,
        notifications.on_comment_posted,
        webhooks.on_comment_posted,
    ),
    MemberMentioned: (notifications.on_member_mentioned,),
    StatusChanged: (notifications.on_status_changed, webhooks.on_status_changed),
    ResponseSent: (notifications.on_response_sent, webhooks.on_response_sent),
    FixChosen: (rewards.on_choice_changed, notifications.on_fix_chosen, webhooks.on_fix_chosen),
    FixUnchosen: (rewards.on_choice_changed,),
    ProblemConfirmed: (rewards.on_problem_confirmed,),
    ProblemReproduced: (rewards.on_problem_reproduced,),
    ReproductionTakenBack: (rewards.on_problem_reproduced,),
    AmendmentDecided: (rewards.on_amendment_decided, together.on_amendment_decided, webhooks.on_amendment_decided),
    AmendmentOutdated: (together.on_amendment_outdated,),
    AmendmentLeftOpen: (together.on_amendment_left_open,),
    AmendmentHandedOver: (together.on_amendment_handed_over,),
    CoAuthorRequested: (together.on_co_author_requested,),
    CoAuthorRequestDecided: (together.on_co_author_request_decided,),
    IdeasMerged: (
        voting.on_ideas_merged,
        search.on_merging,
        moderation.on_ideas_merged,
        together.on_ideas_merged,
        webhooks.on_ideas_merged,
    ),
    IdeasLinked: (moderation.on_ideas_linked,),
    MergeUndone: (voting.on_merge_undone, search.on_merging, together.on_merge_undone, webhooks.on_merge_undone),
    IdeaSplit: (together.on_idea_split, webhooks.on_idea_split),
    SuggestionMade: (together.on_suggestion_made,),
    SuggestionDecided: (together.on_suggestion_decided,),
    RecurrenceSuspected: (together.on_recurrence_suspected,),
    CoAuthorJoined: (following.on_co_author_joined, rewards.on_authors_changed, webhooks.on_authors_changed),
    CoAuthorLeft: (rewards.on_authors_changed, together.on_co_author_left, webhooks.on_authors_changed),
    IdeaAdopted: (
        following.on_idea_adopted,
        voting.on_idea_adopted,
        search.on_idea_changed,
        rewards.on_idea_adopted,
        together.on_idea_adopted,
        webhooks.on_idea_adopted,
    ),
    CommentEdited: (attachments.on_comment_written,),
    AmendmentProposed: (
        attachments.on_amendment_proposed,
        together.on_amendment_proposed,
        webhooks.on_amendment_proposed,
    ),
    AmendmentRewritten: (attachments.on_amendment_proposed,),
    DraftPublished: (attachments.on_draft_published,),
    CreditSettled: (notifications.on_credit_settled, webhooks.on_credit_settled),
    ContentModerated: (notifications.on_content_moderated,),
    ReportDecided: (notifications.on_report_decided,),
}

JOBS: Mapping[str, Job] = {
    mail.JOB: Job(run=mail.send, inside=False, retries=sending.RETRIES),
    entering.JOB: Job(run=entering.grant),
    FAN_OUT: Job(run=notifications_jobs.fan_out),
    notifications_jobs.SEND: Job(run=notifications_jobs.send, inside=False, retries=sending.RETRIES),
    digests.SEND: Job(run=digests.send, inside=False, retries=sending.RETRIES),
    search_services.REFRESH: Job(run=search_jobs.refresh, inside=False, coalesced=True),
    search_services.REBUILD: Job(run=search_jobs.rebuild, inside=False, coalesced=True),
    recurrences.JOB: Job(run=recurrences.find_recurrences),
    privacy_files.MAKE: Job(run=privacy_files.make_file, inside=False),
    deliveries.DELIVER: Job(run=webhooks_jobs.deliver, inside=False),
    attachments_services.DROP: Job(run=attachments_jobs.drop, inside=False),
    periodic.JOB: Job(run=periodic.perform, inside=False),
}

#: Who is called when somebody is erased; what makes the others find the person goes last.
ERASERS: Sequence[Eraser] = (
    boards_erasing.erase,
    webhooks_erasing.erase,
    ideation_erasing.erase,
    voting_erasing.erase,
    commenting_erasing.erase,
    responding_erasing.erase,
    cocreation_erasing.erase,
    amendment_erasing.erase,
    drafting_erasing.erase,
    attachments_erasing.erase,
    following_erasing.erase,
    moderation_erasing.erase,
    notifications_erasing.erase,
    mailin_erasing.erase,
    search_erasing.erase,
    privacy_erasing.erase,
    accounts_erasing.erase,
)

#: Counts what a member posts by mail together with what they post by pages.
MAY_POST: Callable[[int], bool] = may_post

#: What is done by the clock, in UTC.
PERIODIC: Sequence[Periodic] = (
    # The weekly letters first: they bring along what the daily ones would.
    Periodic(
        name="digests.weekly",
        every=Every(minutes=[0], hours=[digests.HOUR], weekdays=[digests.WEEKDAY]),
        run=digests.put_weekly,
    ),
    Periodic(name="digests.daily", every=Every(minutes=[0], hours=[digests.HOUR]), run=digests.put_daily),
    Periodic(name="notifications.overdue", every=Every(minutes=[37]), run=lambda _slot: overdue.tell_overdue()),
    Periodic(name="cocreation.reminding", every=Every(minutes=[43]), run=lambda _slot: reminding.tell_waiting()),
    Periodic(name="outbox.purge", every=Every(minutes=[7]), run=lambda _slot: outbox.purge()),
    Periodic(name="attempts.purge", every=Every(minutes=range(0, 60, 10)), run=lambda _slot: attempts.purge()),
    Periodic(name="periodic.purge", every=Every(minutes=[27], hours=[3]), run=lambda _slot: periodic.purge()),
    Periodic(name="privacy.drop_old", every=Every(minutes=[17]), run=lambda _slot: privacy_jobs.drop_old()),
    Periodic(
        name="attachments.sweep", every=Every(minutes=[57], hours=[3]), run=lambda _slot: attachments_jobs.sweep()
    ),
    Periodic(name="mailin.drop_old", every=Every(minutes=[47], hours=[3]), run=lambda _slot: mailin_jobs.drop_old()),
)
