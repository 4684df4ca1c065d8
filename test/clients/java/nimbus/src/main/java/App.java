import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The examples of the Nimbus OAuth 2.0 SDK: OpenID authentication, token and UserInfo requests. */
public class App {
  private static final String ORIGIN = System.getenv("ORIGIN");
  private static final URI CALLBACK = URI.create(ORIGIN + "/callback");
  private static final ClientID CLIENT_ID = new ClientID(System.getenv("CLIENT_ID"));
  private static final ClientAuthentication CLIENT =
      new ClientSecretBasic(CLIENT_ID, new Secret(System.getenv("CLIENT_SECRET")));

  private final OIDCProviderMetadata provider;

  // One person alone comes here.
  private State state;
  private Nonce nonce;
  private OIDCTokens tokens;
  private String held = "null";

  App(OIDCProviderMetadata provider) {
    this.provider = provider;
  }

  public static void main(String[] arguments) throws Exception {
    App app = new App(OIDCProviderMetadata.resolve(new Issuer(System.getenv("ISSUER"))));
    InetSocketAddress address = new InetSocketAddress("localhost", Integer.parseInt(System.getenv("PORT")));
    HttpServer server = HttpServer.create(address, 0);
    app.on(server, "/", url -> "home");
    app.on(server, "/login", url -> app.begin());
    app.on(server, "/callback", app::finish);
    app.on(server, "/me", url -> app.held);
    app.on(server, "/refresh", url -> app.refresh());
    app.on(server, "/introspect", url -> app.introspect());
    app.on(server, "/logout", url -> app.leave());
    server.start();
  }

  private URI begin() {
    state = new State();
    nonce = new Nonce();
    Scope scope = new Scope("openid", "profile", "email");
    return new AuthenticationRequest.Builder(new ResponseType("code"), scope, CLIENT_ID, CALLBACK)
        .endpointURI(provider.getAuthorizationEndpointURI())
        .state(state)
        .nonce(nonce)
        .build()
        .toURI();
  }

  private URI finish(URI url) throws Exception {
    AuthenticationResponse answer = AuthenticationResponseParser.parse(url);
    if (!answer.getState().equals(state)) throw new IllegalStateException("another state");
    AuthorizationCode code = answer.toSuccessResponse().getAuthorizationCode();
    tokens = ask(new AuthorizationCodeGrant(code, CALLBACK));
    IDTokenValidator validator =
        new IDTokenValidator(
            provider.getIssuer(), CLIENT_ID, JWSAlgorithm.RS256, provider.getJWKSetURI().toURL());
    IDTokenClaimsSet claims = validator.validate(tokens.getIDToken(), nonce);
    UserInfoRequest request =
        new UserInfoRequest(provider.getUserInfoEndpointURI(), tokens.getBearerAccessToken());
    UserInfoResponse userinfo = UserInfoResponse.parse(request.toHTTPRequest().send());
    String person = userinfo.toSuccessResponse().getUserInfo().toJSONString();
    held = "{" + accessToken() + ",\"id_token\":" + claims.toJSONString() + ",\"userinfo\":" + person + "}";
    return URI.create(ORIGIN + "/me");
  }

  private OIDCTokens ask(com.nimbusds.oauth2.sdk.AuthorizationGrant grant) throws Exception {
    TokenRequest request = new TokenRequest.Builder(provider.getTokenEndpointURI(), CLIENT, grant).build();
    OIDCTokenResponse answer =
        (OIDCTokenResponse) OIDCTokenResponseParser.parse(request.toHTTPRequest().send()).toSuccessResponse();
    return answer.getOIDCTokens();
  }

  private String refresh() throws Exception {
    OIDCTokens renewed = ask(new RefreshTokenGrant(tokens.getRefreshToken()));
    held = held.replace(tokens.getAccessToken().getValue(), renewed.getAccessToken().getValue());
    RefreshToken next = renewed.getRefreshToken();
    tokens =
        new OIDCTokens(
            tokens.getIDToken(), renewed.getAccessToken(), next == null ? tokens.getRefreshToken() : next);
    return "{" + accessToken() + "}";
  }

  private String accessToken() {
    return "\"access_token\":\"" + tokens.getAccessToken().getValue() + "\"";
  }

  private String introspect() throws Exception {
    TokenIntrospectionRequest request =
        new TokenIntrospectionRequest(
            provider.getIntrospectionEndpointURI(), CLIENT, tokens.getAccessToken());
    return TokenIntrospectionResponse.parse(request.toHTTPRequest().send())
        .toSuccessResponse()
        .toJSONObject()
        .toJSONString();
  }

  private URI leave() {
    held = "null";
    URI endpoint = provider.getEndSessionEndpointURI();
    return new LogoutRequest(endpoint, tokens.getIDToken(), URI.create(ORIGIN + "/"), null).toURI();
  }

  private interface Page {
    /** Text to show or an address to go to. */
    Object at(URI url) throws Exception;
  }

  private void on(HttpServer server, String path, Page page) {
    server.createContext(
        path,
        exchange -> {
          try {
            answer(exchange, page.at(URI.create(ORIGIN + exchange.getRequestURI())));
          } catch (Exception error) {
            error.printStackTrace();
            send(exchange, 500, error.toString());
          }
        });
  }

  private static void answer(HttpExchange exchange, Object result) throws java.io.IOException {
    if (result instanceof URI url) {
      exchange.getResponseHeaders().set("Location", url.toString());
      send(exchange, 302, "");
    } else {
      send(exchange, 200, result.toString());
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws java.io.IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
