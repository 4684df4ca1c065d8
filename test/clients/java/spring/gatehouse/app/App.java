package gatehouse.app;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Boot's documents: an OAuth2 client by properties, with the logout of "OIDC Logout". */
@SpringBootApplication
@RestController
public class App {
  private static final String REGISTRATION = "gatehouse";

  private final ClientRegistrationRepository registrations;
  private final OAuth2AuthorizedClientRepository clients;

  App(ClientRegistrationRepository registrations, OAuth2AuthorizedClientRepository clients) {
    this.registrations = registrations;
    this.clients = clients;
  }

  public static void main(String[] arguments) {
    SpringApplication application = new SpringApplication(App.class);
    String client = "spring.security.oauth2.client.";
    application.setDefaultProperties(
        Map.of(
            "server.port", "${PORT}",
            client + "registration.gatehouse.client-id", "${CLIENT_ID}",
            client + "registration.gatehouse.client-secret", "${CLIENT_SECRET}",
            client + "registration.gatehouse.scope", "openid,profile,email",
            client + "provider.gatehouse.issuer-uri", "${ISSUER}"));
    application.run(arguments);
  }

  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    OidcClientInitiatedLogoutSuccessHandler logout = new OidcClientInitiatedLogoutSuccessHandler(registrations);
    logout.setPostLogoutRedirectUri("{baseUrl}");
    return http.authorizeHttpRequests(
            requests -> requests.requestMatchers("/", "/me").permitAll().anyRequest().authenticated())
        .oauth2Login(Customizer.withDefaults())
        .logout(options -> options.logoutSuccessHandler(logout))
        .build();
  }

  @GetMapping("/")
  String home() {
    return "home";
  }

  @GetMapping(value = "/me", produces = "application/json")
  Object me(OAuth2AuthenticationToken authentication, HttpServletRequest request) {
    if (authentication == null) return "null";
    OidcUser user = (OidcUser) authentication.getPrincipal();
    OAuth2AuthorizedClient client = clients.loadAuthorizedClient(REGISTRATION, authentication, request);
    return Map.of(
        "access_token", client.getAccessToken().getTokenValue(),
        "id_token", Map.of("iss", "" + user.getIssuer(), "aud", user.getAudience(), "sub", user.getSubject(),
            "email", user.getIdToken().getEmail()),
        "userinfo", user.getUserInfo().getClaims());
  }

  /** Its provider refreshes what is about to expire; here that is every token. */
  @GetMapping("/refresh")
  Object refresh(
      OAuth2AuthenticationToken authentication, HttpServletRequest request, HttpServletResponse response) {
    DefaultOAuth2AuthorizedClientManager manager =
        new DefaultOAuth2AuthorizedClientManager(registrations, clients);
    manager.setAuthorizedClientProvider(
        OAuth2AuthorizedClientProviderBuilder.builder()
            .refreshToken(options -> options.clockSkew(Duration.ofDays(1)))
            .build());
    OAuth2AuthorizedClient client =
        manager.authorize(
            OAuth2AuthorizeRequest.withClientRegistrationId(REGISTRATION)
                .principal(authentication)
                .attribute(HttpServletRequest.class.getName(), request)
                .attribute(HttpServletResponse.class.getName(), response)
                .build());
    return Map.of("access_token", client.getAccessToken().getTokenValue());
  }
}
