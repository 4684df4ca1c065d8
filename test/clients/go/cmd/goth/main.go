// markbates/goth: the openidConnect provider with gothic, as in its examples.
package main

import (
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/markbates/goth"
	"github.com/markbates/goth/gothic"
	"github.com/markbates/goth/providers/openidConnect"

	"gatehouse.test/clients/internal/web"
)

func main() {
	// The cookie is for loopback too.
	store := sessions.NewCookieStore([]byte("a long secret of the app, for its cookies"))
	store.Options.Secure = false
	gothic.Store = store
	discovery := web.Issuer + "/.well-known/openid-configuration"
	provider, err := openidConnect.New(web.ClientID, web.ClientSecret, web.Callback, discovery, "profile", "email")
	web.Must(err)
	goth.UseProviders(provider)

	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		gothic.BeginAuthHandler(w, named(r))
	})
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		user, err := gothic.CompleteUserAuth(w, named(r))
		if web.Failed(w, err) {
			return
		}
		web.SignIn(w, r, &web.Held{
			AccessToken:  user.AccessToken,
			RefreshToken: user.RefreshToken,
			Hint:         user.IDToken,
			IDToken:      user.RawData,
			Userinfo:     map[string]string{"sub": user.UserID, "email": user.Email},
		})
	})
	web.Serve(web.Library{Refresh: func(_ *http.Request, held *web.Held) error {
		token, err := provider.RefreshToken(held.RefreshToken)
		if err == nil {
			held.AccessToken, held.RefreshToken = token.AccessToken, token.RefreshToken
		}
		return err
	}})
}

func named(r *http.Request) *http.Request {
	return gothic.GetContextWithProvider(r, "openid-connect")
}
