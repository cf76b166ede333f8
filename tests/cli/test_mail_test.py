"""Whether mails leave, as an operator reads it."""

import pytest

from tests.cli.conftest import Ideas
from tests.servers.post_office import PostOffice, running

pytestmark = pytest.mark.once


def test_an_operator_sends_a_trial_mail(ideas: Ideas, monkeypatch: pytest.MonkeyPatch) -> None:
    office = PostOffice()
    monkeypatch.setenv("MAIL_URL", f"smtp://127.0.0.1:{office.port}")
    monkeypatch.setenv("MAIL_FROM", "Ideas of Example <ideas@example.com>")
    with running(office):
        done = ideas("mail-test", "ann@example.org")
    assert done.exit_code == 0
    assert "took the mail for ann@example.org" in done.stdout
    (found,) = office.received
    assert found.sender == "ideas@example.com"
    assert found.message["From"] == "Ideas of Example <ideas@example.com>"


def test_an_operator_reads_in_plain_words_what_is_wrong(ideas: Ideas, monkeypatch: pytest.MonkeyPatch) -> None:
    office = PostOffice()
    monkeypatch.setenv("MAIL_URL", f"smtp://ann:hunter2@127.0.0.1:{office.port}")
    away = ideas("mail-test", "ann@example.org")
    monkeypatch.setenv("MAIL_URL", f"smtp://127.0.0.1:{office.port}")
    with running(office):
        office.answer_rcpt = lambda to: "550 5.1.1 No such user"
        nobody = ideas("mail-test", "ann@example.org")
        none = ideas("mail-test", "ann")
    assert (away.exit_code, nobody.exit_code, none.exit_code) == (1, 1, 1)
    assert "cannot be reached" in away.stderr
    assert "Check MAIL_URL" in away.stderr
    assert "550 5.1.1 No such user" in nobody.stderr
    assert "nobody has this address" in nobody.stderr
    assert none.stderr.strip() == "ideas: ann: this is no mail address"
    assert "hunter2" not in away.output + away.stderr
    assert "Traceback" not in away.output + nobody.output + none.output


def test_in_development_the_trial_mail_is_written_to_the_folder(ideas: Ideas) -> None:
    done = ideas("mail-test", "ann@example.org")
    assert done.exit_code == 0
    assert done.stdout.startswith("the folder ")
