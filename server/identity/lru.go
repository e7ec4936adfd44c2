package identity

// lru is a map of bounded size that forgets what was not used for longest. It
// needs a lock around it. Values live inside the entries: ten thousand of them
// are all the memory a flood of addresses can take.
type lru[K comparable, V any] struct {
	max  int
	at   map[K]*entry[K, V]
	ring entry[K, V] // ring.next is the newest, ring.prev the oldest
}

type entry[K comparable, V any] struct {
	prev, next *entry[K, V]
	key        K
	value      V
}

func newLRU[K comparable, V any](size int) *lru[K, V] {
	l := &lru[K, V]{max: size, at: map[K]*entry[K, V]{}}
	l.ring.prev, l.ring.next = &l.ring, &l.ring
	return l
}

// get returns the value of a key, or nil.
func (l *lru[K, V]) get(key K) *V {
	e := l.at[key]
	if e == nil {
		return nil
	}
	l.unlink(e)
	l.front(e)
	return &e.value
}

// add returns a zero value for a key that is not there.
func (l *lru[K, V]) add(key K) *V {
	if len(l.at) >= l.max {
		l.remove(l.ring.prev.key)
	}
	e := &entry[K, V]{key: key}
	l.at[key] = e
	l.front(e)
	return &e.value
}

func (l *lru[K, V]) remove(key K) {
	if e := l.at[key]; e != nil {
		l.unlink(e)
		delete(l.at, key)
	}
}

func (l *lru[K, V]) unlink(e *entry[K, V]) { e.prev.next, e.next.prev = e.next, e.prev }

func (l *lru[K, V]) front(e *entry[K, V]) {
	e.prev, e.next = &l.ring, l.ring.next
	e.prev.next, e.next.prev = e, e
}
