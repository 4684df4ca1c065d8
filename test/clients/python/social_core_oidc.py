"""python-social-auth in Django, with the "OIDC (OpenID Connect)" backend of its documents."""

from django_app import CLIENT_ID, CLIENT_SECRET, ISSUER, button, claims_of, configure, home, logout_url, run

configure(
    ["social_django"],
    AUTHENTICATION_BACKENDS=[
        "social_core.backends.open_id_connect.OpenIdConnectAuth",
        "django.contrib.auth.backends.ModelBackend",
    ],
    SOCIAL_AUTH_OIDC_OIDC_ENDPOINT=ISSUER,
    SOCIAL_AUTH_OIDC_KEY=CLIENT_ID,
    SOCIAL_AUTH_OIDC_SECRET=CLIENT_SECRET,
)

from django.contrib.auth import logout
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import include, path
from social_django.utils import load_strategy


def held_of(user):
    social = user.social_auth.get(provider="oidc")
    return {
        "access_token": social.access_token,
        "id_token": claims_of(social.extra_data["id_token"]),
        "userinfo": {"sub": social.uid, "email": user.email},
    }


def login(_request):
    return button("/login/oidc/", "Sign in")


def me(request):
    return JsonResponse(held_of(request.user) if request.user.is_authenticated else None, safe=False)


def refresh(request):
    request.user.social_auth.get(provider="oidc").refresh_token(load_strategy(request))
    return me(request)


def leave(request):
    hint = request.user.social_auth.get(provider="oidc").extra_data["id_token"]
    logout(request)
    return HttpResponseRedirect(logout_url(id_token_hint=hint))


urlpatterns = [
    path("", home),
    path("login", login),
    path("me", me),
    path("refresh", refresh),
    path("logout", leave),
    path("", include("social_django.urls", namespace="social")),
]
run()
