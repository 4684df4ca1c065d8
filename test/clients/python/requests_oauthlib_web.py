"""The "Web App Example of OAuth 2 web application flow" and "Refreshing tokens" of its documents."""

import os

# Its documents: for an app without https, on loopback.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from requests_oauthlib import OAuth2Session

from app import CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, logout_url, serve

SCOPE = ["openid", "profile", "email"]


class Library:
    def begin(self):
        client = OAuth2Session(CLIENT_ID, redirect_uri=CALLBACK, scope=SCOPE)
        return client.authorization_url(f"{ISSUER}/authorize")

    def finish(self, url, state):
        client = OAuth2Session(CLIENT_ID, state=state, redirect_uri=CALLBACK, scope=SCOPE)
        token = client.fetch_token(f"{ISSUER}/token", client_secret=CLIENT_SECRET, authorization_response=url)
        userinfo = client.get(f"{ISSUER}/userinfo").json()
        return {"access_token": token["access_token"], "token": token, "userinfo": userinfo}

    def refresh(self, mine):
        client = OAuth2Session(CLIENT_ID, token=mine["token"])
        token = client.refresh_token(f"{ISSUER}/token", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        return {"access_token": token["access_token"], "token": token}

    def leave(self, mine):
        return logout_url(id_token_hint=mine["token"]["id_token"])


serve(Library())
