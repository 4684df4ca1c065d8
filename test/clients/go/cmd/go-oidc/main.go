// go-oidc with x/oauth2, as in go-oidc's example/idtoken and example/userinfo.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"gatehouse.test/clients/internal/web"
)

var (
	verifier *oidc.IDTokenVerifier
	provider *oidc.Provider
	config   oauth2.Config
)

func main() {
	var err error
	provider, err = oidc.NewProvider(context.Background(), web.Issuer)
	web.Must(err)
	verifier = provider.Verifier(&oidc.Config{ClientID: web.ClientID})
	config = oauth2.Config{
		ClientID:     web.ClientID,
		ClientSecret: web.ClientSecret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  web.Callback,
		Scopes:       []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}
	http.HandleFunc("/login", login)
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		held, err := finish(r)
		if !web.Failed(w, err) {
			web.SignIn(w, r, held)
		}
	})
	web.Serve(web.Library{Refresh: refresh})
}

func login(w http.ResponseWriter, r *http.Request) {
	state, nonce := rand.Text(), rand.Text()
	http.SetCookie(w, &http.Cookie{Name: "state", Value: state, HttpOnly: true})
	http.SetCookie(w, &http.Cookie{Name: "nonce", Value: nonce, HttpOnly: true})
	http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(nonce)), http.StatusFound)
}

func finish(r *http.Request) (*web.Held, error) {
	state, err := r.Cookie("state")
	if err != nil || r.URL.Query().Get("state") != state.Value {
		return nil, errors.New("state did not match")
	}
	token, err := config.Exchange(r.Context(), r.URL.Query().Get("code"))
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := verifier.Verify(r.Context(), raw)
	if err != nil {
		return nil, err
	}
	nonce, err := r.Cookie("nonce")
	if err != nil || idToken.Nonce != nonce.Value {
		return nil, errors.New("nonce did not match")
	}
	return heldOf(r.Context(), token, idToken, raw)
}

func heldOf(ctx context.Context, token *oauth2.Token, idToken *oidc.IDToken, raw string) (*web.Held, error) {
	var claims, userinfo map[string]any
	if err := idToken.Claims(&claims); err != nil {
		return nil, err
	}
	person, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, err
	}
	err = person.Claims(&userinfo)
	return &web.Held{
		AccessToken:  token.AccessToken,
		RefreshToken: token.RefreshToken,
		Hint:         raw,
		IDToken:      claims,
		Userinfo:     userinfo,
	}, err
}

// refresh lets the token source do it, which it does for a token that is not valid any more.
func refresh(r *http.Request, held *web.Held) error {
	token, err := config.TokenSource(r.Context(), &oauth2.Token{RefreshToken: held.RefreshToken}).Token()
	if err == nil {
		held.AccessToken, held.RefreshToken = token.AccessToken, token.RefreshToken
	}
	return err
}
