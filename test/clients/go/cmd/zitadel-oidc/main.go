// zitadel/oidc: the relying party of its example/client/app and the resource server of example/client/api.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/client/rs"
	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"gatehouse.test/clients/internal/web"
)

func main() {
	ctx := context.Background()
	key := []byte("test1234test1234")
	cookies := httphelper.NewCookieHandler(key, key, httphelper.WithUnsecure())
	options := []rp.Option{
		rp.WithCookieHandler(cookies),
		rp.WithVerifierOpts(rp.WithIssuedAtOffset(5 * time.Second)),
		rp.WithSigningAlgsFromDiscovery(),
	}
	scopes := []string{"openid", "profile", "email"}
	party, err := rp.NewRelyingPartyOIDC(ctx, web.Issuer, web.ClientID, web.ClientSecret, web.Callback, scopes, options...)
	web.Must(err)
	resource, err := rs.NewResourceServerClientCredentials(ctx, web.Issuer, web.ClientID, web.ClientSecret)
	web.Must(err)

	// The prompt is the example's own.
	http.Handle("/login", rp.AuthURLHandler(rand.Text, party, rp.WithPromptURLParam("Welcome back!")))
	http.Handle("/callback", rp.CodeExchangeHandler(rp.UserinfoCallback(signIn), party))
	web.Serve(web.Library{
		Refresh: func(r *http.Request, held *web.Held) error {
			tokens, err := rp.RefreshTokens[*oidc.IDTokenClaims](r.Context(), party, held.RefreshToken, "", "")
			if err == nil {
				held.AccessToken, held.RefreshToken = tokens.AccessToken, tokens.RefreshToken
			}
			return err
		},
		Introspect: func(r *http.Request, held *web.Held) (any, error) {
			return rs.Introspect[*oidc.IntrospectionResponse](r.Context(), resource, held.AccessToken)
		},
	})
}

func signIn(
	w http.ResponseWriter,
	r *http.Request,
	tokens *oidc.Tokens[*oidc.IDTokenClaims],
	_ string,
	_ rp.RelyingParty,
	info *oidc.UserInfo,
) {
	web.SignIn(w, r, &web.Held{
		AccessToken:  tokens.AccessToken,
		RefreshToken: tokens.RefreshToken,
		Hint:         tokens.IDToken,
		IDToken:      asMap(tokens.IDTokenClaims),
		Userinfo:     asMap(info),
	})
}

func asMap(value any) (found map[string]any) {
	text, _ := json.Marshal(value)
	json.Unmarshal(text, &found)
	return found
}
