"""A registered log-in is of no use until its person sets a password, once, through the invitation."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jirong.parties import actions, invitations
from jirong.parties.models import User
from jirong.store.identity import SYSTEM
from jirong.store.ids import new_id

GOOD = "a-long-enough-secret-77"


@pytest.fixture
def invited(db: None) -> User:
    actions.register_user(actor=SYSTEM, id=new_id(), username="zhou.ba")
    return User.objects.get(username="zhou.ba")


def set_password(path: str, password: str) -> Any:
    browser = Client()
    form = browser.get(path, follow=True)
    if not form.redirect_chain:
        return form
    return browser.post(form.redirect_chain[-1][0], {"new_password1": password, "new_password2": password})


def test_the_invitation_sets_the_first_password_once(invited: User) -> None:
    path = invitations.path_for(invited)
    assert set_password(path, GOOD).status_code == 302
    invited.refresh_from_db()
    assert invited.check_password(GOOD)
    assert invitations.path_for(invited) == ""
    assert "已用过或已过期" in set_password(path, "another-long-secret-78").content.decode()


def test_a_weak_password_and_a_made_up_link_are_refused(invited: User) -> None:
    path = invitations.path_for(invited)
    assert set_password(path, "12345").status_code == 200
    assert "已用过或已过期" in set_password(path.replace("-", "-x"), GOOD).content.decode()
    invited.refresh_from_db()
    assert not invited.has_usable_password()
