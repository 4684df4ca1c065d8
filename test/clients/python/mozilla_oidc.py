"""The quick start of mozilla-django-oidc's documents, with RS256 and the JWKS endpoint as they say for it."""

from django_app import CLIENT_ID, CLIENT_SECRET, ISSUER, button, claims_of, configure, home, logout_url, run

configure(
    ["mozilla_django_oidc"],
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    OIDC_RP_CLIENT_ID=CLIENT_ID,
    OIDC_RP_CLIENT_SECRET=CLIENT_SECRET,
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{ISSUER}/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{ISSUER}/token",
    OIDC_OP_USER_ENDPOINT=f"{ISSUER}/userinfo",
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_OP_JWKS_ENDPOINT=f"{ISSUER}/jwks",
    OIDC_STORE_ACCESS_TOKEN=True,
    OIDC_STORE_ID_TOKEN=True,
    LOGOUT_REDIRECT_URL="/",
    OIDC_OP_LOGOUT_URL_METHOD="__main__.provider_logout",
)

from django.http import JsonResponse
from django.urls import include, path


def provider_logout(request):
    return logout_url(id_token_hint=request.session["oidc_id_token"])


def leave(_request):
    return button("/oidc/logout/", "Sign out")


def me(request):
    if not request.user.is_authenticated:
        return JsonResponse(None, safe=False)
    id_token = claims_of(request.session["oidc_id_token"])
    userinfo = {"sub": id_token["sub"], "email": request.user.email}
    return JsonResponse(
        {"access_token": request.session["oidc_access_token"], "id_token": id_token, "userinfo": userinfo}
    )


urlpatterns = [
    path("", home),
    path("me", me),
    path("leave", leave),
    path("oidc/", include("mozilla_django_oidc.urls")),
]
run()
