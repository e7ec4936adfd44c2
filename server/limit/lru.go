package limit

// LRU is a map of bounded size that forgets what was not used for longest. It
// needs a lock around it. Values live inside the entries: ten thousand of them
// are all the memory a flood of addresses can take.
type LRU[K comparable, V any] struct {
	max  int
	at   map[K]*entry[K, V]
	ring entry[K, V] // ring.next is the newest, ring.prev the oldest
}

type entry[K comparable, V any] struct {
	prev, next *entry[K, V]
	key        K
	value      V
}

// NewLRU returns an empty map for at most size entries.
func NewLRU[K comparable, V any](size int) *LRU[K, V] {
	l := &LRU[K, V]{max: size, at: map[K]*entry[K, V]{}}
	l.ring.prev, l.ring.next = &l.ring, &l.ring
	return l
}

// Get returns the value of a key, or nil.
func (l *LRU[K, V]) Get(key K) *V {
	e := l.at[key]
	if e == nil {
		return nil
	}
	l.unlink(e)
	l.front(e)
	return &e.value
}

// Add returns a zero value for a key that is not there.
func (l *LRU[K, V]) Add(key K) *V {
	if len(l.at) >= l.max {
		l.Remove(l.ring.prev.key)
	}
	e := &entry[K, V]{key: key}
	l.at[key] = e
	l.front(e)
	return &e.value
}

// Remove forgets a key.
func (l *LRU[K, V]) Remove(key K) {
	if e := l.at[key]; e != nil {
		l.unlink(e)
		delete(l.at, key)
	}
}

// RemoveFunc forgets every entry whose value fits.
func (l *LRU[K, V]) RemoveFunc(fits func(*V) bool) {
	for key, e := range l.at {
		if fits(&e.value) {
			l.Remove(key)
		}
	}
}

func (l *LRU[K, V]) unlink(e *entry[K, V]) { e.prev.next, e.next.prev = e.next, e.prev }

func (l *LRU[K, V]) front(e *entry[K, V]) {
	e.prev, e.next = &l.ring, l.ring.next
	e.prev.next, e.next.prev = e, e
}
