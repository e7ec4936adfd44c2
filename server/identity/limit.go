package identity

import (
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"
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

// limiter keeps one token bucket per kind and client.
type limiter struct {
	burst int
	per   time.Duration
	limit rate.Limit
	mu    sync.Mutex
	seen  *lru[limitKey, rate.Limiter]
}

func newLimiter(burst int, per time.Duration) *limiter {
	return &limiter{burst: burst, per: per, limit: rate.Limit(float64(burst) / per.Seconds()), seen: newLRU[limitKey, rate.Limiter](limitKeys)}
}

// take counts one try and returns zero, or how long the next one has to wait.
func (l *limiter) take(key limitKey, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.seen.get(key)
	if bucket == nil {
		bucket = l.seen.add(key)
		// A zero bucket is empty: as one that was idle for the whole period it
		// begins full.
		bucket.SetLimitAt(now.Add(-l.per), l.limit)
		bucket.SetBurstAt(now.Add(-l.per), l.burst)
	}
	r := bucket.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

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
	if wait := s.limits.take(addressKey(kind, c.IP), s.db.Now()); wait > 0 {
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
	if wait := s.limits.take(k, s.db.Now()); wait > 0 {
		return unavailable(Wait{After: wait})
	}
	return nil
}
