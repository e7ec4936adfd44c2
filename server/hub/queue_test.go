package hub

import "testing"

func TestQueue(t *testing.T) {
	t.Parallel()
	var q queue
	next, oldest := 0, 0
	push := func(n int) {
		for range n {
			q.push(&frame{seq: int64(next), size: 2})
			next++
		}
	}
	pop := func(n int) {
		t.Helper()
		for range n {
			if f := q.pop(); f == nil || f.seq != int64(oldest) {
				t.Fatalf("popped %v, want frame %d", f, oldest)
			}
			oldest++
		}
	}
	push(5)
	for range 10_000 { // never empty
		push(3)
		pop(3)
	}
	if q.len() != 5 || q.bytes != 10 || cap(q.frames) > 64 {
		t.Errorf("length %d, bytes %d, capacity %d, want 5, 10, at most 64", q.len(), q.bytes, cap(q.frames))
	}
	if q.fits(&frame{size: 1}, 5, 100) || q.fits(&frame{size: 1}, 6, 10) || !q.fits(&frame{size: 1}, 6, 11) {
		t.Error("fits ignores a limit")
	}
	pop(5)
	if q.pop() != nil || q.bytes != 0 || !q.fits(&frame{size: 1000}, 1, 1) {
		t.Error("an empty queue gave a frame, has bytes or refuses a long frame")
	}
	push(100)
	oldest = next - 100
	pop(100)
	if cap(q.frames) > keepFrames {
		t.Errorf("an empty queue keeps room for %d frames, want at most %d", cap(q.frames), keepFrames)
	}
}
