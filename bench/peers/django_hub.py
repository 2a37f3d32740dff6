"""django-scim2 as a WSGI application over a durable SQLite database.

  python -c "import django_hub; django_hub.prepare(1000)"    makes the database with so many people
  gunicorn django_hub:application                            serves it; DATABASE names the file
"""

import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a measurement has no secrets",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="django_hub",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "people"],
    AUTH_USER_MODEL="people.Person",
    # Tables are made from the models as they are.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "people": None},
    MIDDLEWARE=["django_hub.Bearer", "django_scim.middleware.SCIMAuthCheckMiddleware"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": os.environ.get("DATABASE", "django.db"), "CONN_MAX_AGE": None,
        # What is acknowledged is on the disk, as with Provost.
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
    }},
    # The strongest hash would be most of the work; nobody is sent with a password here.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    SCIM_SERVICE_PROVIDER={
        "NETLOC": "127.0.0.1", "SCHEME": "http", "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Bearer", "description": "Bearer token"}],
        "GROUP_MODEL": "people.models.Team",
    },
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402


class Caller:
    is_authenticated = True


class Bearer:
    """A token that costs nothing to check."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.headers.get("Authorization") == "Bearer secret":
            request.user = Caller()
        return self.get_response(request)


urlpatterns = [path("scim/v2/", include("django_scim.urls", namespace="scim"))]
application = get_wsgi_application()


def prepare(people):
    from people.models import Person

    call_command("migrate", run_syncdb=True, verbosity=0)
    for start in range(0, people, 5000):
        rows = [Person(username=name, scim_username=name, email=name, first_name="Anna", last_name="Andersen", scim_external_id=f"x{i}")
                for i in range(start, min(people, start + 5000)) for name in [f"user{i:08}@example.com"]]
        Person.objects.bulk_create(rows)
    from django.db.models import CharField, F
    from django.db.models.functions import Cast

    Person.objects.filter(scim_id=None).update(scim_id=Cast(F("id"), CharField()))

