import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.pac4j.core.client.Clients;
import org.pac4j.core.config.Config;
import org.pac4j.core.context.CallContext;
import org.pac4j.core.profile.ProfileManager;
import org.pac4j.jee.context.JEEContext;
import org.pac4j.jee.context.session.JEESessionStore;
import org.pac4j.jee.filter.CallbackFilter;
import org.pac4j.jee.filter.LogoutFilter;
import org.pac4j.jee.filter.SecurityFilter;
import org.pac4j.oidc.client.OidcClient;
import org.pac4j.oidc.config.OidcConfiguration;
import org.pac4j.oidc.profile.OidcProfile;

/** pac4j's documents: an OidcClient behind the security, callback and logout filters of jee-pac4j. */
public class App {
  private static final String ORIGIN = System.getenv("ORIGIN");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final OidcClient client;

  App() {
    OidcConfiguration options = new OidcConfiguration();
    options.setClientId(System.getenv("CLIENT_ID"));
    options.setSecret(System.getenv("CLIENT_SECRET"));
    options.setDiscoveryURI(System.getenv("ISSUER") + "/.well-known/openid-configuration");
    client = new OidcClient(options);
  }

  public static void main(String[] arguments) throws Exception {
    new App().serve();
  }

  private void serve() throws Exception {
    Config config = new Config(new Clients(ORIGIN + "/callback", client));
    config.setSessionStoreFactory(parameters -> new JEESessionStore());
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    tomcat.setHostname("localhost");
    tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
    tomcat.getConnector();
    Context context = tomcat.addContext("", null);
    filter(context, "/login", new SecurityFilter(config, "OidcClient"));
    filter(context, "/callback", new CallbackFilter(config, "/me"));
    LogoutFilter logout = new LogoutFilter(config, ORIGIN + "/");
    logout.setCentralLogout(true);
    filter(context, "/logout", logout);
    tomcat.addServlet("", "pages", new Pages());
    context.addServletMappingDecoded("/*", "pages");
    tomcat.start();
    tomcat.getServer().await();
  }

  private static void filter(Context context, String path, Filter filter) {
    FilterDef definition = new FilterDef();
    definition.setFilterName(path);
    definition.setFilter(filter);
    FilterMap map = new FilterMap();
    map.setFilterName(path);
    map.addURLPattern(path);
    context.addFilterDef(definition);
    context.addFilterMap(map);
  }

  private class Pages extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      JEEContext context = new JEEContext(request, response);
      JEESessionStore sessions = new JEESessionStore();
      ProfileManager manager = new ProfileManager(context, sessions);
      OidcProfile profile = manager.getProfile(OidcProfile.class).orElse(null);
      switch (request.getRequestURI()) {
        case "/login" -> response.sendRedirect("/me");
        case "/me" -> show(response, profile);
        case "/refresh" -> {
          CallContext call = new CallContext(context, sessions);
          OidcProfile renewed = (OidcProfile) client.renewUserProfile(call, profile).orElseThrow();
          manager.save(true, renewed, false);
          show(response, renewed);
        }
        default -> response.getWriter().print("home");
      }
    }
  }

  private static void show(HttpServletResponse response, OidcProfile profile) throws IOException {
    response.setContentType("application/json");
    JSON.writeValue(response.getWriter(), profile == null ? null : heldBy(profile));
  }

  /** It puts the claims of the ID token and of userinfo into one profile. */
  private static Map<String, Object> heldBy(OidcProfile profile) {
    Map<String, Object> idToken =
        Map.of(
            "iss", profile.getIssuer(),
            "aud", profile.getAudience(),
            "sub", profile.getId(),
            "email", profile.getEmail());
    return Map.of(
        "access_token", profile.getAccessToken().getValue(),
        "id_token", idToken,
        "userinfo", Map.of("sub", profile.getId(), "email", profile.getEmail()));
  }
}
