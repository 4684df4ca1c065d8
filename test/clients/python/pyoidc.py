"""Its "OIDC RP" how-to: the code flow of oic.oic.Client."""

from urllib.parse import urlsplit

from oic import rndstr
from oic.oic import Client
from oic.oic.message import AuthorizationResponse, RegistrationResponse
from oic.utils.authn.client import CLIENT_AUTHN_METHOD

from app import CALLBACK, CLIENT_ID, CLIENT_SECRET, ISSUER, ORIGIN, serve

client = Client(client_authn_method=CLIENT_AUTHN_METHOD)
client.provider_config(ISSUER)
client.store_registration_info(RegistrationResponse(client_id=CLIENT_ID, client_secret=CLIENT_SECRET))
client.redirect_uris = [CALLBACK]


class Library:
    def begin(self):
        state = rndstr()
        arguments = {
            "client_id": client.client_id,
            "response_type": "code",
            "scope": ["openid", "profile", "email"],
            "nonce": rndstr(),
            "redirect_uri": client.redirect_uris[0],
            "state": state,
        }
        request = client.construct_AuthorizationRequest(request_args=arguments)
        return request.request(client.authorization_endpoint), state

    def finish(self, url, state):
        answer = client.parse_response(AuthorizationResponse, info=urlsplit(url).query, sformat="urlencoded")
        assert answer["state"] == state
        tokens = client.do_access_token_request(
            state=state, request_args={"code": answer["code"]}, authn_method="client_secret_basic"
        )
        return {
            "state": state,
            "access_token": tokens["access_token"],
            "id_token": tokens["id_token"].to_dict(),
            "userinfo": client.do_user_info_request(state=state).to_dict(),
        }

    def refresh(self, mine):
        tokens = client.do_access_token_refresh(state=mine["state"], authn_method="client_secret_basic")
        return {"access_token": tokens["access_token"]}

    def leave(self, mine):
        request = client.construct_EndSessionRequest(
            state=mine["state"], request_args={"post_logout_redirect_uri": f"{ORIGIN}/"}
        )
        return request.request(client.end_session_endpoint)


serve(Library())
