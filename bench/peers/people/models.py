"""The user model that django-scim2's documentation asks for, and nothing more."""

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Person(AbstractSCIMUserMixin, AbstractUser):
    first_name = models.CharField(max_length=254, blank=True)
    last_name = models.CharField(max_length=254, blank=True)

    @property
    def scim_groups(self):
        return self.groups.none()


class Team(AbstractSCIMGroupMixin, Group):
    pass
