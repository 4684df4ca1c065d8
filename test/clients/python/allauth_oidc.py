"""django-allauth's quick start, and its page on the OpenID Connect provider."""

from django_app import CLIENT_ID, CLIENT_SECRET, ISSUER, configure, home, logout_url, run

configure(
    ["allauth", "allauth.account", "allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"],
    ["allauth.account.middleware.AccountMiddleware"],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    SOCIALACCOUNT_STORE_TOKENS=True,
    ACCOUNT_LOGOUT_REDIRECT_URL=logout_url(),
    SOCIALACCOUNT_PROVIDERS={
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "gatehouse",
                    "name": "Gatehouse",
                    "client_id": CLIENT_ID,
                    "secret": CLIENT_SECRET,
                    "settings": {"server_url": ISSUER},
                }
            ]
        }
    },
)

from allauth.socialaccount.models import SocialToken
from django.http import JsonResponse
from django.urls import include, path


def me(request):
    if not request.user.is_authenticated:
        return JsonResponse(None, safe=False)
    token = SocialToken.objects.filter(account__user=request.user).latest("id")
    return JsonResponse({"access_token": token.token, **token.account.extra_data})


urlpatterns = [path("", home), path("me", me), path("accounts/", include("allauth.urls"))]
run()
