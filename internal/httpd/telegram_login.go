package httpd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// loginAge is how old what Telegram signed may be, and loginAhead how far
	// its clock may be ahead of ours.
	loginAge   = 24 * time.Hour
	loginAhead = 5 * time.Minute
)

// ErrLogin says that Telegram did not sign what somebody brings, or too long ago.
var ErrLogin = errors.New("not signed by Telegram for this bot, or too long ago")

// Verifier tells whether Telegram signed who somebody is.
// https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
// https://core.telegram.org/widgets/login#checking-authorization
type Verifier struct {
	app, widget []byte // the keys, made of the bot's token
	clock       func() time.Time
}

// NewVerifier makes it for the bot of a token.
func NewVerifier(token string, clock func() time.Time) Verifier {
	app := hmac.New(sha256.New, []byte("WebAppData"))
	app.Write([]byte(token))
	widget := sha256.Sum256([]byte(token))
	return Verifier{app: app.Sum(nil), widget: widget[:], clock: clock}
}

// AppUser gives the user of a Mini App's initData.
func (v Verifier) AppUser(initData string) (int64, error) {
	// A plus is a space in what a form encodes, and itself in what a path does;
	// clients differ, and only one reading has the signature.
	for _, unescape := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
		fields, err := fieldsOf(initData, unescape)
		if err != nil || !v.signed(fields, v.app) {
			continue
		}
		var user struct {
			ID    int64 `json:"id"`
			IsBot bool  `json:"is_bot"`
		}
		if err := json.Unmarshal([]byte(fields["user"]), &user); err != nil || user.ID <= 0 || user.IsBot {
			return 0, ErrLogin
		}
		return user.ID, nil
	}
	return 0, ErrLogin
}

// WidgetUser gives the user of the Login Widget's data.
func (v Verifier) WidgetUser(fields map[string]string) (int64, error) {
	id, err := strconv.ParseInt(fields["id"], 10, 64)
	if err != nil || id <= 0 || !v.signed(fields, v.widget) {
		return 0, ErrLogin
	}
	return id, nil
}

// fieldsOf takes a query apart, each value decoded once.
func fieldsOf(query string, unescape func(string) (string, error)) (map[string]string, error) {
	fields := map[string]string{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, wrong := unescape(name)
		value, err := unescape(value)
		if _, twice := fields[name]; twice || wrong != nil || err != nil {
			return nil, ErrLogin
		}
		fields[name] = value
	}
	return fields, nil
}

// signed reports whether Telegram signed the fields, not too long ago. A line
// break in a value could make one field of another, and is in none of
// Telegram's.
func (v Verifier) signed(fields map[string]string, key []byte) bool {
	lines := make([]string, 0, len(fields))
	for name, value := range fields {
		if strings.ContainsAny(name+value, "\n\r") {
			return false
		}
		if name != "hash" {
			lines = append(lines, name+"="+value)
		}
	}
	slices.Sort(lines)
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(strings.Join(lines, "\n")))
	given, err := hex.DecodeString(fields["hash"])
	if err != nil || !hmac.Equal(given, sum.Sum(nil)) {
		return false
	}
	seconds, err := strconv.ParseInt(fields["auth_date"], 10, 64)
	if err != nil {
		return false
	}
	age := v.clock().Sub(time.Unix(seconds, 0))
	return age <= loginAge && age >= -loginAhead
}
