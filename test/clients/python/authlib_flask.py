"""The Flask client of its documents: "Flask OAuth client", with OpenID Connect."""

from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import OAuth2Session

from app import CLIENT_ID, CLIENT_SECRET, ISSUER, ORIGIN, SCOPE, logout_url, new_app, serve

app = new_app()
app.config.update(GATEHOUSE_CLIENT_ID=CLIENT_ID, GATEHOUSE_CLIENT_SECRET=CLIENT_SECRET)
renewed = {}
oauth = OAuth(app)
oauth.register(
    name="gatehouse",
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": SCOPE},
    update_token=lambda token, refresh_token=None, access_token=None: renewed.update(token),
)
gatehouse = oauth.gatehouse


class Library:
    def begin(self):
        answer = gatehouse.authorize_redirect(f"{ORIGIN}/callback")
        return answer.location, None

    def finish(self, _url, _kept):
        token = gatehouse.authorize_access_token()
        id_token = token.pop("userinfo")
        return {
            "access_token": token["access_token"],
            "token": token,
            "id_token": id_token,
            "userinfo": gatehouse.userinfo(token=token),
        }

    def refresh(self, mine):
        # Its session refreshes by itself what has expired.
        gatehouse.get(f"{ISSUER}/userinfo", token={**mine["token"], "expires_at": 1})
        return {"access_token": renewed["access_token"], "token": dict(renewed)}

    def introspect(self, mine):
        client = OAuth2Session(CLIENT_ID, CLIENT_SECRET)
        return client.introspect_token(f"{ISSUER}/introspect", token=mine["access_token"]).json()

    def leave(self, mine):
        return logout_url(id_token_hint=mine["token"]["id_token"])


serve(Library(), app)
