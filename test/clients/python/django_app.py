"""A Django project in one file; `urls` are the library's and the app's own."""

import base64
import json
import os
import tempfile
from urllib.parse import urlencode
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

ISSUER, CLIENT_ID, CLIENT_SECRET, ORIGIN = (
    os.environ[name] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ORIGIN")
)


def configure(apps, middleware=(), **more):
    settings.configure(
        SECRET_KEY="a long secret of the app, for its cookies",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF="__main__",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            *apps,
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            *middleware,
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{tempfile.mkdtemp()}/app.db"}
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DEBUG=True,
        LOGIN_REDIRECT_URL="/me",
        **more,
    )
    django.setup()


def home(_request):
    return HttpResponse("home")


def button(action, label):
    """For what a library takes by POST alone."""
    return HttpResponse(f'<form method="post" action="{action}"><button>{label}</button></form>')


def claims_of(id_token):
    """Of an ID token that the library checked."""
    payload = id_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def logout_url(**more):
    parameters = {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{ORIGIN}/", **more}
    return f"{ISSUER}/logout?{urlencode(parameters)}"


def run():
    call_command("migrate", verbosity=0)
    make_server("localhost", int(os.environ["PORT"]), get_wsgi_application()).serve_forever()
