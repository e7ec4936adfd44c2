package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/tmates/tmates/store/tmates"
)

// Digits returns the digits of a one-time code, n of them, 6 to 10. They follow
// from the code's purpose, user, address and nonce and from a key outside the
// database: nothing code-like is stored, and a code that lives can be shown
// again. With random nonces they are uniform over 10^n to within 2^-94.
func (s *Secrets) Digits(c tmates.Code, n int) string {
	sum := s.codeMAC(c.Purpose, c.UserID, c.Email, string(c.Nonce))
	space := uint64(1)
	for range n {
		space *= 10
	}
	value := bits.Rem64(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]), space)
	return fmt.Sprintf("%0*d", n, value)
}

func (s *Secrets) codeMAC(parts ...string) []byte {
	mac := hmac.New(sha256.New, s.code)
	for _, part := range parts {
		// The length in front keeps neighbouring parts from running together.
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// Guessed reports whether guess is the digits of the code.
func (s *Secrets) Guessed(c tmates.Code, n int, guess string) bool {
	return sameSecret([]byte(s.Digits(c, n)), []byte(guess))
}
