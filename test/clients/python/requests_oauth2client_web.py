"""Its README: "Authorization Code Grant", initialised from a discovery document."""

from requests_oauth2client import OAuth2Client

from app import CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, SCOPE, logout_url, serve

client = OAuth2Client.from_discovery_endpoint(
    issuer=ISSUER, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=CALLBACK
)


class Library:
    def begin(self):
        request = client.authorization_request(scope=SCOPE)
        return request.uri, request

    def finish(self, url, request):
        token = client.authorization_code(request.validate_callback(url), validate=True)
        return {
            "access_token": token.access_token,
            "token": token,
            "hint": str(token.id_token),
            "id_token": dict(token.id_token.claims),
            "userinfo": client.userinfo(token),
        }

    def refresh(self, mine):
        token = client.refresh_token(mine["token"])
        return {"access_token": token.access_token, "token": token}

    def introspect(self, mine):
        return client.introspect_token(mine["access_token"])

    def leave(self, mine):
        return logout_url(id_token_hint=mine["hint"])


serve(Library())
