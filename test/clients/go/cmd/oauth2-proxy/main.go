// oauth2-proxy itself, by the flags of its documents' page on OpenID Connect, before an app that shows what it is given.
package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"gatehouse.test/clients/internal/web"
)

// The life of a session before the proxy refreshes it; its own default is never.
const refreshAfter = time.Second

func main() {
	app := httptest.NewServer(http.HandlerFunc(serve))
	issuer, err := url.Parse(web.Issuer)
	web.Must(err)
	proxy := exec.Command(
		"bin/oauth2-proxy-itself",
		"--provider=oidc",
		"--oidc-issuer-url="+web.Issuer,
		"--client-id="+web.ClientID,
		"--client-secret="+web.ClientSecret,
		"--redirect-url="+web.Origin+"/oauth2/callback",
		"--cookie-secret=0123456789abcdef0123456789abcdef",
		"--cookie-secure=false",
		"--email-domain=*",
		"--http-address=localhost:"+os.Getenv("PORT"),
		"--upstream="+app.URL,
		"--cookie-refresh="+refreshAfter.String(),
		"--pass-access-token=true",
		"--pass-authorization-header=true",
		"--skip-auth-route=^/(me|again)?$",
		"--whitelist-domain="+issuer.Host,
	)
	proxy.Stdout, proxy.Stderr = os.Stdout, os.Stderr
	web.Must(proxy.Run())
}

func serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/me", "/again":
		web.Answer(w, heldOf(r.Header), nil)
	case "/refresh":
		// A session's age is in whole seconds.
		time.Sleep(refreshAfter + 1500*time.Millisecond)
		http.Redirect(w, r, "/again", http.StatusFound)
	case "/logout":
		http.Redirect(w, r, "/oauth2/sign_out?rd="+url.QueryEscape(web.LogoutURL("")), http.StatusFound)
	default:
		w.Write([]byte("home"))
	}
}

// heldOf reads the headers that the proxy adds for who is signed in.
func heldOf(headers http.Header) *web.Held {
	token := headers.Get("X-Forwarded-Access-Token")
	if token == "" {
		return nil
	}
	idToken := strings.TrimPrefix(headers.Get("Authorization"), "Bearer ")
	parts := strings.Split(idToken, ".")
	var claims map[string]any
	if len(parts) == 3 {
		payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
		json.Unmarshal(payload, &claims)
	}
	userinfo := map[string]string{"sub": headers.Get("X-Forwarded-User"), "email": headers.Get("X-Forwarded-Email")}
	return &web.Held{AccessToken: token, IDToken: claims, Userinfo: userinfo}
}
