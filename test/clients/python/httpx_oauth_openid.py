"""The OpenID client of its documents."""

import asyncio

from flask import request
from httpx_oauth.clients.openid import OpenID

from app import CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, logout_url, serve

client = OpenID(CLIENT_ID, CLIENT_SECRET, f"{ISSUER}/.well-known/openid-configuration")


class Library:
    def begin(self):
        return asyncio.run(client.get_authorization_url(CALLBACK)), None

    def finish(self, _url, _kept):
        token = asyncio.run(client.get_access_token(request.args["code"], CALLBACK))
        userinfo = asyncio.run(client.get_profile(token["access_token"]))
        return {"access_token": token["access_token"], "token": token, "userinfo": userinfo}

    def refresh(self, mine):
        token = asyncio.run(client.refresh_token(mine["token"]["refresh_token"]))
        return {"access_token": token["access_token"], "token": token}

    def leave(self, mine):
        asyncio.run(client.revoke_token(mine["token"]["refresh_token"], "refresh_token"))
        return logout_url(id_token_hint=mine["token"]["id_token"])


serve(Library())
