package token

import (
	"crypto/sha256"
	"encoding/hex"
)

// NewPass returns the token of a one-time link, 256 random bits, and the hash
// that is kept in its place.
func NewPass() (raw, hash string) {
	raw = random()
	return raw, HashPass(raw)
}

// HashPass returns the hash of a one-time link's token. There is nothing to
// guess about what it is made of, so that it needs neither salt nor time.
func HashPass(raw string) string {
	sum := sha256.Sum256([]byte(raw))
	return hex.EncodeToString(sum[:])
}

// IsPass reports whether raw is the token with a hash.
func IsPass(raw, hash string) bool { return sameSecret([]byte(HashPass(raw)), []byte(hash)) }
