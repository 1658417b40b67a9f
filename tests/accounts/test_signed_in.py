import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.signed_in import StaffBackend
from apps.accounts.types import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_a_person_comes_with_the_roles_and_rights_that_they_would_have_been_asked_for(role):
    user = make.user(role)
    user.user_permissions.add(Permission.objects.get(codename="delete_flag"))
    wanted = (User.objects.get(pk=user.pk).roles, ModelBackend().get_all_permissions(User.objects.get(pk=user.pk)))
    with CaptureQueriesContext(connection) as queries:
        found = StaffBackend().get_user(user.pk)
        assert (found.roles, found.get_all_permissions()) == wanted
        assert found.has_perm("waffle.delete_flag")
    assert len(queries) == 1


def test_a_superuser_may_everything_and_nobody_who_left_comes_in():
    boss, gone = make.user(None, is_superuser=True), make.user(Role.CSM)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert StaffBackend().get_user(boss.pk).has_perm("accounts.delete_account")
    assert StaffBackend().get_user(gone.pk) is None
    assert StaffBackend().get_user(0) is None
