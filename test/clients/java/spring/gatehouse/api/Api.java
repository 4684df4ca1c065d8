package gatehouse.api;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Boot's documents: a resource server by properties, for JWTs and for tokens that are looked up. */
@SpringBootApplication
@RestController
public class Api {
  public static void main(String[] arguments) {
    SpringApplication application = new SpringApplication(Api.class);
    String server = "spring.security.oauth2.resourceserver.";
    application.setDefaultProperties(
        Map.of(
            "server.port", "${PORT}",
            server + "jwt.issuer-uri", "${ISSUER}",
            server + "jwt.audiences", "${ORIGIN}/api"));
    application.run(arguments);
  }

  @Bean
  @Order(1)
  SecurityFilterChain introspecting(HttpSecurity http) throws Exception {
    String issuer = System.getenv("ISSUER");
    return http.securityMatcher("/introspect")
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2ResourceServer(
            options ->
                options.opaqueToken(
                    token ->
                        token
                            .introspectionUri(issuer + "/introspect")
                            .introspectionClientCredentials(
                                System.getenv("CLIENT_ID"), System.getenv("CLIENT_SECRET"))))
        .build();
  }

  @Bean
  SecurityFilterChain verifying(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2ResourceServer(options -> options.jwt(Customizer.withDefaults()))
        .build();
  }

  @GetMapping("/api")
  Map<String, Object> api() {
    return Map.of("called", true);
  }

  @GetMapping("/introspect")
  Map<String, Object> introspect(BearerTokenAuthentication authentication) {
    return Map.of("client_id", authentication.getTokenAttributes().get("client_id"));
  }
}
