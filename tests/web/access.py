"""Who may ask for what: one line for each route and way of asking. Tests hold the application to it.

A new route needs a line in `TABLE`. Where its address names something else than a board, an idea or (for
`commenting`) a comment, it needs one in `SUBJECTS`; where it takes a form, one in tests/web/access_forms.py lets its
tests say more.
"""

from collections.abc import Mapping
from enum import StrEnum

from ideas.boards.models import Audience, Level


class Principal(StrEnum):
    """Who asks."""

    VISITOR = "visitor"
    #: A member who has nothing to do with the things asked for.
    STRANGER = "stranger"
    #: Was invited to the board and has accepted.
    GUEST = "guest"
    #: Belongs to a segment of the board.
    INSIDER = "insider"
    #: A customer who wrote the idea, the problems, the fixes and the comment.
    AUTHOR = "author"
    #: A customer who moderates the board.
    MODERATOR = "moderator"
    #: The same for another board.
    OTHER_MODERATOR = "moderator of another board"
    #: Of the staff; owns the board.
    MANAGER = "product manager"
    OTHER_MANAGER = "product manager of another board"
    ADMIN = "admin"


#: For whom a board of each audience exists: visitor, stranger, guest, insider, author, moderator, other moderator,
#: product manager, other product manager, admin. The author wrote when the board was open to all; to the one for
#: segments they were invited afterwards, to the one for the staff nobody can invite them.
SIGHT: Mapping[Audience, str] = {
    Audience.PUBLIC: "++++++++++",
    Audience.MEMBERS: "-+++++++++",
    Audience.SEGMENT: "--++++-+++",
    Audience.STAFF: "-----+-+++",
}

#: Whom a level of a public board admits, in the same order. To that board the author was never invited.
ADMITTED: Mapping[Level, str] = {
    Level.MEMBERS: "-+++++++++",
    Level.SEGMENT: "--++-+-+++",
    Level.STAFF: "-----+-+++",
}

#: The rules, in the same order. O: may. S: is led to sign in. F: is refused (403). N: finds nothing (404).
#: Whoever does not see the board finds nothing, whatever the rule says; only `DOORS` are shut before anything is
#: looked for.
RULES: Mapping[str, str] = {
    "everybody": "OOOOOOOOOO",
    # Whoever asks, it is for what everybody may see, and for nothing else.
    "as a visitor": "OOOOOOOOOO",
    "members": "SOOOOOOOOO",
    "the author": "SFFFOFFFFF",
    "not the author": "SOOOFOOOOO",
    "author, managers": "SFFFOFFOFO",
    "author, moderators": "SFFFOOFOFO",
    "moderators": "SFFFFOFOFO",
    "moderators alone know": "SNNNNONONO",
    "moderators anywhere": "SFFFFOOOOO",
    "managers": "SFFFFFFOFO",
    "managers anywhere": "SFFFFFFOOO",
    "managers at the desk": "SFFFFFFOFO",
    "staff": "SFFFFFFOOO",
    "admins": "SFFFFFFFFO",
    # What is asked for belongs to the author, or was sent to them.
    "its owner": "SNNNONNNNN",
    "the invited": "SFFFOFFFFF",
    # Said yes to being named beside the author.
    "the co-author": "SFFOFFFFFF",
    # The stranger has asked to be named, and the author says yes or no to that.
    "the asked author": "SFNNONNNNN",
    # The guest has proposed it.
    "the proposer": "SFOFFFFFFF",
    "not the proposer": "SOFOOOOOOO",
    # The guest writes along, the insider is asked to.
    "its writers": "SNONONNNNN",
    "its writers and the asked": "SNOOONNNNN",
    # Leads back to the sign-in page where nothing good was sent, as it was here; who is signed in goes on.
    "arriving": "SOOOOOOOOO",
    # What is switched off, or over, in the tests' place: the first set-up, a provider that is not open.
    "nobody": "NNNNNNNNNN",
    # Holds a token; without a good one it is refused.
    "bearers": "FFFFFFFFFF",
}

DOORS = {"admins", "managers at the desk"}

TABLE = """
admin.add_belonging POST                    admins
admin.add_to_segment POST                   admins
admin.apps GET                              admins
admin.boards GET                            admins
admin.drop_member_factors POST              admins
admin.drop_provider POST                    admins
admin.edit_app GET POST                     admins
admin.edit_board GET POST                   admins
admin.edit_member GET POST                  admins
admin.edit_organisation GET POST            admins
admin.edit_own_field GET POST               admins
admin.edit_provider GET POST                admins
admin.edit_segment GET POST                 admins
admin.edit_status GET POST                  admins
admin.end_app_former_key POST               admins
admin.erase GET POST                        admins
admin.fields GET                            admins
admin.index GET                             admins
admin.letter GET                            admins
admin.mail GET                              admins
admin.members GET                           admins
admin.new_app GET POST                      admins
admin.new_board GET POST                    admins
admin.new_organisation GET POST             admins
admin.new_own_field GET POST                admins
admin.new_provider GET POST                 admins
admin.new_segment GET POST                  admins
admin.new_status GET POST                   admins
admin.organisations GET                     admins
admin.preview GET                           admins
admin.preview_html GET                      admins
admin.previews GET                          admins
admin.providers GET                         admins
admin.record GET                            admins
admin.remove_belonging POST                 admins
admin.remove_from_segment POST              admins
admin.renew_app_secret POST                 admins
admin.retire_own_field POST                 admins
admin.revoke POST                           admins
admin.roles GET POST                        admins
admin.segments GET                          admins
admin.sign_out_member POST                  admins
admin.site_words GET POST                   admins
admin.statuses GET                          admins
admin.staff_factor GET POST                 admins
admin.try_again POST                        admins
admin.try_all_again POST                    admins
admin.try_provider POST                     admins
admin.work GET                              admins
admin.mails GET                             admins
admin.try_address_again POST                admins
corner.mail_again POST                      members
admin.drop_webhook POST                     admins
admin.edit_webhook GET POST                 admins
admin.new_webhook GET POST                  admins
admin.renew_webhook_secret POST             admins
admin.replay_failed POST                    admins
admin.replay_message POST                   admins
admin.switch_webhook POST                   admins
admin.try_webhook POST                      admins
admin.webhook GET                           admins
admin.webhook_message GET                   admins
admin.webhooks GET                          admins
amendments.accept POST                      the author
amendments.accept_changed POST              the author
amendments.ask_to_reject GET                the author
amendments.ask_to_remove GET                moderators
amendments.ask_to_take_back GET             the proposer
amendments.change GET                       the author
amendments.index GET                        everybody
amendments.make_own POST                    the proposer
amendments.new GET                          not the author
amendments.own_idea GET                     the proposer
amendments.propose POST                     not the author
amendments.redo GET                         the proposer
amendments.reject POST                      the author
amendments.remove POST                      moderators
amendments.show GET                         everybody
amendments.support POST                     not the proposer
amendments.support_back POST                not the proposer
amendments.take_back POST                   the proposer
amendments.write_anew POST                  the proposer
addresses.ask POST                          members
adopting.adopt POST                         not the author
adopting.answer POST                        members
adopting.ask GET                            members
adopting.show GET                           not the author
addresses.confirm POST                      everybody
addresses.show GET                          everybody
addresses.show_form GET                     members
addresses.stop POST                         everybody
authors.ask POST                            not the author
authors.ask_to_leave GET                    the co-author
authors.decide POST                         the asked author
authors.invite POST                         the author
authors.leave POST                          the co-author
authors.show GET                            everybody
boards.index GET                            everybody
boards.show GET                             everybody
cocreation.choose POST                      author, managers
cocreation.confirm POST                     the author
cocreation.propose_fix GET                  members
cocreation.publish_fix POST                 members
cocreation.unchoose POST                    author, managers
commenting.edit GET                         the author
commenting.post POST                        members
commenting.react POST                       not the author
commenting.replies GET                      everybody
commenting.reply GET                        members
commenting.save POST                        the author
commenting.show GET                         everybody
commenting.thread GET                       everybody
commenting.versions GET                     everybody
corner.asked GET                            members
corner.change_settings POST                 members
corner.index GET                            members
corner.points GET                           members
corner.settings GET                         members
corner.supports GET                         members
customers.enter GET POST                    managers
customers.find GET                          managers anywhere
customers.propose GET POST                  managers anywhere
customers.take_back POST                    managers
customers.voices GET                        staff
desk.add_note POST                          managers at the desk
desk.index GET                              managers anywhere
drafting.ask_to_discard GET                 its owner
drafting.discard POST                       its owner
drafting.index GET                          members
drafting.join POST                          its writers and the asked
drafting.keep POST                          members
drafting.leave POST                         its writers
drafting.name POST                          its owner
drafting.people GET                         its owner
drafting.show GET                           its writers and the asked
drafting.take_name_back POST                its writers
drafting.versions GET                       its owner
factors.end POST                            its owner
factors.end_all POST                        members
factors.end_others POST                     members
factors.index GET                           members
feeds.board GET                             as a visitor
feeds.idea GET                              as a visitor
feeds.search GET                            everybody
feeds.site GET                              everybody
following.follow POST                       members
following.unfollow POST                     members
files.at GET                                nobody
files.index GET                             members
files.remove POST                           its owner
files.show GET                              everybody
files.show_small GET                        everybody
files.upload POST                           members
home.about GET                              everybody
home.health GET                             everybody
home.index GET                              everybody
ideation.ask_to_withdraw GET                the author
ideation.edit GET                           the author
ideation.intake GET                         everybody
ideation.propose GET                        members
ideation.publish POST                       members
ideation.save POST                          the author
ideation.show GET                           everybody
ideation.similar GET                        everybody
ideation.versions GET                       everybody
ideation.withdraw POST                      the author
invitations.accept POST                     the invited
invitations.invite POST                     managers
invitations.people GET                      managers
invitations.remove POST                     managers
invitations.revoke POST                     managers
invitations.show GET                        everybody
links.link POST                             author, moderators
links.remove POST                           author, moderators
links.show GET                              everybody
links.suggest_link POST                     members
mailin.decide POST                          moderators alone know
mailin.queue GET                            moderators anywhere
mentions.in_idea GET                        members
mentions.on_board GET                       members
merging.ask GET                             moderators
merging.hold_back POST                      members
merging.let_through POST                    members
merging.merge POST                          moderators
merging.origins GET                         everybody
merging.show GET                            everybody
merging.undo POST                           moderators
moderation.act GET POST                     moderators
moderation.act_on_comment GET POST          moderators
moderation.decide POST                      moderators alone know
moderation.queue GET                        moderators anywhere
moderation.report GET POST                  not the author
moderation.report_comment GET POST          not the author
notifications.change_settings POST          members
notifications.count GET                     members
notifications.index GET                     members
notifications.open_one POST                 its owner
notifications.read POST                     its owner
notifications.read_all POST                 members
notifications.settings GET                  members
own_feed.index GET                          members
own_feed.make POST                          members
own_feed.revoke POST                        members
own_feed.show GET                           everybody
passkeys.add POST                           members
passkeys.ask_for_new POST                   members
passkeys.ask_to_sign_in POST                everybody
passkeys.ask_to_verify POST                 members
passkeys.remove POST                        its owner
passkeys.sign_in POST                       arriving
passkeys.verify POST                        members
people.index GET                            everybody
people.mentioned GET                        everybody
people.show GET                             everybody
preferences.theme POST                      everybody
privacy.download POST                       members
privacy.file GET                            its owner
privacy.leave GET POST                      members
privacy.show GET                            members
problems.ask_to_close GET                   managers
problems.close POST                         managers
problems.judge GET POST                     managers
problems.remove_steps POST                  moderators
problems.reproductions GET                  everybody
problems.say_how POST                       not the author
problems.take_back_steps POST               members
registering.open_account GET POST           everybody
responding.assign POST                      managers
responding.respond GET                      managers
responding.send POST                        managers
rewards.confirm POST                        managers
rewards.parts GET                           everybody
rewards.settle GET                          managers
search.index GET                            everybody
second_factor.confirm POST                  members
second_factor.needed GET                    members
second_factor.renew_codes POST              members
second_factor.show GET                      members
second_factor.turn_off POST                 members
security.change_password GET POST           members
security.forgot_password GET POST           everybody
security.login GET POST                     everybody
security.logout POST                        everybody
security.register GET POST                  everybody
security.reset_password GET POST            everybody
security.two_factor_token_validation GET POST members
security.us_signin GET POST                 everybody
security.us_signin_send_code POST           everybody
security.us_verify GET POST                 members
security.us_verify_send_code POST           members
security.verify GET POST                    members
setup.finish POST                           nobody
setup.show GET                              nobody
sign_in_link.enter POST                     everybody
sign_in_link.send POST                      everybody
sign_in_link.show GET                       everybody
sign_in_with.back GET                       nobody
sign_in_with.start POST                     nobody
splitting.answer POST                       members
splitting.ask GET                           members
splitting.show GET                          author, moderators
splitting.split POST                        author, moderators
suggestions.decide POST                     moderators alone know
suggestions.queue GET                       moderators anywhere
sso.enter POST                              bearers
sso.show GET                                bearers
unsubscribing.show GET                      everybody
unsubscribing.turn_off POST                 everybody
unsubscribing.turn_on POST                  everybody
versions.compare GET                        everybody
versions.written GET                        everybody
voting.keep POST                            members
voting.meaning GET                          members
voting.need POST                            members
voting.needs GET                            everybody
voting.support POST                         members
voting.take_back POST                       members
"""

#: What boards have levels for, by the routes that follow them.
LEVELLED: Mapping[str, str] = {
    "adopting.adopt": "propose",
    "adopting.show": "propose",
    "amendments.new": "comment",
    "amendments.propose": "comment",
    "amendments.support": "support",
    "amendments.support_back": "support",
    "authors.ask": "comment",
    "cocreation.propose_fix": "propose",
    "cocreation.publish_fix": "propose",
    "commenting.edit": "comment",
    "commenting.post": "comment",
    "commenting.react": "comment",
    "commenting.reply": "comment",
    "commenting.save": "comment",
    "problems.say_how": "comment",
    "voting.need": "support",
    "voting.support": "support",
}

#: What the addresses of these endpoints name, where it is neither the board nor the idea or comment that the
#: endpoint's name lets expect.
SUBJECTS = {
    "addresses.confirm": "nothing",
    "addresses.show": "nothing",
    "addresses.stop": "nothing",
    "adopting.adopt": "given up",
    "adopting.show": "given up",
    "admin.add_belonging": "organisation",
    "admin.add_to_segment": "segment",
    "admin.drop_member_factors": "member",
    "admin.drop_provider": "provider",
    "admin.edit_app": "app",
    "admin.edit_member": "member",
    "admin.edit_organisation": "organisation",
    "admin.edit_provider": "provider",
    "admin.edit_segment": "segment",
    "admin.edit_status": "status",
    "admin.erase": "member",
    "admin.letter": "letter",
    "admin.preview": "mail",
    "admin.preview_html": "mail",
    "admin.remove_belonging": "organisation",
    "admin.remove_from_segment": "segment",
    "admin.end_app_former_key": "app",
    "admin.renew_app_secret": "app",
    "admin.sign_out_member": "member",
    "admin.try_provider": "provider",
    "admin.drop_webhook": "webhook",
    "admin.edit_webhook": "webhook",
    "admin.renew_webhook_secret": "webhook",
    "admin.replay_failed": "webhook",
    "admin.replay_message": "webhook_message",
    "admin.switch_webhook": "webhook",
    "admin.try_webhook": "webhook",
    "admin.webhook": "webhook",
    "admin.webhook_message": "webhook_message",
    "admin.edit_own_field": "field",
    "admin.retire_own_field": "field",
    "amendments.accept": "amendment",
    "amendments.accept_changed": "amendment",
    "amendments.ask_to_reject": "amendment",
    "amendments.ask_to_remove": "amendment",
    "amendments.ask_to_take_back": "amendment",
    "amendments.change": "amendment",
    "amendments.make_own": "rejected",
    "amendments.own_idea": "rejected",
    "amendments.redo": "amendment",
    "amendments.reject": "amendment",
    "amendments.remove": "amendment",
    "amendments.show": "amendment",
    "amendments.support": "amendment",
    "amendments.support_back": "amendment",
    "amendments.take_back": "amendment",
    "amendments.write_anew": "amendment",
    "cocreation.choose": "fix",
    "cocreation.confirm": "delivered",
    "cocreation.propose_fix": "problem",
    "cocreation.publish_fix": "problem",
    "cocreation.unchoose": "chosen",
    "commenting.post": "idea",
    "commenting.thread": "idea",
    "authors.ask_to_leave": "joint",
    "authors.leave": "joint",
    "drafting.ask_to_discard": "draft",
    "drafting.discard": "draft",
    "drafting.join": "shared draft",
    "drafting.leave": "shared draft",
    "drafting.name": "draft",
    "drafting.people": "draft",
    "drafting.show": "shared draft",
    "drafting.take_name_back": "shared draft",
    "drafting.versions": "draft",
    "factors.end": "session",
    "files.at": "nothing",
    "files.remove": "own picture",
    "files.show": "picture",
    "files.show_small": "picture",
    "invitations.accept": "invitation",
    "invitations.show": "invitation",
    "mentions.in_idea": "idea",
    "merging.hold_back": "merge",
    "merging.let_through": "merge",
    "merging.show": "merge",
    "merging.undo": "merge",
    "moderation.act_on_comment": "comment",
    "mailin.decide": "held mail",
    "suggestions.decide": "suggestion",
    "moderation.decide": "report",
    "moderation.report_comment": "comment",
    "notifications.open_one": "notification",
    "notifications.read": "notification",
    "own_feed.show": "feed_key",
    "passkeys.remove": "passkey",
    "people.mentioned": "person",
    "people.show": "member",
    "privacy.file": "file",
    "problems.ask_to_close": "delivered",
    "problems.close": "delivered",
    "problems.judge": "recurrence",
    "problems.remove_steps": "problem",
    "problems.reproductions": "problem",
    "problems.say_how": "problem",
    "problems.take_back_steps": "problem",
    "registering.open_account": "nothing",
    "rewards.confirm": "delivered",
    "rewards.settle": "delivered",
    "security.reset_password": "reset",
    "setup.finish": "nothing",
    "setup.show": "nothing",
    "sign_in_link.enter": "link",
    "sign_in_link.show": "link",
    "sign_in_with.back": "provider",
    "sign_in_with.start": "provider",
    "sso.enter": "app",
    "sso.show": "app",
    "unsubscribing.show": "subscription",
    "unsubscribing.turn_off": "subscription",
    "unsubscribing.turn_on": "undo",
}

#: What visitors may change, and why that harms nobody.
OPEN_TO_VISITORS: Mapping[str, str] = {
    "addresses.confirm": "It takes a token that was mailed.",
    "addresses.stop": "It takes a token that was mailed.",
    "passkeys.ask_to_sign_in": "Who signs in is nobody yet; tries are counted.",
    "preferences.theme": "It sets a colour in the browser that asks.",
    "registering.open_account": "It takes a token that was mailed.",
    "security.forgot_password": "Who has lost the password is nobody yet; tries are counted.",
    "security.login": "Who signs in is nobody yet; tries are counted.",
    "security.logout": "There is nothing to end.",
    "security.register": "Who registers is nobody yet; tries are counted, and the place says who may.",
    "security.reset_password": "It takes a token that was mailed.",
    "security.us_signin": "Who signs in is nobody yet; tries are counted.",
    "security.us_signin_send_code": "Who signs in is nobody yet; mails are counted.",
    "sign_in_link.enter": "It takes a token that was mailed.",
    "sign_in_link.send": "Who signs in is nobody yet; mails are counted.",
    "unsubscribing.turn_off": "It takes a token that was mailed, and sends fewer mails.",
    "unsubscribing.turn_on": "It takes a token that only whoever turned off was given.",
}


def read_table() -> dict[tuple[str, str], str]:
    """Return the rule of each listed (endpoint, method)."""
    found = {}
    for line in TABLE.strip().splitlines():
        endpoint, *words = line.split()
        methods = [word for word in words if word.isupper()]
        for method in methods:
            found[endpoint, method] = " ".join(words[len(methods) :])
    return found


#: The rule of each (endpoint, method).
MATRIX = read_table()
#: What can change something for anybody.
CHANGING = [key for key, rule in MATRIX.items() if key[1] != "GET" and "O" in RULES[rule]]


def letters_of(endpoint: str, method: str, *, audience: Audience | None, level: Level = Level.MEMBERS) -> str:
    """Return how each principal must be answered, in their order; `audience`: of the board, None for no board.

    n: finds nothing, or is led to sign in, whatever there is.
    """
    rule = MATRIX[endpoint, method]
    letters = list(RULES[rule])
    if level is not Level.MEMBERS and endpoint in LEVELLED:
        admitted = ADMITTED[level]
        letters = [_refused(one, "F") if mark == "-" else one for one, mark in zip(letters, admitted, strict=True)]
    if rule == "as a visitor" and audience not in {None, Audience.PUBLIC}:
        return "N" * len(letters)
    if audience is not None and rule not in DOORS:
        letters = ["N" if mark == "-" else one for one, mark in zip(letters, SIGHT[audience], strict=True)]
    if letters[0] == "N" and RULES[rule][0] == "S":
        letters[0] = "n"
    return "".join(letters)


def _refused(letter: str, instead: str) -> str:
    return instead if letter == "O" else letter


def doer_of(endpoint: str, method: str) -> Principal:
    """Return the least person who may."""
    return list(Principal)[RULES[MATRIX[endpoint, method]].index("O")]
