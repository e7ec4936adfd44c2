package identity

import (
	"net/netip"

	"github.com/google/uuid"
)

// limited is what a limit counts.
type limited byte

const (
	limitCodes limited = iota
	limitGuesses
	limitPasswords
	limitRefreshes
)

// limitKeys bounds the limiter's memory to about 2 MiB.
const limitKeys = 10_000

// limitKey is a kind and an address or a session.
type limitKey [17]byte

// addressKey keys by client: a single IPv4 address, or the /64 that one IPv6
// customer has. Whatever is no address shares one bucket.
func addressKey(kind limited, ip string) (k limitKey) {
	k[0] = byte(kind)
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return k
	}
	b := addr.As16()
	n := len(b)
	if addr = addr.Unmap(); addr.Is6() {
		n = 8
	}
	copy(k[1:], b[:n])
	return k
}

// allow counts one try of a client.
func (s *Service) allow(kind limited, c Client) error {
	if wait := s.limits.Take(addressKey(kind, c.IP), s.db.Now()); wait > 0 {
		return tooManyTries(wait)
	}
	return nil
}

// allowRefresh counts one refresh of a session. A client takes 429 for the end
// of its login, so the answer is "try again".
func (s *Service) allowRefresh(sessionID string) error {
	k := limitKey{byte(limitRefreshes)}
	id, _ := uuid.Parse(sessionID) // a parsed token's id always is one
	copy(k[1:], id[:])
	if wait := s.limits.Take(k, s.db.Now()); wait > 0 {
		return unavailable(Wait{After: wait})
	}
	return nil
}
