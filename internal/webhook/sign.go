package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// secretPrefix begins every secret, so that one is known where it leaks.
	secretPrefix = "whsec_"
	// secretSize is how many random bytes a secret has.
	secretSize = 32
	// oldSecretLife is how long the secret before a rotation signs as well.
	oldSecretLife = 24 * time.Hour
)

// newSecret makes a secret.
func newSecret() string {
	key := make([]byte, secretSize)
	_, _ = rand.Read(key) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// newMessageID makes a webhook-id. It is random, so that a receiver which knows
// those of a database never takes a message of its restored copy for an old one.
func newMessageID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return "msg_" + hex.EncodeToString(id)
}

// secrets lists the secrets that sign at a time, the present one first.
func (e Endpoint) secrets(now time.Time) []string {
	if e.OldSecret != "" && now.Before(e.OldUntil) {
		return []string{e.Secret, e.OldSecret}
	}
	return []string{e.Secret}
}

// sign makes the signature header of Standard Webhooks: for each secret a
// version and the HMAC-SHA-256 of id, time and body.
func sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
		if err != nil {
			return "", fmt.Errorf("read a webhook's secret: %w", err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " "), nil
}
