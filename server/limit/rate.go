package limit

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate keeps one token bucket per key. The zero value is not usable.
type Rate[K comparable] struct {
	burst int
	per   time.Duration
	limit rate.Limit
	mu    sync.Mutex
	seen  *LRU[K, rate.Limiter]
}

// NewRate returns buckets that hold burst tries and win as many back in per. At
// most keys of them are kept; the one not used for longest is forgotten, and
// full when it comes back.
func NewRate[K comparable](burst int, per time.Duration, keys int) *Rate[K] {
	return &Rate[K]{burst: burst, per: per, limit: rate.Limit(float64(burst) / per.Seconds()), seen: NewLRU[K, rate.Limiter](keys)}
}

// Take counts one try and returns zero, or how long the next one has to wait.
func (l *Rate[K]) Take(key K, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.seen.Get(key)
	if bucket == nil {
		bucket = l.seen.Add(key)
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
