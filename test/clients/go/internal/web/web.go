// Package web is the app around a library: a session for each browser, and the paths at which the run looks.
package web

import (
	"crypto/rand"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
)

var (
	Issuer       = os.Getenv("ISSUER")
	ClientID     = os.Getenv("CLIENT_ID")
	ClientSecret = os.Getenv("CLIENT_SECRET")
	Origin       = os.Getenv("ORIGIN")
	Callback     = Origin + "/callback"
)

// Held is what the app has of the person who is signed in.
type Held struct {
	AccessToken  string `json:"access_token"`
	IDToken      any    `json:"id_token,omitempty"`
	Userinfo     any    `json:"userinfo,omitempty"`
	RefreshToken string `json:"-"`
	Hint         string `json:"-"`
}

// Library is what a library has means for beyond the sign-in.
type Library struct {
	Refresh    func(*http.Request, *Held) error
	Introspect func(*http.Request, *Held) (any, error)
}

var (
	mutex    sync.Mutex
	sessions = map[string]*Held{}
)

// SignIn begins a session of the app and shows it.
func SignIn(w http.ResponseWriter, r *http.Request, held *Held) {
	id := rand.Text()
	mutex.Lock()
	sessions[id] = held
	mutex.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "app", Value: id, Path: "/", HttpOnly: true})
	http.Redirect(w, r, "/me", http.StatusFound)
}

func heldBy(r *http.Request) *Held {
	cookie, err := r.Cookie("app")
	if err != nil {
		return nil
	}
	mutex.Lock()
	defer mutex.Unlock()
	return sessions[cookie.Value]
}

// Serve adds the paths that all apps have, and listens.
func Serve(library Library) {
	http.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("home")) })
	http.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) { Answer(w, heldBy(r), nil) })
	http.HandleFunc("/refresh", func(w http.ResponseWriter, r *http.Request) {
		held := heldBy(r)
		err := library.Refresh(r, held)
		Answer(w, held, err)
	})
	http.HandleFunc("/introspect", func(w http.ResponseWriter, r *http.Request) {
		answer, err := library.Introspect(r, heldBy(r))
		Answer(w, answer, err)
	})
	http.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		hint := heldBy(r).Hint
		cookie, _ := r.Cookie("app")
		mutex.Lock()
		delete(sessions, cookie.Value)
		mutex.Unlock()
		http.Redirect(w, r, LogoutURL(hint), http.StatusFound)
	})
	log.Fatal(http.ListenAndServe("localhost:"+os.Getenv("PORT"), nil))
}

// LogoutURL is the app's link to the provider's logout: none of these libraries has one.
func LogoutURL(hint string) string {
	parameters := url.Values{"client_id": {ClientID}, "post_logout_redirect_uri": {Origin + "/"}}
	if hint != "" {
		parameters.Set("id_token_hint", hint)
	}
	return Issuer + "/logout?" + parameters.Encode()
}

// Answer writes JSON, or what went wrong.
func Answer(w http.ResponseWriter, value any, err error) {
	if Failed(w, err) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}

// Failed tells the browser and the log.
func Failed(w http.ResponseWriter, err error) bool {
	if err == nil {
		return false
	}
	log.Print(err)
	http.Error(w, err.Error(), http.StatusInternalServerError)
	return true
}

// Must ends the program.
func Must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
