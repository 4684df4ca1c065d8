// hashicorp/cap: its README's provider, with RS256 as there, and a request of two minutes.
package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/cap/oidc"

	"gatehouse.test/clients/internal/web"
)

var requests sync.Map

func main() {
	config, err := oidc.NewConfig(
		web.Issuer,
		web.ClientID,
		oidc.ClientSecret(web.ClientSecret),
		[]oidc.Alg{oidc.RS256},
		[]string{web.Callback},
		oidc.WithScopes("profile", "email"),
	)
	web.Must(err)
	provider, err := oidc.NewProvider(config)
	web.Must(err)
	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		request, err := oidc.NewRequest(2*time.Minute, web.Callback)
		if web.Failed(w, err) {
			return
		}
		requests.Store(request.State(), request)
		url, err := provider.AuthURL(r.Context(), request)
		if !web.Failed(w, err) {
			http.Redirect(w, r, url, http.StatusFound)
		}
	})
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		held, err := finish(r.Context(), provider, r.FormValue("state"), r.FormValue("code"))
		if !web.Failed(w, err) {
			web.SignIn(w, r, held)
		}
	})
	web.Serve(web.Library{})
}

func finish(ctx context.Context, provider *oidc.Provider, state, code string) (*web.Held, error) {
	request, ok := requests.LoadAndDelete(state)
	if !ok {
		return nil, oidc.ErrInvalidResponseState
	}
	token, err := provider.Exchange(ctx, request.(oidc.Request), state, code)
	if err != nil {
		return nil, err
	}
	var claims, userinfo map[string]any
	if err := token.IDToken().Claims(&claims); err != nil {
		return nil, err
	}
	err = provider.UserInfo(ctx, token.StaticTokenSource(), claims["sub"].(string), &userinfo)
	return &web.Held{
		AccessToken: string(token.AccessToken()),
		Hint:        string(token.IDToken()),
		IDToken:     claims,
		Userinfo:    userinfo,
	}, err
}
