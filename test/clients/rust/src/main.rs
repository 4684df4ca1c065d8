//! openidconnect: "Getting started: Authorization Code Grant w/ PKCE" of its documents.

use std::env;
use std::error::Error;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreUserInfoClaims};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    IntrospectionUrl, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken,
    Scope, TokenResponse, reqwest,
};
use serde_json::{Value, json};
use tiny_http::{Header, Response, Server, StatusCode};

/// What the app remembers between two requests; one person alone comes here.
#[derive(Default)]
struct Kept {
    began: Option<(CsrfToken, Nonce, PkceCodeVerifier)>,
    access_token: Option<AccessToken>,
    refresh_token: Option<RefreshToken>,
    id_token: Option<CoreIdToken>,
    me: Value,
}

enum Answer {
    Show(Value),
    GoTo(String),
}

type Outcome = Result<Answer, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    let issuer = env::var("ISSUER")?;
    let origin = env::var("ORIGIN")?;
    let authority = std::fs::read(env::var("CA_FILE")?)?;
    let http = reqwest::blocking::ClientBuilder::new()
        // Following redirects opens the client up to SSRF vulnerabilities.
        .redirect(reqwest::redirect::Policy::none())
        .add_root_certificate(reqwest::Certificate::from_pem(&authority)?)
        .build()?;
    let metadata = ProviderMetadataWithLogout::discover(&IssuerUrl::new(issuer.clone())?, &http)?;
    let logout = metadata.additional_metadata().end_session_endpoint.clone();
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(env::var("CLIENT_ID")?),
        Some(ClientSecret::new(env::var("CLIENT_SECRET")?)),
    )
    .set_redirect_uri(RedirectUrl::new(format!("{origin}/callback"))?)
    .set_introspection_url(IntrospectionUrl::new(format!("{issuer}/introspect"))?);

    let begin = |kept: &mut Kept| -> Outcome {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_string()))
            .add_scope(Scope::new("email".to_string()))
            .set_pkce_challenge(challenge)
            .url();
        kept.began = Some((state, nonce, verifier));
        Ok(Answer::GoTo(url.to_string()))
    };

    let finish = |kept: &mut Kept, query: &str| -> Outcome {
        let parameters = parameters_of(&origin, query)?;
        let (state, nonce, verifier) = kept.began.take().ok_or("nothing was begun")?;
        if value_of(&parameters, "state") != *state.secret() {
            return Err("another state".into());
        }
        let tokens = client
            .exchange_code(AuthorizationCode::new(value_of(&parameters, "code")))?
            .set_pkce_verifier(verifier)
            .request(&http)?;
        let id_token = tokens.id_token().ok_or("no ID token")?;
        let id_verifier = client.id_token_verifier();
        let claims = id_token.claims(&id_verifier, &nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let actual = AccessTokenHash::from_token(
                tokens.access_token(),
                id_token.signing_alg()?,
                id_token.signing_key(&id_verifier)?,
            )?;
            if actual != *expected {
                return Err("another access token".into());
            }
        }
        let person: CoreUserInfoClaims = client
            .user_info(tokens.access_token().to_owned(), None)?
            .request(&http)?;
        kept.me = json!({
            "access_token": tokens.access_token().secret(),
            "id_token": claims,
            "userinfo": person,
        });
        kept.access_token = Some(tokens.access_token().clone());
        kept.refresh_token = tokens.refresh_token().cloned();
        kept.id_token = Some(id_token.clone());
        Ok(Answer::GoTo("/me".to_string()))
    };

    let refresh = |kept: &mut Kept| -> Outcome {
        let held = kept.refresh_token.clone().ok_or("no refresh token")?;
        let tokens = client.exchange_refresh_token(&held)?.request(&http)?;
        kept.me["access_token"] = json!(tokens.access_token().secret());
        kept.access_token = Some(tokens.access_token().clone());
        kept.refresh_token = tokens.refresh_token().cloned().or(Some(held));
        Ok(Answer::Show(kept.me.clone()))
    };

    let introspect = |kept: &mut Kept| -> Outcome {
        let token = kept.access_token.clone().ok_or("no access token")?;
        Ok(Answer::Show(json!(
            client.introspect(&token).request(&http)?
        )))
    };

    let leave = |kept: &mut Kept| -> Outcome {
        let endpoint = logout.clone().ok_or("no end_session_endpoint")?;
        let url = LogoutRequest::from(endpoint)
            .set_id_token_hint(&kept.id_token.take().ok_or("nobody is signed in")?)
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(format!("{origin}/"))?)
            .http_get_url();
        *kept = Kept::default();
        Ok(Answer::GoTo(url.to_string()))
    };

    let mut kept = Kept::default();
    let server = Server::http(format!("localhost:{}", env::var("PORT")?))
        .map_err(|error| error.to_string())?;
    for request in server.incoming_requests() {
        let url = request.url().to_string();
        let outcome = match url.split('?').next().unwrap_or_default() {
            "/login" => begin(&mut kept),
            "/callback" => finish(&mut kept, &url),
            "/me" => Ok(Answer::Show(kept.me.clone())),
            "/refresh" => refresh(&mut kept),
            "/introspect" => introspect(&mut kept),
            "/logout" => leave(&mut kept),
            _ => Ok(Answer::Show(json!("home"))),
        };
        request.respond(response_of(outcome))?;
    }
    Ok(())
}

fn parameters_of(origin: &str, path: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let url = reqwest::Url::parse(&format!("{origin}{path}"))?;
    Ok(url.query_pairs().into_owned().collect())
}

fn value_of(parameters: &[(String, String)], name: &str) -> String {
    let found = parameters.iter().find(|(one, _)| one == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn response_of(outcome: Outcome) -> Response<std::io::Cursor<Vec<u8>>> {
    match outcome {
        Ok(Answer::Show(value)) => Response::from_string(value.to_string()),
        Ok(Answer::GoTo(url)) => Response::from_string("")
            .with_status_code(StatusCode(302))
            .with_header(Header::from_bytes("Location", url).expect("an address is a header")),
        Err(error) => {
            eprintln!("{error:?}");
            Response::from_string(format!("{error:?}")).with_status_code(StatusCode(500))
        }
    }
}
